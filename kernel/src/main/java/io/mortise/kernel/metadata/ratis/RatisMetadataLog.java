// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.metadata.ratis;

import io.mortise.kernel.metadata.MetadataLog;
import io.mortise.kernel.runtime.DiskFileLayer;
import io.mortise.spi.Reason;
import io.mortise.spi.RefusedException;
import io.mortise.spi.runtime.Clock;

import org.apache.ratis.client.RaftClient;
import org.apache.ratis.conf.Parameters;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.server.DivisionInfo;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.storage.RaftStorage.StartupOption;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.random.RandomGenerator;

/**
 * The carrier of two nodes and more: one Ratis group. Any node may propose; the leader orders.
 * Reads never go through Ratis: they are from the image of their node.
 *
 * <p>A new group gets its first state from the node of the lowest id: nothing, or the snapshot of
 * what was a single node. Ratis writes its own files, so this carrier is proved against kill -9,
 * not against power loss.
 */
public final class RatisMetadataLog implements MetadataLog {
    private static final Logger LOG = LoggerFactory.getLogger(RatisMetadataLog.class);
    private static final long FOUNDING_SECONDS = 120;
    private static final long START_MILLIS = 15_000;
    private static final long SNAPSHOT_MILLIS = 30_000;

    private final RatisSettings settings;
    private final List<byte[]> seed;
    private final RandomGenerator random;
    private final Patience patience;
    private @Nullable RaftServer server;
    private @Nullable RaftClient client;

    /** The last proposal found no majority. */
    private volatile boolean away;

    /**
     * @param seed what a new group begins with, as {@link MetadataLog.StateMachine#snapshot} gave
     *     it; used by the founder only
     */
    public RatisMetadataLog(
            RatisSettings settings, List<byte[]> seed, RandomGenerator random, Clock clock) {
        this.settings = settings;
        this.seed = List.copyOf(seed);
        this.random = random;
        this.patience = new Patience(clock);
    }

