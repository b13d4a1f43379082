// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.metadata.ratis;

import io.mortise.kernel.metadata.MetadataLog;
import io.mortise.kernel.metadata.SnapshotFile;
import io.mortise.kernel.runtime.DiskFileLayer;

import org.apache.ratis.io.MD5Hash;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.raftlog.RaftLog;
import org.apache.ratis.server.storage.FileInfo;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.statemachine.StateMachineStorage;
import org.apache.ratis.statemachine.TransactionContext;
import org.apache.ratis.statemachine.impl.BaseStateMachine;
import org.apache.ratis.statemachine.impl.SimpleStateMachineStorage;
import org.apache.ratis.statemachine.impl.SingleFileSnapshotInfo;
import org.apache.ratis.util.MD5FileUtil;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Stands between Ratis and the metadata's own state machine. Ratis calls from one thread at a time.
 */
final class GroupStateMachine extends BaseStateMachine {
    private static final Logger LOG = LoggerFactory.getLogger(GroupStateMachine.class);

    private final MetadataLog.StateMachine machine;
    private final Path directory;
    private final SimpleStateMachineStorage storage = new SimpleStateMachineStorage();
    private final CompletableFuture<Void> founded = new CompletableFuture<>();
    private final Map<Barrier, CompletableFuture<Void>> barriers = new ConcurrentHashMap<>();
    private final List<byte[]> founding = new ArrayList<>();

    private record Barrier(long first, long second) {}

    /**
     * @param directory where Ratis keeps the group's snapshots
     */
    GroupStateMachine(MetadataLog.StateMachine machine, Path directory) {
        this.machine = machine;
        this.directory = directory;
    }

    /** Completes when the group has its first state. */
    CompletableFuture<Void> founded() {
        return founded;
    }

    /** Completes when the barrier of that name is applied here. */
    CompletableFuture<Void> barrier(long first, long second) {
        return barriers.computeIfAbsent(new Barrier(first, second), _ -> new CompletableFuture<>());
    }

    @Override
    public void initialize(RaftServer server, RaftGroupId groupId, RaftStorage raftStorage)
            throws IOException {
        super.initialize(server, groupId, raftStorage);
        storage.init(raftStorage);
        restore();
    }

    /** Another node's snapshot has arrived. */
    @Override
    public void reinitialize() throws IOException {
        restore();
    }

    private void restore() throws IOException {
        SingleFileSnapshotInfo snapshot = storage.loadLatestSnapshot();
        if (snapshot == null) {
            return;
        }
        String name = String.valueOf(snapshot.getFile().getPath().getFileName());
        machine.restore(SnapshotFile.read(new DiskFileLayer(directory), name));
        setLastAppliedTermIndex(snapshot.getTermIndex());
        founding.clear();
        founded.complete(null);
    }

    @Override
    public CompletableFuture<Message> applyTransaction(TransactionContext transaction) {
        var logEntry = transaction.getLogEntry();
        try {
            apply(
                    GroupEntry.parse(
                            transaction
                                    .getStateMachineLogEntry()
                                    .getLogData()
                                    .asReadOnlyByteBuffer()));
        } catch (IllegalArgumentException e) {
            LOG.error("{}; this node keeps what it knew.", e.getMessage());
            return CompletableFuture.failedFuture(e);
        }
        updateLastAppliedTermIndex(logEntry.getTerm(), logEntry.getIndex());
        return CompletableFuture.completedFuture(Message.EMPTY);
    }

    private void apply(GroupEntry entry) {
        switch (entry.kind()) {
            case PROPOSAL -> machine.apply(entry.payload());
            case FOUNDING -> found(entry);
            case BARRIER -> pass(new Barrier(entry.first(), entry.second()));
        }
    }

    /** Only a group without state is founded; a founder that died half-way begins again. */
    private void found(GroupEntry entry) {
        if (founded.isDone()) {
            return;
        }
        if (entry.first() == 0) {
            founding.clear();
        }
        if (entry.first() == founding.size()) {
            founding.add(entry.payload());
        }
        if (founding.size() == entry.second()) {
            List<byte[]> chunks = new ArrayList<>(founding);
            chunks.removeIf(chunk -> chunk.length == 0);
            if (!chunks.isEmpty()) {
                machine.restore(chunks);
            }
            founding.clear();
            founded.complete(null);
        }
    }

    private void pass(Barrier barrier) {
        CompletableFuture<Void> waiting = barriers.remove(barrier);
        if (waiting != null) {
            waiting.complete(null);
        }
    }

    @Override
    public long takeSnapshot() throws IOException {
        TermIndex last = getLastAppliedTermIndex();
        if (!founded.isDone() || last == null || last.getIndex() < 0) {
            return RaftLog.INVALID_LOG_INDEX;
        }
        String name =
                SimpleStateMachineStorage.getSnapshotFileName(last.getTerm(), last.getIndex());
        SnapshotFile.write(
                new DiskFileLayer(directory), "", name, last.getIndex() + 1, machine.snapshot());
        Path path = directory.resolve(name);
        MD5Hash digest = MD5FileUtil.computeAndSaveMd5ForFile(path.toFile());
        storage.updateLatestSnapshot(new SingleFileSnapshotInfo(new FileInfo(path, digest), last));
        return last.getIndex();
    }

    @Override
    public StateMachineStorage getStateMachineStorage() {
        return storage;
    }

    @Override
    public SingleFileSnapshotInfo getLatestSnapshot() {
        return storage.getLatestSnapshot();
    }
}
