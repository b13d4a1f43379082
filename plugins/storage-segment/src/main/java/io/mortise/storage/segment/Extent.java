// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.segment;

import io.mortise.spi.record.BatchHeader;
import io.mortise.spi.runtime.FileLayer;
import io.mortise.spi.runtime.FileLayer.OpenMode;
import io.mortise.spi.runtime.StorageFile;
import io.mortise.spi.storage.CorruptLogException;
import io.mortise.spi.storage.LogExtent;
import io.mortise.storage.segment.file.EpochRuns;
import io.mortise.storage.segment.file.ExtentFile;
import io.mortise.storage.segment.file.ExtentFile.Name;
import io.mortise.storage.segment.file.ExtentFile.Seal;
import io.mortise.storage.segment.file.Mark;
import io.mortise.storage.segment.file.SharedFile;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.concurrent.locks.ReentrantLock;
import java.util.zip.CRC32C;

/**
 * A range of a log. Every batch has its position from the moment it is appended, wherever its bytes
 * are yet: in a chunk, in the commit log (the overlay) or in the extent's own file, which is made
 * when the first byte is written to it. Guarded by the log's lock, but for what says otherwise.
 */
final class Extent {
    private static final long FIRST_ALLOCATION = 256 << 10;
    private static final long STEP = 1 << 20;
    private static final long GREATEST_AHEAD = 4 << 20;

    final Name name;
    final Overlay overlay = new Overlay();

    /**
     * Blocks of {@link #index} whose batches passed their CRCs since the log was opened; new with
     * each index that divides the extent differently.
     */
    BitSet verified = new BitSet();

    /** Below this position the index has one entry only: recovery did not look there. */
    int coarseEnd;

    /** Zeros and copies are not written at the same time. */
    final ReentrantLock fileLock = new ReentrantLock();

    /**
     * Held by who forces the file aside of the writer, until it has noted a failure: the system
     * tells a failed force once, perhaps not to the round that forces the same bytes.
     */
    final ReentrantLock asideLock = new ReentrantLock();

    long endOffset;
    int size;
    long maxTimestampMillis = -1;

    /** Null until needed for a sealed extent. */
    @Nullable SparseIndex index;

    /** Salted CRCs of the blocks of a sealed extent, with its index. */
    int @Nullable [] blockCrcs;

    @Nullable Seal seal;

    /** Whether there may be a file of this name, finished or not. */
    boolean named;

    /** Whether there is an own file with a header. */
    boolean hasFile;

    boolean nameForced;

    /** Somebody wrote, or began to write, own bytes below this. */
    int touchedEnd;

    /** Own bytes lie below this, those that the overlay covers set aside. */
    int writtenEnd;

    /** Own bytes below this are durable. */
    int forcedEnd;

    /** All bytes below this are durable, here or in the commit log. */
    int settledEnd;

    private @Nullable SharedFile file;
    private volatile long allocated;

    /** What was written to the own file and not forced; its mark is not written before a flush. */
    private final CRC32C spanCrc = new CRC32C();

    private int spanDurable;
    private int spanFrom;
    private int spanTo;
    private boolean unmarked;

    /** Whether the file was wanted since {@link #rest} looked. */
    private boolean used;

    /** Whether the file was closed while it grew. */
    private boolean rested;

    long markSequence;

    /** Of all batches, while this is not sealed. */
    EpochRuns epochs = EpochRuns.NONE;

    /** Whether all of the log before this extent was durable when it was first written. */
    boolean follows;

    Extent(long log, long baseOffset) {
        name = new Name(log, baseOffset);
        endOffset = baseOffset;
        index = new SparseIndex(2);
    }

    /** A sealed extent found on disk. */
    static Extent sealed(Name name, Seal seal) {
        var extent = new Extent(name.log(), name.baseOffset());
        extent.seal = seal;
        extent.endOffset = seal.endOffset();
        extent.size = seal.size();
        extent.maxTimestampMillis = seal.maxTimestampMillis();
        extent.index = null;
        extent.nameForced = true;
        extent.ownedUpTo(seal.size());
        return extent;
    }

    /** All bytes below {@code end} are durable in the own file; its name may not be yet. */
    void ownedUpTo(int end) {
        named = true;
        hasFile = true;
        touchedEnd = end;
        writtenEnd = end;
        forcedEnd = end;
    }

    long baseOffset() {
        return name.baseOffset();
    }

