// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.segment;

import io.mortise.spi.runtime.FileLayer;
import io.mortise.spi.runtime.StorageFile;
import io.mortise.storage.segment.Overlay.Piece;
import io.mortise.storage.segment.file.ExtentFile;
import io.mortise.storage.segment.file.FrameFile;
import io.mortise.storage.segment.file.Mark;
import io.mortise.storage.segment.file.PackFile;
import io.mortise.storage.segment.file.SharedFile;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.zip.CRC32C;

/**
 * Moves bytes from the commit log and packs to own files, and seals extents that no longer grow: in
 * the background, one bounded step at a time. The commit log stays the truth of a range until its
 * copy is forced.
 */
final class LogCopier {
    private static final int RUN = 1 << 20;

    private final FileLayer files;
    private final EngineMetrics metrics;
    private final PieceReader reader;
    private final LogPacker packer;

    /** One step at a time is taken. */
    private final ByteBuffer gathered = ByteBuffer.allocateDirect(256 << 10);

    LogCopier(FileLayer files, EngineMetrics metrics, DamageLog damage, LogPacker packer) {
        this.files = files;
        this.packer = packer;
        this.metrics = metrics;
        this.reader = new PieceReader(damage);
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
                if (log.failure == null
                        && log.broken == null
                        && !extent.overlay.isEmpty()
                        && !packer.takes(log, extent)) {
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
            Piece before = pieces.isEmpty() ? null : pieces.getLast();
            if (before != null && before.position() + before.length() != piece.position()) {
                break;
            }
            pieces.add(piece);
            bytes += piece.length();
            extent.touchedEnd = Math.max(extent.touchedEnd, piece.position() + piece.length());
        }
        SharedFile file = extent.open(files).retain();
        pieces.forEach(piece -> piece.file().shared().retain());
        return new Run(extent, file, pieces);
    }

    private void copy(SegmentLog log, Run run) throws IOException {
        var runCrc = new CRC32C();
        ByteBuffer buffer = gathered.clear();
        int start = run.pieces.getFirst().position();
        int at = start;
        for (Piece piece : run.pieces) {
            if (buffer.remaining() < piece.length()) {
                at = write(run, buffer, at, runCrc);
            }
            if (buffer.remaining() < piece.length()) {
                buffer = ByteBuffer.allocate(piece.length());
            }
            reader.read(log, piece, buffer);
        }
        at = write(run, buffer, at, runCrc);
        mark(log, run, start, at, (int) runCrc.getValue());
        force(log, run);
        done(log, run);
        metrics.copiedBytes().add(at - start);
    }

    /** Writes what was gathered; returns the position behind it. */
    private static int write(Run run, ByteBuffer buffer, int position, CRC32C runCrc)
            throws IOException {
        buffer.flip();
        int end = position + buffer.remaining();
        if (buffer.hasRemaining()) {
            runCrc.update(buffer.duplicate());
            run.extent.fileLock.lock();
            try {
                run.file.file().write(buffer, (long) ExtentFile.DATA + position);
            } finally {
                run.extent.fileLock.unlock();
            }
        }
        buffer.clear();
        return end;
    }

    /** Once the commit file is gone, only this vouches for the copy. */
    private static void mark(SegmentLog log, Run run, int from, int to, int crc)
            throws IOException {
        Mark mark;
        log.lock.lock();
        try {
            mark = run.extent.mark(from, to, crc);
        } finally {
            log.lock.unlock();
        }
        mark.write(run.file.file(), run.extent.name);
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
        extent.asideLock.lock();
        try {
            writeMark(log, extent, file);
            file.force();
            metrics.forces().add(1);
            if (!extent.nameForced) {
                files.forceDirectory(ExtentFile.DIRECTORY);
            }
        } catch (IOException failure) {
            log.failure = failure;
            throw failure;
        } finally {
            extent.asideLock.unlock();
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

    /** What a round wrote must not become durable without what vouches for it. */
    private static void writeMark(SegmentLog log, Extent extent, StorageFile file)
            throws IOException {
        Mark mark;
        log.lock.lock();
        try {
            mark = extent.pendingMark();
        } finally {
            log.lock.unlock();
        }
        if (mark != null) {
            mark.write(file, extent.name);
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
                if (!extent.overlay.isEmpty() && extent.hasFile) {
                    return true;
                }
            }
            return false;
        } finally {
            log.lock.unlock();
        }
    }

    /**
     * Whether an extent that has a file of its own has older batches in a pack: all that a restart
     * trusts of the file ends before them.
     */
    static boolean isMixed(SegmentLog log) {
        log.lock.lock();
        try {
            for (Extent extent : log.extents) {
                if (extent.hasFile
                        && !extent.overlay.isEmpty()
                        && extent.overlay.get(0).file() instanceof PackFile) {
                    return log.failure == null && log.broken == null;
                }
            }
            return false;
        } finally {
            log.lock.unlock();
        }
    }

    /** Whether a piece of the log lies in a file that the release of {@code files} waits for. */
    static boolean holds(SegmentLog log, Predicate<FrameFile> files) {
        log.lock.lock();
        try {
            for (Extent extent : log.extents) {
                for (int i = 0; i < extent.overlay.count(); i++) {
                    if (files.test(extent.overlay.get(i).file())) {
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
                IndexBuilder.sealGrown(log, extent, file);
                metrics.forces().add(2);
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