    @Override
    public void start(StateMachine machine) throws IOException {
        RaftGroup raftGroup = GroupProperties.group(settings);
        String groupName = raftGroup.getGroupId().getUuid().toString();
        GroupStateMachine group =
                new GroupStateMachine(
                        machine, settings.directory().resolve(groupName).resolve("sm"));
        server = server(group, raftGroup);
        server.start();
        client =
                RaftClient.newBuilder()
                        .setProperties(GroupProperties.of(settings))
                        .setParameters(new Parameters())
                        .setRaftGroup(raftGroup)
                        .setRetryPolicy(patience)
                        .build();
        try {
            join(group);
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
    }

    private RaftServer server(GroupStateMachine group, RaftGroup raftGroup) throws IOException {
        DiskFileLayer files = new DiskFileLayer(settings.directory());
        boolean present = files.exists(raftGroup.getGroupId().getUuid() + "/current/raft-meta");
        return RaftServer.newBuilder()
                .setServerId(GroupProperties.id(settings.nodeId()))
                .setGroup(raftGroup)
                .setProperties(GroupProperties.of(settings))
                .setParameters(new Parameters())
                .setStateMachine(group)
                .setOption(present ? StartupOption.RECOVER : StartupOption.FORMAT)
                .build();
    }

    /**
     * Catches up with the group, founds it if it is new; without a majority a node goes on with
     * what it knows.
     */
    private void join(GroupStateMachine group) throws IOException {
        try {
            passBarrier(group);
        } catch (IOException e) {
            if (!group.founded().isDone()) {
                throw new IOException(
                        "the metadata group "
                                + settings.peers()
                                + " has no leader and this node no state: "
                                + e.getMessage(),
                        e);
            }
            LOG.warn(
                    "The metadata group {} has no leader yet; this node goes on with what it"
                            + " knows.",
                    settings.peers());
            LOG.debug("The barrier was not passed.", e);
            return;
        }
        if (!group.founded().isDone() && settings.founder()) {
            found();
        }
        await(group.founded(), "the state that node " + lowest() + " gives a new group");
    }

    private int lowest() {
        return settings.peers().stream().mapToInt(RatisSettings.Peer::id).min().orElseThrow();
    }

    private void passBarrier(GroupStateMachine group) throws IOException {
        long first = random.nextLong();
        long second = random.nextLong();
        CompletableFuture<Void> passed = group.barrier(first, second);
        send(new GroupEntry(GroupEntry.Kind.BARRIER, first, second, new byte[0]), START_MILLIS);
        await(passed, "the entries that the group has");
    }

    private void found() throws IOException {
        List<byte[]> chunks = seed.isEmpty() ? List.of(new byte[0]) : seed;
        for (int i = 0; i < chunks.size(); i++) {
            send(
                    new GroupEntry(GroupEntry.Kind.FOUNDING, i, chunks.size(), chunks.get(i)),
                    START_MILLIS);
        }
    }

    private static void await(CompletableFuture<Void> future, String what) throws IOException {
        try {
            future.get(FOUNDING_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new IOException("waited " + FOUNDING_SECONDS + " s in vain for " + what, e);
        } catch (ExecutionException e) {
            throw new IOException("failed to get " + what, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while waiting for " + what, e);
        }
    }

    /** Whether this node leads the group and may answer for it. */
    public boolean leads() {
        RaftServer serving = server;
        try {
            return serving != null
                    && serving.getDivision(GroupProperties.group(settings).getGroupId())
                            .getInfo()
                            .isLeaderReady();
        } catch (IOException e) {
            return false;
        }
    }

    /**
     * Whether this node knows no leader: elections go on by themselves, so nothing is to be sent.
     */
    private boolean leaderless() {
        RaftServer serving = server;
        try {
            DivisionInfo info =
                    serving == null
                            ? null
                            : serving.getDivision(GroupProperties.group(settings).getGroupId())
                                    .getInfo();
            return info == null
                    || info.isCandidate()
                    || (info.isFollower() && info.getLeaderId() == null);
        } catch (IOException e) {
            return true;
        }
    }

    /**
     * Waits through an election; where the last proposal waited in vain and there is no leader
     * still, the next one does not.
     */
    @Override
    public CompletionStage<Void> propose(byte[] entry) {
        if (away && leaderless()) {
            return unavailable("no leader is elected yet");
        }
        try {
            send(new GroupEntry(GroupEntry.Kind.PROPOSAL, 0, 0, entry), settings.patienceMillis());
            away = false;
            return CompletableFuture.completedFuture(null);
        } catch (IOException e) {
            LOG.debug("A proposal failed.", e);
            away = true;
            return unavailable("no answer within " + settings.patienceMillis() / 1_000 + " s");
        }
    }

    private static CompletionStage<Void> unavailable(String why) {
        return CompletableFuture.failedFuture(
                new RefusedException(
                        Reason.METADATA_UNAVAILABLE,
                        "the metadata group has no majority or no leader: " + why));
    }

    private void send(GroupEntry entry, long millis) throws IOException {
        RaftClient sender = client;
        if (sender == null) {
            throw new IOException("the metadata log is not open");
        }
        patience.begin(millis);
        RaftClientReply reply =
                sender.io().send(Message.valueOf(ByteString.copyFrom(entry.bytes())));
        if (!reply.isSuccess()) {
            throw new IOException(String.valueOf(reply.getException()));
        }
    }

    @Override
    public void snapshot() throws IOException {
        RaftClient sender = client;
        if (sender != null) {
            patience.begin(SNAPSHOT_MILLIS);
            sender.getSnapshotManagementApi(GroupProperties.id(settings.nodeId()))
                    .create(1, SNAPSHOT_MILLIS);
        }
    }

    @Override
    public void close() throws IOException {
        RaftClient sender = client;
        RaftServer serving = server;
        client = null;
        server = null;
        if (sender != null) {
            sender.close();
        }
        if (serving != null) {
            serving.close();
        }
    }
}
