// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.segment;

import io.mortise.spi.record.BatchHeader;
import io.mortise.spi.runtime.FileLayer;
import io.mortise.spi.storage.LogSlice;
import io.mortise.storage.segment.file.ExtentFile;
import io.mortise.storage.segment.file.SharedFile;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Replaces batches. The extents that the range lies in become one sealed extent: what they held
 * before the range, the new batches, what they held behind it. It is made aside and takes the first
 * one's name: that rename is the moment at which, over a crash, new stands for old, since recovery
 * passes over files whose offsets a sealed one before them covers. Under the log's reshape lock; no
 * other lock is held while bytes are copied.
 */
final class LogReplacement {
    private static final String NEW = ExtentFile.DIRECTORY + "/replacement-";
    private static final int STEP = 1 << 20;

    private final FileLayer files;
    private final LogReader reader;
    private final ReentrantLock roundLock;
    private final LogTruncation truncation;

    LogReplacement(
            FileLayer files, LogReader reader, LogTruncation truncation, ReentrantLock roundLock) {
        this.files = files;
        this.reader = reader;
        this.truncation = truncation;
        this.roundLock = roundLock;
    }

    /** Refuses batches that are not whole, not in order or not within the range. */
    static void check(SegmentLog log, long from, long to, List<ByteBuffer> batches) {
        long next = from;
        for (ByteBuffer run : batches) {
            int at = run.position();
            while (run.limit() - at >= BatchHeader.SIZE
                    && BatchHeader.magic(run, at) == 2
                    && BatchHeader.sizeInBytes(run, at) >= BatchHeader.SIZE
                    && BatchHeader.sizeInBytes(run, at) <= run.limit() - at
                    && BatchHeader.baseOffset(run, at) >= next
                    && BatchHeader.lastOffset(run, at) >= BatchHeader.baseOffset(run, at)
                    && BatchHeader.lastOffset(run, at) < to) {
                next = BatchHeader.lastOffset(run, at) + 1;
                at += BatchHeader.sizeInBytes(run, at);
            }
            if (at != run.limit()) {
                throw new IllegalArgumentException(
                        "log "
                                + log.name()
                                + ": what is to replace "
                                + from
                                + " to "
                                + to
                                + " holds whole batches of that range in order up to "
                                + next);
            }
        }
    }

    /** The extents that the range lies in; the last one must not be growing. */
    static List<Extent> affected(SegmentLog log, long from, long to) {
        log.lock.lock();
        try {
            int first = log.extents.indexOf(log.extentOf(from));
            int last = log.extents.indexOf(log.extentOf(to - 1));
            return List.copyOf(log.extents.subList(first, last + 1));
        } finally {
            log.lock.unlock();
        }
    }

    /** Replaces; the extents hold the whole range. */
    void replace(SegmentLog log, List<Extent> old, long from, long to, List<ByteBuffer> batches)
            throws IOException {
        Extent first = old.getFirst();
        var merged = new Extent(log.number, first.baseOffset());
        String path = NEW + log.number;
        var file = new SharedFile(ExtentFile.create(files, path, merged.name));
        boolean renamed = false;
        boolean forced = false;
        try {
            copy(log, merged, file, first.baseOffset(), from);
            for (ByteBuffer run : batches) {
                add(merged, file, run, to);
            }
            copy(log, merged, file, to, old.getLast().endOffset);
            merged.endOffset = old.getLast().endOffset;
            IndexBuilder.seal(log, merged, file);
            openAll(log, old);
            files.rename(path, merged.name.path());
            renamed = true;
            files.forceDirectory(ExtentFile.DIRECTORY);
            forced = true;
        } catch (IOException | RuntimeException failure) {
            if (renamed) {
                log.failure = failure instanceof IOException disk ? disk : new IOException(failure);
            } else {
                files.delete(path);
            }
            throw failure;
        } finally {
            file.release();
            if (renamed) {
                merged.ownedUpTo(merged.size);
                merged.nameForced = forced;
                swap(log, old, merged);
            }
        }
        var ignored = truncation.unnameReplaced(log);
    }

    /** Nobody may open a file by a name that is about to mean another. */
    private void openAll(SegmentLog log, List<Extent> old) throws IOException {
        log.lock.lock();
        try {
            for (Extent extent : old) {
                if (extent.hasFile) {
                    var ignored = extent.open(files);
                }
            }
        } finally {
            log.lock.unlock();
        }
    }

    private void swap(SegmentLog log, List<Extent> old, Extent merged) {
        roundLock.lock();
        log.copyLock.lock();
        log.lock.lock();
        try {
            int at = log.extents.indexOf(old.getFirst());
            log.extents.subList(at, at + old.size()).clear();
            log.extents.add(at, merged);
            log.dirty.removeAll(old);
            old.forEach(Extent::drop);
            log.replaced.addAll(old.subList(1, old.size()));
            log.recountOverlay();
        } finally {
            log.lock.unlock();
            log.copyLock.unlock();
            roundLock.unlock();
        }
    }

    /** Copies the batches from {@code from} to {@code to}, both boundaries. */
    private void copy(SegmentLog log, Extent merged, SharedFile file, long from, long to)
            throws IOException {
        long next = from;
        while (next < to) {
            try (LogSlice slice = reader.readAny(log, next, to, STEP)) {
                ByteBuffer bytes = Bytes.of(slice);
                if (bytes.hasRemaining() && (slice.baseOffset() < from || lastOf(bytes) >= to)) {
                    throw new IllegalArgumentException(
                            "log "
                                    + log.name()
                                    + ": "
                                    + from
                                    + " or "
                                    + to
                                    + " is no boundary between batches");
                }
                add(merged, file, bytes, slice.nextOffset());
                next = slice.nextOffset();
            }
        }
    }

    private static long lastOf(ByteBuffer batches) {
        int at = 0;
        while (at + BatchHeader.sizeInBytes(batches, at) < batches.limit()) {
            at += BatchHeader.sizeInBytes(batches, at);
        }
        return BatchHeader.lastOffset(batches, at);
    }

    private static void add(Extent merged, SharedFile file, ByteBuffer run, long end)
            throws IOException {
        if (run.hasRemaining()) {
            int at = merged.size;
            Math.addExact(at, run.remaining());
            merged.add(run, end);
            file.file().write(run.duplicate(), (long) ExtentFile.DATA + at);
        }
    }
}
