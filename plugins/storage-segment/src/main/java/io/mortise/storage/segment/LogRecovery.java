// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.segment;

import io.mortise.spi.runtime.FileLayer;
import io.mortise.spi.runtime.StorageFile;
import io.mortise.spi.storage.CorruptLogException;
import io.mortise.spi.storage.StorageProblem;
import io.mortise.storage.segment.LogSeed.Found;
import io.mortise.storage.segment.Overlay.Piece;
import io.mortise.storage.segment.file.BatchSearch;
import io.mortise.storage.segment.file.BatchWalk;
import io.mortise.storage.segment.file.Checkpoint.Cut;
import io.mortise.storage.segment.file.EpochRuns;
import io.mortise.storage.segment.file.ExtentFile;
import io.mortise.storage.segment.file.ExtentFile.Name;
import io.mortise.storage.segment.file.ExtentFile.Seal;
import io.mortise.storage.segment.file.Mark;
import io.mortise.storage.segment.file.Rewrite;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
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
    private final List<LostFrames> lost;
    private final DamageLog damage;
    private final SegmentLog log;
    private long cursor;
    private @Nullable Extent current;
    private @Nullable StorageFile file;
    private int fileEnd;

    /** Own bytes were written below this, whether or not they are still there. */
    private int claimedEnd;

    /** As the last mark has them. */
    private EpochRuns claimedEpochs = EpochRuns.NONE;

    private int ownEnd;
    private boolean cutFits;

    LogRecovery(
            FileLayer files,
            LogSeed seed,
            TreeSet<Long> bases,
            List<LostFrames> lost,
            DamageLog damage) {
        this.files = files;
        this.seed = seed;
        this.bases = bases;
        this.lost = lost;
        this.damage = damage;
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
            closeFile();
            log.extents.forEach(Extent::drop);
            log.extents.clear();
            log.extents.add(new Extent(log.number, seed.startOffset));
            log.recountOverlay();
            log.unrecovered = new Unrecovered(seed);
            bases.clear();
        }
        return log;
    }

    private void closeFile() {
        try (StorageFile left = file) {
            file = null;
        } catch (IOException ignored) {
            // it was not written well; the log is not believed
        }
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
        if (!covered && claimed(name.baseOffset())) {
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

    /** Whether the checkpoint says that the extent has durable bytes of its own. */
    private boolean claimed(long base) {
        Cut cut = seed.cut;
        return base < cut.extentBase() || (base == cut.extentBase() && cut.position() > 0);
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
        if (cursor >= seed.voidFrom) {
            return false;
        }
        return (file != null && damagedBytes()) || lostFrame();
    }

    /** Between two frames of the log one was lost whose header does not say whose it was. */
    private boolean lostFrame() {
        Map.Entry<Long, Found> before = seed.frames.lowerEntry(cursor);
        Map.Entry<Long, Found> after = seed.frames.higherEntry(cursor);
        for (LostFrames region : lost) {
            if (after != null
                    && region.isBefore(after.getValue())
                    && (before == null || region.isAfter(before.getValue()))) {
                damaged(region.file().shared().file().path(), cursor, after.getKey());
                overlay(region.asFrame(cursor, after.getKey(), EpochRuns.UNKNOWN), 0);
                return true;
            }
        }
        return false;
    }

    /** What a mark vouches for and does not pass: the log goes on behind it. */
    private boolean damagedBytes() throws IOException {
        Extent extent = current;
        StorageFile own = file;
        Long nextBase = bases.higher(cursor);
        Long nextFrame = seed.frames.higherKey(cursor);
        if (extent == null || own == null) {
            return false;
        }
        boolean followed = followed();
        // What follows was appended later, when all of this one was durable.
        int end = followed || nextFrame != null ? claimedEnd : extent.settledEnd;
        end = followed ? Math.max(end, extent.size + 1) : end; // even if its last mark is gone
        if (extent.size >= end) {
            return false;
        }
        long below =
                Math.min(
                        nextBase == null ? Long.MAX_VALUE : nextBase,
                        nextFrame == null ? Long.MAX_VALUE : nextFrame);
        var walk = new BatchWalk(own, ExtentFile.DATA, extent.size, cursor);
        int from = extent.size + 1;
        boolean found = BatchSearch.find(walk, own, ExtentFile.DATA, from, end, cursor, below);
        if (!found && below == Long.MAX_VALUE) {
            damaged(own.path(), cursor, -1);
            return false;
        }
        extent.requireIndex().begin(cursor, extent.size);
        long behind = found ? walk.offset() : below;
        damaged(own.path(), cursor, behind);
        extent.size = found ? walk.position() : sizeAt(below, extent, own, end);
        fileEnd = Math.max(fileEnd, end);
        extent.requireIndex().begin(behind, extent.size);
        extent.endOffset = behind;
        ownEnd = extent.size;
        cursor = behind;
        return true;
    }

    /** Whether a later file shows that all before it was durable. */
    private boolean followed() throws IOException {
        for (long base : bases.tailSet(cursor, false)) {
            var name = new Name(seed.number, base);
            try (StorageFile later = ExtentFile.open(files, name)) {
                List<Mark> marks = later == null ? List.of() : Mark.read(later, name);
                if (marks.stream().anyMatch(mark -> mark.follows() || mark.settled() > 0)) {
                    return true;
                }
            }
        }
        return false;
    }

    /**
     * Where what is known to begin at {@code offset} lies: before the next good own bytes, by as
     * many as the frames between have; behind all own bytes if none are good.
     */
    private int sizeAt(long offset, Extent extent, StorageFile own, int end) throws IOException {
        Long nextBase = bases.higher(cursor);
        long below = nextBase == null ? Long.MAX_VALUE : nextBase;
        var walk = new BatchWalk(own, ExtentFile.DATA, extent.size, cursor);
        int from = extent.size + 1;
        if (!BatchSearch.find(walk, own, ExtentFile.DATA, from, end, cursor, below)) {
            return end;
        }
        int framed = seed.framedBytes(offset, walk.offset());
        int size = walk.position() - framed;
        return framed < 0 || size < extent.size ? end : size;
    }

    /** What lies below the log's start is wanted by nobody. */
    private void damaged(String path, long from, long to) {
        if (to >= 0 && to <= seed.startOffset) {
            return;
        }
        long first = Math.max(from, seed.startOffset);
        String problem =
                "log "
                        + log.name()
                        + ": bytes from offset "
                        + first
                        + (to < 0 ? " on" : " to " + (to - 1))
                        + " in file '"
                        + path
                        + "' are not those that were written";
        damage.found(new StorageProblem(log.id, path, first, to, problem, DamageLog.REMEDY));
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
        extent.follows = true; // and all that it finds is durable then
        log.extents.add(extent);
        current = extent;
        file = opened;
        int bytes = (int) Math.min(Integer.MAX_VALUE, opened.size() - ExtentFile.DATA);
        fileEnd = Math.min(bytes, vouchedEnd(extent, opened));
        if (extent.baseOffset() < seed.cut.extentBase()) {
            fileEnd = bytes; // it was durable and sealed; its trailer is damaged
            extent.settledEnd = bytes;
        }
        claimedEnd = Math.min(bytes, Math.max(claimedEnd, extent.settledEnd));
        ownEnd = 0;
        trust(extent);
        return true;
    }

    /** Up to where marks and checkpoint vouch for own bytes. */
    private int vouchedEnd(Extent extent, StorageFile opened) throws IOException {
        List<Mark> marks = Mark.read(opened, extent.name);
        claimedEnd = 0;
        claimedEpochs = EpochRuns.NONE;
        int end = seed.cut.extentBase() == extent.baseOffset() ? seed.cut.position() : 0;
        for (Mark mark : marks) {
            end = Math.max(end, mark.durable());
            extent.settledEnd = Math.max(extent.settledEnd, mark.settled());
            claimedEnd = Math.max(claimedEnd, mark.to());
            boolean last = mark.sequence() > extent.markSequence;
            claimedEpochs = last ? mark.epochs() : claimedEpochs;
            extent.markSequence = Math.max(extent.markSequence, mark.sequence());
        }
        marks.sort(Comparator.comparingInt(Mark::to).reversed());
        for (Mark mark : marks) {
            if (mark.to() > end && passes(opened, mark)) {
                return mark.to();
            }
        }
        return end;
    }

    private static boolean passes(StorageFile opened, Mark mark) throws IOException {
        var walk = new BatchWalk(opened, ExtentFile.DATA, mark.from(), 0);
        return (int) walk.crc(mark.from(), mark.to()) == mark.crc();
    }

    private void trust(Extent extent) {
        Cut cut = seed.cut;
        if (cut.extentBase() == extent.baseOffset()
                && cut.position() > 0
                && cut.position() <= fileEnd) {
            extent.requireIndex().add(extent.baseOffset(), 0);
            extent.coarseEnd = cut.position();
            extent.epochs = claimedEpochs.cut(cut.position());
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
        extent.epochs = extent.epochs.with(extent.size, frame.batchEpoch());
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
        while (walk.peek(fileEnd)
                && walk.verify()
                && claimedEpochs.allow(walk.position(), walk.leaderEpoch())) {
            extent.epochs = extent.epochs.with(walk.position(), walk.leaderEpoch());
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
        if (own != null && extent != null && ownEnd == 0) {
            forgetFile(own, extent);
        } else if (own != null && extent != null) {
            long end = (long) ExtentFile.DATA + ownEnd;
            boolean changed = own.size() > end;
            if (changed || ownEnd > extent.coarseEnd) {
                if (own.size() < end) {
                    own.truncate(end); // damaged: zeros stand for what is not there any more
                }
                // The bytes first: the marks vouch for them.
                Rewrite.force(
                        own, extent.coarseEnd == 0 ? 0 : ExtentFile.DATA + extent.coarseEnd, end);
                extent.markSequence =
                        Mark.settle(own, extent.name, extent.markSequence, ownEnd, extent.epochs);
                extent.settledEnd = ownEnd;
                if (changed) {
                    own.truncate(end);
                    own.force();
                }
            }
            extent.touchedEnd = ownEnd;
            extent.writtenEnd = ownEnd;
            extent.forcedEnd = ownEnd;
            own.close();
        }
        file = null;
    }

    /** Nobody knows whether the header of a file without own bytes is on the disk. */
    private void forgetFile(StorageFile own, Extent extent) throws IOException {
        own.close();
        files.delete(extent.name.path());
        extent.named = false;
        extent.hasFile = false;
        extent.nameForced = false;
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
