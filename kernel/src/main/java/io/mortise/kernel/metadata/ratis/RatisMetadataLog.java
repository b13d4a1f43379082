// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.metadata.ratis;

import io.mortise.kernel.metadata.MetadataLog;
import io.mortise.kernel.runtime.DiskFileLayer;
import io.mortise.spi.Reason;
import io.mortise.spi.RefusedException;

import org.apache.ratis.client.RaftClient;
import org.apache.ratis.conf.Parameters;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.retry.RetryPolicies;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.storage.RaftStorage.StartupOption;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.util.TimeDuration;
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
    private static final TimeDuration PAUSE = TimeDuration.valueOf(100, TimeUnit.MILLISECONDS);

    private final RatisSettings settings;
    private final List<byte[]> seed;
    private final RandomGenerator random;
    private @Nullable RaftServer server;
    private @Nullable RaftClient client;

    /**
     * @param seed what a new group begins with, as {@link MetadataLog.StateMachine#snapshot} gave
     *     it; used by the founder only
     */
    public RatisMetadataLog(RatisSettings settings, List<byte[]> seed, RandomGenerator random) {
        this.settings = settings;
        this.seed = List.copyOf(seed);
        this.random = random;
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
                        .setRetryPolicy(
                                RetryPolicies.retryUpToMaximumCountWithFixedSleep(
                                        settings.attempts(), PAUSE))
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
                    "The metadata group has no leader yet; this node goes on with what it knows:"
                            + " {}",
                    e.getMessage());
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
        send(new GroupEntry(GroupEntry.Kind.BARRIER, first, second, new byte[0]));
        await(passed, "the entries that the group has");
    }

    private void found() throws IOException {
        List<byte[]> chunks = seed.isEmpty() ? List.of(new byte[0]) : seed;
        for (int i = 0; i < chunks.size(); i++) {
            send(new GroupEntry(GroupEntry.Kind.FOUNDING, i, chunks.size(), chunks.get(i)));
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

    @Override
    public CompletionStage<Void> propose(byte[] entry) {
        try {
            send(new GroupEntry(GroupEntry.Kind.PROPOSAL, 0, 0, entry));
            return CompletableFuture.completedFuture(null);
        } catch (IOException e) {
            LOG.debug("A proposal failed.", e);
            return CompletableFuture.failedFuture(
                    new RefusedException(
                            Reason.METADATA_UNAVAILABLE,
                            "the metadata group has no majority or no leader: " + e.getMessage()));
        }
    }

    private void send(GroupEntry entry) throws IOException {
        RaftClient sender = client;
        if (sender == null) {
            throw new IOException("the metadata log is not open");
        }
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
            long timeoutMillis = TimeUnit.SECONDS.toMillis(30);
            sender.getSnapshotManagementApi(GroupProperties.id(settings.nodeId()))
                    .create(1, timeoutMillis);
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
