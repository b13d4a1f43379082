// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.segment;

import io.mortise.spi.runtime.FileLayer;
import io.mortise.spi.runtime.StorageFile;
import io.mortise.spi.storage.CorruptLogException;
import io.mortise.storage.segment.Overlay.Piece;
import io.mortise.storage.segment.file.CommitFile;
import io.mortise.storage.segment.file.ExtentFile;
import io.mortise.storage.segment.file.SharedFile;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * Moves bytes from the commit log to own files, and seals extents that no longer grow: in the
 * background, one bounded step at a time. The commit log stays the truth of a range until its copy
 * is forced.
 */
final class LogCopier {
    private static final int RUN = 1 << 20;

    private final FileLayer files;
    private final EngineMetrics metrics;

    LogCopier(FileLayer files, EngineMetrics metrics) {
        this.files = files;
        this.metrics = metrics;
    }

    /** What one step copies. */
    private record Run(Extent extent, SharedFile file, List<Piece> pieces) {}

    /**
     * Copies one run of the log's first pieces.
     *
     * @return whether there was one
     */
    boolean copyRun(SegmentLog log) throws IOException {
        log.copyLock.lock();
        try {
            Run run = nextRun(log);
            if (run == null) {
                return false;
            }
            try {
                copy(log, run);
            } finally {
                run.pieces.forEach(piece -> piece.file().shared().release());
                run.file.release();
            }
            return true;
        } finally {
            log.copyLock.unlock();
        }
    }

    private @Nullable Run nextRun(SegmentLog log) throws IOException {
        log.lock.lock();
        try {
            for (Extent extent : log.extents) {
                if (log.failure == null && log.broken == null && !extent.overlay.isEmpty()) {
                    return runOf(extent);
                }
            }
            return null;
        } finally {
            log.lock.unlock();
        }
    }

    private Run runOf(Extent extent) throws IOException {
        var pieces = new ArrayList<Piece>();
        int bytes = 0;
        for (int i = 0; i < extent.overlay.count() && bytes < RUN; i++) {
            Piece piece = extent.overlay.get(i);
            pieces.add(piece);
            bytes += piece.length();
            extent.touchedEnd = Math.max(extent.touchedEnd, piece.position() + piece.length());
        }
        SharedFile file = extent.open(files).retain();
        pieces.forEach(piece -> piece.file().shared().retain());
        return new Run(extent, file, pieces);
    }

    private void copy(SegmentLog log, Run run) throws IOException {
        var crc = new CRC32C();
        ByteBuffer buffer = ByteBuffer.allocate(256 << 10);
        int start = run.pieces.getFirst().position();
        int bytes = 0;
        for (Piece piece : run.pieces) {
            if (start + buffer.position() != piece.position()
                    || buffer.remaining() < piece.length()) {
                write(run, buffer, start);
                start = piece.position();
            }
            if (buffer.remaining() < piece.length()) {
                buffer = ByteBuffer.allocate(piece.length());
            }
            read(log, piece, buffer, crc);
            bytes += piece.length();
        }
        write(run, buffer, start);
        force(log, run);
        done(log, run);
        metrics.copiedBytes().add(bytes);
    }

    /** Adds the piece's bytes to the buffer, if they are what was once appended. */
    private static void read(SegmentLog log, Piece piece, ByteBuffer buffer, CRC32C crc)
            throws IOException {
        StorageFile commit = piece.file().shared().file();
        int from = buffer.position();
        buffer.limit(from + piece.length());
        var ignored = commit.read(buffer, piece.filePosition());
        long end = buffer.hasRemaining() ? -1 : Batches.goodEnd(buffer, from, piece.base(), crc);
        if (end != piece.end()) {
            throw new CorruptLogException(
                    "log "
                            + log.name()
                            + ": the batch at offset "
                            + end
                            + " fails its check in file '"
                            + commit.path()
                            + "' near "
                            + piece.filePosition()
                            + "; it is not copied");
        }
        buffer.limit(buffer.capacity());
    }

    private static void write(Run run, ByteBuffer buffer, int position) throws IOException {
        buffer.flip();
        if (buffer.hasRemaining()) {
            run.extent.fileLock.lock();
            try {
                run.file.file().write(buffer, (long) ExtentFile.DATA + position);
            } finally {
                run.extent.fileLock.unlock();
            }
        }
        buffer.clear();
    }

