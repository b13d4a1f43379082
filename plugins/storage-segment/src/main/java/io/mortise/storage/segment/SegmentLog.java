// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.segment;

import io.mortise.spi.Durability;
import io.mortise.spi.LogId;
import io.mortise.spi.record.BatchHeader;
import io.mortise.spi.storage.LogConfig;
import io.mortise.spi.storage.LogExtent;
import io.mortise.spi.storage.LogFailedException;
import io.mortise.storage.segment.Overlay.Piece;
import io.mortise.storage.segment.file.Checkpoint;
import io.mortise.storage.segment.file.Checkpoint.Cut;
import io.mortise.storage.segment.file.Checkpoint.Packed;
import io.mortise.storage.segment.file.ExtentFile;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The state of one log. Locks, in the order in which they are taken: {@link #reshapeLock} (who
 * takes extents away, but for what deletes the log), the engine's round lock, {@link #copyLock}
 * (who moves bytes between commit log and own files), {@link #lock} (this state; nearly no I/O is
 * under it).
 */
final class SegmentLog {
    final long number;
    final LogId id;
    final ReentrantLock lock = new ReentrantLock();
    final ReentrantLock copyLock = new ReentrantLock();
    final ReentrantLock reshapeLock = new ReentrantLock();

    /** In order, never empty, the last one growing. */
    final ArrayList<Extent> extents = new ArrayList<>();

    /** What was appended and is in no file yet. */
    final ArrayList<Chunk> staged = new ArrayList<>();

    /** Extents with own bytes that are not forced. */
    final ArrayList<Extent> dirty = new ArrayList<>();

    /**
     * What a replacement took away and did not delete yet. For who reshapes the log, or has it
     * closed.
     */
    final ArrayDeque<Extent> replaced = new ArrayDeque<>();

    /** Whether the engine's round has this log; written under the round lock. */
    volatile boolean inRound;

    /** The end before the round that is under way. */
    long roundBase;

    /** Bytes appended in the round that is under way. */
    int roundBytes;

    /** Whether the round that is under way goes to the own files. */
    boolean roundOwn;

    /**
     * Where a truncation under way, or one that failed, has made frames void, and readers stop.
     * Written under the round lock and this log's.
     */
    long voidFrom = Long.MAX_VALUE;

    long startOffset;
    long endOffset;
    int leaderEpoch;
    Durability durability = Durability.DISK;
    int extentBytes = 64 << 20;
    boolean open;

    /** Bytes whose truth is in the commit log. */
    long overlaidBytes;

    /** Whether an extent was begun since the background looked. */
    volatile boolean rolled;

    /** Why the log serves nothing until it is opened anew. */
    volatile @Nullable IOException failure;

    /** Whether the log was deleted: who found it before reads nothing any more. */
    private boolean deleted;

    /** Why the log could not be recovered at all. */
    @Nullable IOException broken;

    /** What is kept of a log that is {@link #broken}. */
    @Nullable Unrecovered unrecovered;

    SegmentLog(long number, LogId id, long startOffset) {
        this.number = number;
        this.id = id;
        this.startOffset = startOffset;
        this.endOffset = startOffset;
    }

    String name() {
        return id.toString();
    }

    long startOffset() {
        lock.lock();
        try {
            return startOffset;
        } finally {
            lock.unlock();
        }
    }

    long endOffset() {
        lock.lock();
        try {
            return endOffset;
        } finally {
            lock.unlock();
        }
    }

    List<LogExtent> describeExtents() {
        lock.lock();
        try {
            var described = new ArrayList<LogExtent>(extents.size());
            for (Extent extent : extents) {
                described.add(extent.describe());
            }
            return described;
        } finally {
            lock.unlock();
        }
    }

    void open(int epoch, LogConfig config) {
        lock.lock();
        try {
            open = true;
            leaderEpoch = Math.max(leaderEpoch, epoch);
            durability = config.durability();
            extentBytes = config.extentBytes();
        } finally {
            lock.unlock();
        }
    }

    void requireHealthy() throws IOException {
        IOException cause = failure;
        if (cause != null) {
            throw new LogFailedException(
                    where()
                            + " failed and must be opened anew, which a broker does by itself: "
                            + cause.getMessage()
                            + "; what was acknowledged is kept; if it fails again, check the disk",
                    cause);
        }
    }

    /** The log, the file that it grows in and where it ends, for messages. */
    String where() {
        lock.lock();
        try {
            return "log "
                    + name()
                    + ", file '"
                    + (extents.isEmpty() ? ExtentFile.DIRECTORY : active().name.path())
                    + "' or the commit log, at offset "
                    + endOffset;
        } finally {
            lock.unlock();
        }
    }

