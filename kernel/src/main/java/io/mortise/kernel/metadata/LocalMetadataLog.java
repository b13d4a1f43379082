// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.metadata;

import io.mortise.spi.Reason;
import io.mortise.spi.RefusedException;
import io.mortise.spi.runtime.FileLayer;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The carrier of a single node: one append-only file, forced before an entry is told. It has no
 * thread: an entry is written and told by the one who proposes it, one at a time.
 *
 * <p>After a failed write or force the file's end is unknown, so the next proposal first cuts the
 * file back to what is known to be durable; while that fails, proposals fail with
 * METADATA_UNAVAILABLE.
 */
public final class LocalMetadataLog implements MetadataLog {
    private static final Logger LOG = LoggerFactory.getLogger(LocalMetadataLog.class);

    private final FileLayer files;
    private final String directory;
    private final long snapshotBytes;
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable StateMachine machine;
    private @Nullable FrameFile active;
    private boolean suspect;
    private long dueBytes;

    /**
     * @param directory below the layer's root, made if absent
     * @param snapshotBytes about how long the log may grow before a snapshot replaces it, or as
     *     long as the last snapshot if that was longer, so that snapshots cost no more than the log
     *     itself
     */
    public LocalMetadataLog(FileLayer files, String directory, long snapshotBytes) {
        this.files = files;
        this.directory = directory;
        this.snapshotBytes = snapshotBytes;
        this.dueBytes = snapshotBytes;
    }

    @Override
    public void start(StateMachine machine) throws IOException {
        lock.lock();
        try {
            files.createDirectories(directory);
            LocalRecovery recovery = new LocalRecovery(files, directory);
            active = recovery.recover(machine);
            this.machine = machine;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public CompletionStage<Void> propose(byte[] entry) {
        lock.lock();
        try {
            FrameFile file = active;
            StateMachine told = machine;
            if (file == null || told == null) {
                return unavailable("the metadata log is not open");
            }
            append(file, entry);
            told.apply(entry);
            snapshotIfDue(file);
            return CompletableFuture.completedFuture(null);
        } catch (IOException e) {
            suspect = true;
            return unavailable(
                    "the metadata log " + directory + " cannot be written: " + e.getMessage());
        } finally {
            lock.unlock();
        }
    }

    private void append(FrameFile file, byte[] entry) throws IOException {
        if (suspect) {
            file.cutToDurable();
            suspect = false;
        }
        file.append(entry);
        file.force();
    }

    private void snapshotIfDue(FrameFile file) {
        if (file.size() < dueBytes) {
            return;
        }
        try {
            snapshot();
        } catch (IOException e) {
            LOG.warn(
                    "No snapshot of the metadata could be written; the log grows on: {}",
                    e.toString());
        }
    }

    @Override
    public void snapshot() throws IOException {
        lock.lock();
        try {
            FrameFile old = active;
            StateMachine told = machine;
            if (old == null || told == null || old.nextIndex() == old.firstIndex()) {
                return;
            }
            if (suspect) {
                old.cutToDurable();
                suspect = false;
            }
            long next = old.nextIndex();
            // The log first: entries must never go to a log that a snapshot has made obsolete.
            active = LocalFiles.createLog(files, directory, next);
            old.close();
            List<byte[]> state = told.snapshot();
            String path = directory + "/" + LocalFiles.snapshotName(next);
            SnapshotFile.write(files, directory, path, next, state);
            dueBytes = Math.max(snapshotBytes, bytes(state));
            LocalFiles.deleteBelow(files, directory, next);
        } finally {
            lock.unlock();
        }
    }

    private static long bytes(List<byte[]> chunks) {
        long bytes = 0;
        for (byte[] chunk : chunks) {
            bytes += chunk.length;
        }
        return bytes;
    }

    private static CompletionStage<Void> unavailable(String message) {
        return CompletableFuture.failedFuture(
                new RefusedException(Reason.METADATA_UNAVAILABLE, message));
    }

    @Override
    public void close() throws IOException {
        lock.lock();
        try {
            FrameFile file = active;
            active = null;
            machine = null;
            if (file != null) {
                file.close();
            }
        } finally {
            lock.unlock();
        }
    }
}
