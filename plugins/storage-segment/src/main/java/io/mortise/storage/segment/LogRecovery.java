// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.segment;

import io.mortise.spi.runtime.FileLayer;
import io.mortise.spi.runtime.StorageFile;
import io.mortise.spi.storage.CorruptLogException;
import io.mortise.storage.segment.LogSeed.Found;
import io.mortise.storage.segment.Overlay.Piece;
import io.mortise.storage.segment.file.BatchWalk;
import io.mortise.storage.segment.file.Checkpoint.Cut;
import io.mortise.storage.segment.file.ExtentFile;
import io.mortise.storage.segment.file.ExtentFile.Name;
import io.mortise.storage.segment.file.ExtentFile.Seal;
import io.mortise.storage.segment.file.Rewrite;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * Puts one log together after a start: offset by offset, a range comes from the commit log if a
 * frame has it, otherwise from the own file; where neither goes on, the log ends. Sealed extents
 * are trusted, others from the checkpoint's cut on read and checked.
 */
final class LogRecovery {
    private static final int GREATEST_VIRTUAL = 64 << 20;

    private final FileLayer files;
    private final LogSeed seed;
    private final TreeSet<Long> bases;
    private final SegmentLog log;
    private long cursor;
    private @Nullable Extent current;
    private @Nullable StorageFile file;
    private int fileEnd;
    private int ownEnd;
    private boolean cutFits;

    LogRecovery(FileLayer files, LogSeed seed, TreeSet<Long> bases) {
        this.files = files;
        this.seed = seed;
        this.bases = bases;
        log = new SegmentLog(seed.number, seed.id, seed.startOffset);
        log.leaderEpoch = seed.leaderEpoch;
    }

    /** The log; the names of files that it does not use are left in the set of bases. */
    SegmentLog run() {
        try {
            walk();
            finish();
        } catch (IOException failure) {
            log.broken = failure;
            bases.clear();
            if (log.extents.isEmpty()) {
                log.extents.add(new Extent(log.number, seed.startOffset));
            }
        }
        return log;
    }

    /**
     * Whether the disk says more than the log has: frames that it does not go on with, or a cut
     * that does not fit its files. Neither must ever be met again.
     */
    boolean hasStale() {
        boolean frames =
                !seed.frames.isEmpty() && seed.frames.lastEntry().getValue().end() > log.endOffset;
        return log.broken == null && (frames || (!seed.cut.equals(Cut.NONE) && !cutFits));
    }

    /**
     * Begins with the last file at or below the start. Where that does not reach the start, the
     * file is left over from before the start was moved, and the start lies in a frame.
     */
    private void walk() throws IOException {
        Long base = lastFinished(seed.startOffset);
        Map.Entry<Long, Found> frame = seed.frames.floorEntry(seed.startOffset);
        boolean framed = frame != null && frame.getValue().end() > seed.startOffset;
        walkFrom(base != null ? base : framed ? frame.getKey() : seed.startOffset);
        if (framed && cursor <= seed.startOffset) {
            dropAll();
            walkFrom(frame.getKey());
        }
    }

    /**
     * The last file at or below {@code offset} that was finished and is not covered: a file whose
     * offsets a sealed one before it holds was replaced by that one.
     */
    private @Nullable Long lastFinished(long offset) throws IOException {
        Long last = null;
        long covered = Long.MIN_VALUE;
        for (Long base : List.copyOf(bases.headSet(offset, true))) {
            var name = new Name(seed.number, base);
            try (StorageFile opened = base < covered ? null : ExtentFile.open(files, name)) {
                if (opened == null) {
                    bases.remove(base);
                    deleteUnfinished(name, base < covered);
                } else {
                    Seal seal = ExtentFile.sealOf(opened, name);
                    covered = seal == null ? covered : seal.endOffset();
                    last = base;
                }
            }
        }
        return last;
    }

    /** A file without a header was never finished, unless a checkpoint says that it was. */
    private void deleteUnfinished(Name name, boolean covered) throws IOException {
        if (!covered
                && !seed.cut.equals(Cut.NONE)
                && name.baseOffset() <= seed.cut.extentBase()) {
            throw new CorruptLogException(
                    "log "
                            + seed.id
                            + ": the header of file '"
                            + name.path()
                            + "' is gone, which holds offsets from "
                            + name.baseOffset()
                            + " on");
        }
        files.delete(name.path());
    }

    private void walkFrom(long offset) throws IOException {
        cursor = offset;
        current = null;
        while (step()) {
            // offset by offset
        }
        leaveFile();
    }

    private boolean step() throws IOException {
        if (bases.remove(cursor)) {
            return enter(new Name(seed.number, cursor)) || step();
        }
        Found frame = seed.frames.get(cursor);
        if (frame != null) {
            overlay(frame, 0);
            return true;
        }
        if (ownBatch()) {
            return true;
        }
        Map.Entry<Long, Found> below = seed.frames.lowerEntry(cursor);
        if (below != null && below.getValue().end() > cursor) {
            overlay(below.getValue(), seed.lengthUpTo(below.getValue(), cursor));
            return true;
        }
        return false;
    }