    void voidFrom(long offset) {
        lock.lock();
        try {
            voidFrom = offset;
        } finally {
            lock.unlock();
        }
    }

    /** From now on nothing is read: the extents go one by one. */
    void delete() {
        lock.lock();
        try {
            deleted = true;
            letGo();
        } finally {
            lock.unlock();
        }
    }

    /** What was found of a log that could not be recovered. */
    LogSeed kept() {
        lock.lock();
        try {
            if (unrecovered == null) {
                throw new IllegalStateException("log " + name() + " was recovered");
            }
            return unrecovered.seed();
        } finally {
            lock.unlock();
        }
    }

    /** Nothing is kept of a log that could not be recovered any more. */
    void letGo() {
        lock.lock();
        try {
            if (unrecovered != null) {
                unrecovered.overlay.clear();
            }
        } finally {
            lock.unlock();
        }
    }

    boolean deleted() {
        lock.lock();
        try {
            return deleted;
        } finally {
            lock.unlock();
        }
    }

    /** Whether readers are served from that offset on. Under the lock. */
    boolean serves(long offset) {
        return failure == null
                && !deleted
                && offset >= startOffset
                && offset < Math.min(endOffset, voidFrom);
    }

    /** Refuses as a closed log does. Under the lock. */
    void requireThere() {
        if (deleted) {
            throw new IllegalStateException("log " + name() + " was deleted");
        }
    }

    /** First offset of the first extent, at or below the start. */
    long firstOffset() {
        lock.lock();
        try {
            return extents.getFirst().baseOffset();
        } finally {
            lock.unlock();
        }
    }

    /** Has the next append begin an extent if {@code extent} is the one that grows. */
    void roll(Extent extent) {
        lock.lock();
        try {
            if (active() == extent) {
                extents.add(new Extent(number, endOffset));
            }
        } finally {
            lock.unlock();
        }
    }

    Extent active() {
        return extents.getLast();
    }

    /** Refuses what is not the next run of whole batches. Changes nothing. */
    void check(int epoch, long base, long end, ByteBuffer batches) {
        if (epoch < leaderEpoch) {
            throw new IllegalArgumentException(
                    "log "
                            + name()
                            + " is led under epoch "
                            + leaderEpoch
                            + ", the append carries "
                            + epoch);
        }
        long next = endOffset;
        int at = batches.position();
        int limit = batches.limit();
        while (base == endOffset
                && limit - at >= BatchHeader.SIZE
                && BatchHeader.baseOffset(batches, at) == next
                && BatchHeader.sizeInBytes(batches, at) >= BatchHeader.SIZE
                && BatchHeader.sizeInBytes(batches, at) <= limit - at
                && BatchHeader.magic(batches, at) == 2) {
            next = BatchHeader.lastOffset(batches, at) + 1;
            at += BatchHeader.sizeInBytes(batches, at);
        }
        if (base != endOffset || at != limit || next != end) {
            throw new IllegalArgumentException(
                    "log "
                            + name()
                            + " ends at "
                            + endOffset
                            + "; the append says "
                            + base
                            + " to "
                            + end
                            + " and holds whole batches in order up to "
                            + next);
        }
    }

    /** The extent that takes the next {@code bytes}. */
    Extent extentFor(int bytes) {
        Extent active = active();
        if (active.size > 0 && (long) active.size + bytes > extentBytes) {
            active = new Extent(number, endOffset);
            extents.add(active);
            rolled = true;
        }
        return active;
    }

    /** The extent that holds {@code offset}, which is below the end. */
    Extent extentOf(long offset) {
        int low = 0;
        int high = extents.size() - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (extents.get(middle).baseOffset() <= offset) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return extents.get(low);
    }

    /** Copies the next batches into a chunk. */
    void stage(ByteBuffer batches, int epoch, long end, StagingPool pool) {
        int bytes = batches.remaining();
        Extent extent = extentFor(bytes);
        Chunk chunk = staged.isEmpty() ? null : staged.getLast();
        if (chunk == null || !chunk.takes(extent, bytes)) {
            chunk = pool.take(bytes, chunk == null);
            chunk.begin(extent, extent.size, endOffset);
            staged.add(chunk);
        }
        chunk.append(batches, epoch, end);
        appended(extent, batches, epoch, end);
    }

    /** Has every block be checked again when it is read next. */
    void forgetVerified() {
        lock.lock();
        try {
            extents.forEach(extent -> extent.verified = new BitSet());
        } finally {
            lock.unlock();
        }
    }

    /** Whether the extent that grows has a file that should be made longer. Under the lock. */
    boolean takesRoom() {
        return failure == null
                && broken == null
                && !deleted
                && active().hasFile
                && active().cramped(extentBytes);
    }