    LogExtent describe() {
        return new LogExtent(name.baseOffset(), endOffset, size, maxTimestampMillis);
    }

    boolean dirty() {
        return forcedEnd < writtenEnd;
    }

    /** Notes batches at the end: index, times, size. */
    void add(ByteBuffer batches, long end) {
        SparseIndex entries = requireIndex();
        int first = batches.position();
        int limit = batches.limit();
        for (int at = first; at < limit; at += BatchHeader.sizeInBytes(batches, at)) {
            entries.batch(BatchHeader.baseOffset(batches, at), size + at - first);
            maxTimestampMillis =
                    Math.max(maxTimestampMillis, BatchHeader.maxTimestamp(batches, at));
        }
        noteEpochs(batches, size);
        size += limit - first;
        endOffset = end;
    }

    /** Notes what the batches say that are about to lie at {@code position}. */
    void noteEpochs(ByteBuffer batches, int position) {
        int first = batches.position();
        for (int at = first; at < batches.limit(); at += BatchHeader.sizeInBytes(batches, at)) {
            epochs = epochs.with(position + at - first, BatchHeader.leaderEpoch(batches, at));
        }
    }

    /** The index of an extent that is not sealed, or whose index was loaded. */
    SparseIndex requireIndex() {
        SparseIndex entries = index;
        if (entries == null) {
            throw new IllegalStateException("the index of " + name.path() + " is not loaded");
        }
        return entries;
    }

    /** The own file if it is open. */
    @Nullable SharedFile opened() {
        used = true;
        return file;
    }

    /** The own file, made if there is none. */
    SharedFile open(FileLayer files) throws IOException {
        used = true;
        SharedFile opened = file;
        if (opened == null) {
            named = true;
            StorageFile raw = openRaw(files);
            if (raw == null) {
                throw new CorruptLogException(
                        "file '"
                                + name.path()
                                + "', which holds offsets "
                                + baseOffset()
                                + " to "
                                + (endOffset - 1)
                                + ", has lost its header; "
                                + DamageLog.REMEDY,
                        name.path(),
                        baseOffset(),
                        endOffset);
            }
            opened = new SharedFile(raw);
            file = opened;
            allocated = raw.size();
            hasFile = true;
        }
        return opened;
    }

    /**
     * A file that rested was looked at before: what happened to its header since is met at start.
     */
    private @Nullable StorageFile openRaw(FileLayer files) throws IOException {
        if (!hasFile) {
            return ExtentFile.create(files, name.path(), name);
        }
        return rested ? files.open(name.path(), OpenMode.WRITE) : ExtentFile.open(files, name);
    }

    /** Loads the index of a sealed extent. */
    SparseIndex index(SegmentLog log, FileLayer files) throws IOException {
        SparseIndex entries = index;
        Seal sealed = seal;
        if (entries == null && sealed != null) {
            entries = new SparseIndex(sealed.blocks());
            int[] crcs = new int[sealed.blocks()];
            if (!ExtentFile.index(
                    open(files).file(), name, sealed, entries.offsets, entries.positions, crcs)) {
                throw DamagedBytes.index(log, this);
            }
            entries.count = sealed.blocks();
            blockCrcs = crcs;
            index = entries;
        }
        return requireIndex();
    }

    /**
     * Puts a finer index in place.
     *
     * @param passed blocks of it that were checked while it was made
     */
    void reindex(SparseIndex finer, int @Nullable [] crcs, BitSet passed) {
        index = finer;
        blockCrcs = crcs;
        verified = passed;
        coarseEnd = 0;
    }

    /** Notes own bytes; returns whether the extent was clean before. */
    boolean wrote(int to) {
        boolean clean = !dirty();
        writtenEnd = Math.max(writtenEnd, to);
        return clean && dirty();
    }

    /**
     * Whether bytes written at {@code position} cannot be told by the next mark, but by another.
     */
    boolean spanBreaksAt(int position) {
        return spanTo > forcedEnd && position != spanTo;
    }

    /**
     * Takes bytes that are being written into the next mark.
     *
     * @return whether they are the first since the last one
     */
    boolean span(ByteBuffer[] bytes, int position, int to) {
        boolean first = !unmarked;
        unmarked = true;
        if (spanTo <= forcedEnd) {
            spanDurable = forcedEnd;
            spanFrom = position;
            spanCrc.reset();
        }
        spanTo = to;
        for (ByteBuffer each : bytes) {
            spanCrc.update(each.duplicate());
        }
        return first;
    }

