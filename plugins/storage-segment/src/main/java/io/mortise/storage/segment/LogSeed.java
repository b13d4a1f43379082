// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.segment;

import io.mortise.spi.LogId;
import io.mortise.spi.runtime.StorageFile;
import io.mortise.spi.storage.CorruptLogException;
import io.mortise.storage.segment.file.BatchSearch;
import io.mortise.storage.segment.file.BatchWalk;
import io.mortise.storage.segment.file.Checkpoint.Cut;
import io.mortise.storage.segment.file.EpochRuns;
import io.mortise.storage.segment.file.FrameFile;
import io.mortise.storage.segment.file.PackFile;

import java.io.IOException;
import java.util.List;
import java.util.TreeMap;

/** What checkpoint and commit log say of a log, before its own files are looked at. */
final class LogSeed {
    /**
     * A data frame.
     *
     * @param epoch of the last append in it
     * @param batchEpoch that all its batches carry, or {@link EpochRuns#UNKNOWN}
     */
    record Found(
            FrameFile file,
            long filePosition,
            int length,
            long base,
            long end,
            int epoch,
            int batchEpoch,
            long maxTimestamp) {}

    final long number;
    final LogId id;
    long startOffset;
    int leaderEpoch;

    /**
     * What own files are trusted up to; none once a truncation below may have changed them since.
     */
    Cut cut;

    /**
     * Where the log was cut last, if nothing shows that this came to its end: what is missing from
     * there on is not damage.
     */
    long voidFrom = Long.MAX_VALUE;

    /** By base offset. */
    final TreeMap<Long, Found> frames = new TreeMap<>();

    LogSeed(long number, LogId id, long startOffset, Cut cut) {
        this.number = number;
        this.id = id;
        this.startOffset = startOffset;
        this.cut = cut;
    }

    /** A pack may hold more of the same batches than a frame of the commit log does. */
    void data(Found found) {
        Found old = frames.put(found.base, found);
        if (old != null && old.file instanceof PackFile && old.end > found.end) {
            frames.put(found.base, old);
        }
        leaderEpoch = Math.max(leaderEpoch, found.epoch);
    }

    /**
     * The log was used after all cuts so far, which only one can be whose files and names are
     * durable as they were cut.
     */
    void wentOn() {
        voidFrom = Long.MAX_VALUE;
    }

    /** Frames before this moment are void from {@code end} on. */
    void truncate(long end) throws IOException {
        voidFrom = Math.min(voidFrom, end);
        frames.tailMap(end, true).clear();
        for (Found found : List.copyOf(frames.values())) {
            if (found.end > end) {
                frames.remove(found.base);
                Found shorter = shortened(found, end);
                if (shorter.length > 0) {
                    frames.put(found.base, shorter);
                }
            }
        }
        boolean kept = end >= cut.offset() && end > cut.extentBase(); // else its file may be gone
        cut = kept ? cut : Cut.NONE;
    }

    /**
     * A frame whose batches were replaced may have no boundary at {@code end}; what is left of it
     * is not used then.
     */
    private Found shortened(Found found, long end) throws IOException {
        var walk = walkUpTo(found, end);
        int length = walk.position();
        return new Found(
                found.file,
                found.filePosition,
                length,
                found.base,
                Math.min(walk.offset(), end),
                found.epoch,
                found.batchEpoch,
                found.maxTimestamp);
    }

    /** Bytes of the frames that hold all from one offset up to another; -1 if they do not. */
    int framedBytes(long from, long to) {
        int bytes = 0;
        long next = from;
        while (next < to) {
            Found found = frames.get(next);
            if (found == null) {
                return -1;
            }
            bytes += found.length;
            next = found.end;
        }
        return next == to ? bytes : -1;
    }

    /** Bytes of the frame's batches before {@code offset}, a boundary between two of them. */
    int lengthUpTo(Found found, long offset) throws IOException {
        var walk = walkUpTo(found, offset);
        if (walk.offset() != offset || walk.position() == found.length) {
            throw new CorruptLogException(
                    "log "
                            + id
                            + ": no batch ends at offset "
                            + offset
                            + " in file '"
                            + found.file.shared().file().path()
                            + "' near "
                            + found.filePosition);
        }
        return walk.position();
    }

    /**
     * Stands at the last boundary at or before {@code offset}; where that is damaged, at the first
     * good batch behind it or the end.
     */
    private static BatchWalk walkUpTo(Found found, long offset) throws IOException {
        StorageFile file = found.file.shared().file();
        var walk = new BatchWalk(file, found.filePosition, 0, found.base);
        while (walk.offset() < offset) {
            if (!isBelieved(found, walk)) {
                passDamage(found, file, walk, offset);
            } else if (walk.lastOffset() < offset) {
                walk.advance();
            } else {
                return walk;
            }
        }
        return walk;
    }

    /** Whether the header here is good, or at least borne out by what follows. */
    private static boolean isBelieved(Found found, BatchWalk walk) throws IOException {
        if (!walk.peek(found.length)) {
            return false;
        }
        if (walk.verify()) {
            return true;
        }
        int position = walk.position();
        long offset = walk.offset();
        walk.advance();
        boolean atEnd = walk.position() == found.length;
        boolean follows = atEnd ? walk.offset() == found.end : walk.peek(found.length);
        walk.jump(position, offset);
        return walk.peek(found.length) && follows;
    }

    private static void passDamage(Found found, StorageFile file, BatchWalk walk, long offset)
            throws IOException {
        int from = walk.position() + 1;
        long bad = walk.offset();
        if (!BatchSearch.find(walk, file, found.filePosition, from, found.length, bad, found.end)) {
            walk.jump(found.length, offset);
        }
    }
}