    /** Whether the file that grows is open and nobody has wanted it for a while. */
    boolean isIdle() {
        lock.lock();
        try {
            return failure == null && active().isIdle();
        } finally {
            lock.unlock();
        }
    }

    /** Closes the file that grows if nobody has wanted it for a while. Under the round lock. */
    void restGrowing() throws IOException {
        if (!reshapeLock.tryLock()) {
            return;
        }
        lock.lock();
        try {
            if (failure == null && active().isIdle()) {
                active().restGrowing();
            }
        } finally {
            lock.unlock();
            reshapeLock.unlock();
        }
    }

    /** Closes what nobody reads; not while a replacement needs the files that are open. */
    void rest() {
        if (!reshapeLock.tryLock()) {
            return;
        }
        lock.lock();
        try {
            extents.forEach(Extent::rest);
        } finally {
            lock.unlock();
            reshapeLock.unlock();
        }
    }

    /** The first place past {@code position} of an extent at which a read can begin. */
    Place nextKnown(Extent extent, int position) {
        lock.lock();
        try {
            SparseIndex index = extent.index;
            int next = index == null ? 0 : index.floorPosition(position) + 1;
            Place known =
                    index != null && next < index.count
                            ? new Place(index.offsets[next], index.positions[next])
                            : new Place(extent.endOffset, extent.size);
            for (int i = 0; index != null && i < extent.overlay.count(); i++) {
                Piece piece = extent.overlay.get(i);
                if (piece.position() > position) {
                    boolean first = piece.base() < known.offset();
                    return first ? new Place(piece.base(), piece.position()) : known;
                }
            }
            return known;
        } finally {
            lock.unlock();
        }
    }

    /** Notes the next batches, wherever their bytes are. */
    void appended(Extent extent, ByteBuffer batches, int epoch, long end) {
        roundBytes = (int) Math.min(Integer.MAX_VALUE, (long) roundBytes + batches.remaining());
        extent.add(batches, end);
        endOffset = end;
        leaderEpoch = epoch;
    }

    /** Notes own bytes of a round or a copy. */
    void wrote(Extent extent, int to) {
        if (extent.wrote(to)) {
            dirty.add(extent);
        }
    }

    /** Notes a chunk that now lies in the commit log. */
    void overlaid(Extent extent, Piece piece) {
        extent.overlay.add(piece);
        overlaidBytes += piece.length();
    }

    void dropStaged(StagingPool pool) {
        staged.forEach(pool::give);
        staged.clear();
    }

    void recountOverlay() {
        overlaidBytes = 0;
        for (Extent extent : extents) {
            overlaidBytes += extent.overlay.bytes();
        }
    }

    /** Position below which the extent's bytes are in files, not in chunks. */
    int unstagedEnd(Extent extent) {
        for (Chunk chunk : staged) {
            if (chunk.extent == extent) {
                return chunk.position;
            }
        }
        return extent.size;
    }

    /** Whether a sealed extent has a name that a power loss may take back. */
    boolean hasUnforcedName() {
        lock.lock();
        try {
            for (Extent extent : extents) {
                if (extent.seal != null && !extent.nameForced) {
                    return true;
                }
            }
            return false;
        } finally {
            lock.unlock();
        }
    }

    Checkpoint.Entry checkpoint() {
        lock.lock();
        try {
            return unrecovered == null
                    ? new Checkpoint.Entry(number, id, startOffset, cut(), packed())
                    : unrecovered.checkpoint();
        } finally {
            lock.unlock();
        }
    }

    /** What packs hold of this log. */
    private List<Packed> packed() {
        var packed = new ArrayList<Packed>();
        for (Extent extent : extents) {
            packed.addAll(Unrecovered.packed(extent.overlay, extent.maxTimestampMillis));
        }
        return packed;
    }

    private Cut cut() {
        for (Extent extent : extents) {
            boolean whole =
                    extent.nameForced
                            && extent.overlay.isEmpty()
                            && extent.forcedEnd >= extent.size;
            if (!whole) {
                return cutWithin(extent);
            }
        }
        Extent last = active();
        return new Cut(last.baseOffset(), last.size, last.endOffset, last.maxTimestampMillis);
    }

    private static Cut cutWithin(Extent extent) {
        SparseIndex index = extent.requireIndex();
        int durable = extent.nameForced ? extent.forcedEnd : 0;
        if (!extent.overlay.isEmpty()) {
            durable = Math.min(durable, extent.overlay.get(0).position());
        }
        if (durable == 0 || index.count == 0) {
            return Cut.NONE;
        }
        int entry = index.floorPosition(durable);
        return new Cut(
                extent.baseOffset(),
                index.positions[entry],
                index.offsets[entry],
                extent.maxTimestampMillis);
    }
}