    /** What marks told of is durable. */
    void spanForced() {
        forced(spanTo);
    }

    /** The mark for what was written since the last one; null if nothing was. */
    @Nullable Mark pendingMark() {
        if (!unmarked) {
            return null;
        }
        unmarked = false;
        int crc = (int) spanCrc.getValue();
        return new Mark(
                ++markSequence, follows, settledEnd, spanDurable, spanFrom, spanTo, crc, epochs);
    }

    /** The mark for a run that was copied. */
    Mark mark(int from, int to, int crc) {
        return new Mark(++markSequence, follows, settledEnd, forcedEnd, from, to, crc, epochs);
    }

    /** Notes that own bytes below {@code to} were forced. */
    void forced(int to) {
        forcedEnd = Math.max(forcedEnd, to);
    }

    /**
     * Sees that there are zeros or data below {@code to} before a DISK round writes there, so that
     * forcing it changes no metadata. Not under the log's lock.
     */
    void allocate(StorageFile raw, int to, int extentBytes) throws IOException {
        long needed = (long) ExtentFile.DATA + to;
        if (needed <= allocated) {
            return;
        }
        fileLock.lock();
        try {
            long step = Math.min(Math.max(allocated, FIRST_ALLOCATION), STEP);
            grow(raw, Math.max(needed, Math.min(allocated + step, greatest(extentBytes))));
        } finally {
            fileLock.unlock();
        }
    }

    private void grow(StorageFile raw, long target) throws IOException {
        if (target > allocated) {
            raw.allocate(target);
            allocated = target;
        }
    }

    private static long greatest(int extentBytes) {
        return (long) ExtentFile.DATA + extentBytes;
    }

    /** Whether zeros should be written aside now. Under the log's lock, or by the writer. */
    boolean cramped(int extentBytes) {
        long free = allocated - ExtentFile.DATA - touchedEnd;
        return free < Math.min(touchedEnd, GREATEST_AHEAD) / 2 && allocated < greatest(extentBytes);
    }

    /** Up to where zeros should lie: twice of what there is, within bounds. The log's lock. */
    long roomAhead(int extentBytes) {
        long ahead = Math.max(FIRST_ALLOCATION, Math.min(touchedEnd, GREATEST_AHEAD));
        return Math.min(greatest(extentBytes), ExtentFile.DATA + touchedEnd + ahead);
    }

    /**
     * Writes some of the zeros up to {@code target} aside of the writer. Not under the log's lock.
     *
     * @return whether there were any to write
     */
    boolean growAside(StorageFile raw, long target) throws IOException {
        fileLock.lock();
        try {
            boolean grows = allocated < target;
            grow(raw, Math.min(target, allocated + STEP));
            return grows;
        } finally {
            fileLock.unlock();
        }
    }

    /** Returns when no force aside is under way that might have failed. */
    void awaitAside() {
        asideLock.lock();
        try {
            // nothing: who held it is done
        } finally {
            asideLock.unlock();
        }
    }

    /** Cuts what was allocated and never used. Nobody writes at that time. */
    void trim() throws IOException {
        SharedFile opened = file;
        long end = (long) ExtentFile.DATA + size;
        if (opened != null && seal == null && overlay.isEmpty() && opened.file().size() > end) {
            opened.file().truncate(end);
            allocated = end;
        }
    }

    /**
     * Whether the file of an extent that grows is open, nobody has wanted it since {@link #rest},
     * and all that was written to it is durable.
     */
    boolean isIdle() {
        return file != null
                && seal == null
                && !used
                && !unmarked
                && !dirty()
                && spanTo <= forcedEnd;
    }

    /** Closes the file of an extent that {@link #isIdle} until it is wanted again. */
    void restGrowing() throws IOException {
        try {
            trim();
        } finally {
            rested = true;
            closeFile();
        }
    }

    /** Closes file and index of a sealed extent that nobody has wanted since the last call. */
    void rest() {
        if (seal == null || used) {
            used = false;
            return;
        }
        closeFile();
        index = null; // the file's index is the same when it is read again: so are its blocks
        blockCrcs = null;
    }

    /** The log no longer has this extent; its bytes stay for those who read them. */
    void drop() {
        overlay.clear();
        closeFile();
    }

    void closeFile() {
        SharedFile opened = file;
        file = null;
        if (opened != null) {
            opened.release();
        }
    }
}