    /** Begins with a file; false if it was never finished, as if it were not there. */
    private boolean enter(Name name) throws IOException {
        StorageFile opened = ExtentFile.open(files, name);
        if (opened == null) {
            deleteUnfinished(name, false);
            return false;
        }
        leaveFile();
        Seal seal = ExtentFile.sealOf(opened, name);
        if (seal != null) {
            opened.close();
            log.extents.add(Extent.sealed(name, seal));
            cutFits |= seed.cut.extentBase() == cursor && seed.cut.position() <= seal.size();
            current = null;
            cursor = seal.endOffset();
            return true;
        }
        var extent = new Extent(name.log(), name.baseOffset());
        extent.named = true;
        extent.hasFile = true;
        extent.nameForced = true; // recovery ends with a force of the directory
        log.extents.add(extent);
        current = extent;
        file = opened;
        fileEnd = (int) Math.min(Integer.MAX_VALUE, opened.size() - ExtentFile.DATA);
        ownEnd = 0;
        trust(extent);
        return true;
    }

    private void trust(Extent extent) {
        Cut cut = seed.cut;
        if (cut.extentBase() == extent.baseOffset()
                && cut.position() > 0
                && cut.position() <= fileEnd) {
            extent.requireIndex().add(extent.baseOffset(), 0);
            extent.coarseEnd = cut.position();
            extent.size = cut.position();
            extent.endOffset = cut.offset();
            extent.maxTimestampMillis = cut.maxTimestampMillis();
            ownEnd = cut.position();
            cursor = cut.offset();
            cutFits = true;
        }
    }

    private void overlay(Found frame, int skip) {
        Extent extent = current;
        int length = frame.length() - skip;
        if (extent == null || (!extent.hasFile && (long) extent.size + length > GREATEST_VIRTUAL)) {
            leaveFileQuietly();
            extent = new Extent(seed.number, cursor);
            log.extents.add(extent);
            current = extent;
        }
        extent.requireIndex().batch(cursor, extent.size);
        log.overlaid(
                extent,
                new Piece(
                        extent.size,
                        length,
                        cursor,
                        frame.end(),
                        frame.file(),
                        frame.filePosition() + skip));
        extent.size += length;
        extent.endOffset = frame.end();
        extent.maxTimestampMillis = Math.max(extent.maxTimestampMillis, frame.maxTimestamp());
        cursor = frame.end();
    }

    private void leaveFileQuietly() {
        if (file != null) {
            throw new IllegalStateException("a virtual extent has no file");
        }
    }

    /** Takes over good batches from the own file, up to the next frame. */
    private boolean ownBatch() throws IOException {
        Extent extent = current;
        StorageFile own = file;
        if (extent == null || own == null || extent.size >= fileEnd) {
            return false;
        }
        var walk = new BatchWalk(own, ExtentFile.DATA, extent.size, cursor);
        while (walk.peek(fileEnd) && walk.verify()) {
            extent.requireIndex().batch(walk.offset(), walk.position());
            extent.maxTimestampMillis = Math.max(extent.maxTimestampMillis, walk.maxTimestamp());
            walk.advance();
            if (seed.frames.containsKey(walk.offset()) || bases.contains(walk.offset())) {
                break;
            }
        }
        boolean moved = walk.offset() > cursor;
        extent.size = walk.position();
        extent.endOffset = walk.offset();
        ownEnd = walk.position();
        cursor = walk.offset();
        return moved;
    }

    /**
     * Cuts what lies behind the last good own batch, so that it is never met again, and forces what
     * was found.
     */
    private void leaveFile() throws IOException {
        StorageFile own = file;
        Extent extent = current;
        if (own != null && extent != null) {
            long end = (long) ExtentFile.DATA + ownEnd;
            boolean changed = own.size() > end;
            if (changed) {
                own.truncate(end);
            }
            if (changed || ownEnd > extent.coarseEnd) {
                Rewrite.force(
                        own, extent.coarseEnd == 0 ? 0 : ExtentFile.DATA + extent.coarseEnd, end);
            }
            extent.touchedEnd = ownEnd;
            extent.writtenEnd = ownEnd;
            extent.forcedEnd = ownEnd;
            own.close();
        }
        file = null;
    }

    private void finish() throws IOException {
        log.endOffset = cursor;
        if (cursor < seed.startOffset) {
            dropAll();
            log.endOffset = seed.startOffset;
        }
        while (!log.extents.isEmpty() && log.extents.getFirst().endOffset <= seed.startOffset) {
            drop(log.extents.removeFirst());
        }
        if (log.extents.isEmpty() || log.active().seal != null) {
            log.extents.add(new Extent(seed.number, log.endOffset));
        }
        log.recountOverlay();
    }

    private void dropAll() throws IOException {
        List<Extent> all = new ArrayList<>(log.extents);
        log.extents.clear();
        for (Extent extent : all) {
            drop(extent);
        }
    }

    private void drop(Extent extent) throws IOException {
        extent.drop();
        if (extent.hasFile) {
            files.delete(extent.name.path());
        }
    }
}