    private void force(SegmentLog log, Run run) throws IOException {
        Piece last = run.pieces.getLast();
        int end;
        log.lock.lock();
        try {
            log.wrote(run.extent, last.position() + last.length());
            end = run.extent.writtenEnd;
        } finally {
            log.lock.unlock();
        }
        force(log, run.extent, run.file.file(), end);
    }

    /** Makes own bytes below {@code end} durable, and the file's name. A failure fails the log. */
    private void force(SegmentLog log, Extent extent, StorageFile file, int end)
            throws IOException {
        try {
            file.force();
            metrics.forces().add(1);
            if (!extent.nameForced) {
                files.forceDirectory(ExtentFile.DIRECTORY);
            }
        } catch (IOException failure) {
            log.failure = failure;
            throw failure;
        }
        log.lock.lock();
        try {
            extent.nameForced = true;
            extent.forced(end);
            if (!extent.dirty()) {
                log.dirty.remove(extent);
            }
        } finally {
            log.lock.unlock();
        }
    }

    private static void done(SegmentLog log, Run run) {
        log.lock.lock();
        try {
            for (Piece piece : run.pieces) {
                run.extent.overlay.removeFirst();
                log.overlaidBytes -= piece.length();
            }
        } finally {
            log.lock.unlock();
        }
    }

    /**
     * Whether only a rest in the commit log keeps an extent with a file of its own from being
     * sealed.
     */
    boolean holdsBack(SegmentLog log) {
        log.lock.lock();
        try {
            for (int i = 0; i < log.extents.size() - 1; i++) {
                Extent extent = log.extents.get(i);
                if (!extent.overlay.isEmpty()) {
                    return extent.hasFile;
                }
            }
            return false;
        } finally {
            log.lock.unlock();
        }
    }

    /** Whether the log's first piece lies in {@code file} or an older one. */
    static boolean holds(SegmentLog log, CommitFile file) {
        log.lock.lock();
        try {
            for (Extent extent : log.extents) {
                for (int i = 0; i < extent.overlay.count(); i++) {
                    if (extent.overlay.get(i).file().number() <= file.number()) {
                        return log.failure == null && log.broken == null;
                    }
                }
            }
            return false;
        } finally {
            log.lock.unlock();
        }
    }

    /**
     * Seals the log's first extent that is whole in its own file and no longer grows.
     *
     * @return whether there was one
     */
    boolean sealOne(SegmentLog log) throws IOException {
        log.copyLock.lock();
        try {
            Extent extent = sealable(log);
            if (extent == null) {
                return false;
            }
            SharedFile file;
            log.lock.lock();
            try {
                file = extent.open(files).retain();
            } finally {
                log.lock.unlock();
            }
            try {
                force(log, extent, file.file(), extent.size);
                IndexBuilder.seal(log, extent, file);
                metrics.forces().add(2);
            } catch (CorruptLogException corrupt) {
                extent.sealRefused = true;
                metrics.corrupt().add(1);
                throw corrupt;
            } finally {
                file.release();
            }
            return true;
        } finally {
            log.copyLock.unlock();
        }
    }

    private static @Nullable Extent sealable(SegmentLog log) {
        log.lock.lock();
        try {
            for (int i = 0; i < log.extents.size() - 1; i++) {
                Extent extent = log.extents.get(i);
                if (log.failure == null
                        && log.broken == null
                        && extent.seal == null
                        && extent.hasFile
                        && !extent.sealRefused
                        && extent.overlay.isEmpty()
                        && log.unstagedEnd(extent) == extent.size) {
                    return extent;
                }
            }
            return null;
        } finally {
            log.lock.unlock();
        }
    }

    /**
     * Makes the own bytes of rounds that asked for less than DISK durable, so that the checkpoint
     * can pass them.
     */
    void forceDirty(SegmentLog log) throws IOException {
        log.copyLock.lock();
        try {
            List<Extent> dirty;
            log.lock.lock();
            try {
                dirty = log.failure == null ? List.copyOf(log.dirty) : List.of();
            } finally {
                log.lock.unlock();
            }
            for (Extent extent : dirty) {
                forceDirty(log, extent);
            }
        } finally {
            log.copyLock.unlock();
        }
    }

    private void forceDirty(SegmentLog log, Extent extent) throws IOException {
        SharedFile file;
        int end;
        log.lock.lock();
        try {
            file = extent.open(files).retain();
            end = extent.writtenEnd;
        } finally {
            log.lock.unlock();
        }
        try {
            force(log, extent, file.file(), end);
        } finally {
            file.release();
        }
    }
}
