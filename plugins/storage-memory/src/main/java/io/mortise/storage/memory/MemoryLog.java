// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.memory;

import io.mortise.spi.LogId;
import io.mortise.spi.record.BatchHeader;
import io.mortise.spi.storage.LogConfig;
import io.mortise.spi.storage.LogExtent;
import io.mortise.spi.storage.LogSlice;
import io.mortise.spi.storage.LogStorage;
import io.mortise.spi.storage.OffsetOutOfRangeException;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/** One log: blocks of whole batches, the last one growing. One short lock; no I/O is under it. */
final class MemoryLog implements LogStorage {
    private static final int FIRST_BLOCK = 4 << 10;
    private static final int GREATEST_BLOCK = 256 << 10;

    private final MemoryEngine engine;
    private final LogId id;
    private final String name;
    private final MemoryBudget budget;
    private final ReentrantLock lock = new ReentrantLock();
    private final ArrayList<MemoryBlock> blocks = new ArrayList<>();
    private long startOffset;
    private long endOffset;
    private int leaderEpoch;
    private int extentBytes;
    private int nextCapacity = FIRST_BLOCK;
    private boolean blockOpen;
    private boolean open;

    MemoryLog(MemoryEngine engine, LogId id, MemoryBudget budget, long startOffset) {
        this.engine = engine;
        this.id = id;
        this.name = id.toString();
        this.budget = budget;
        this.startOffset = startOffset;
        this.endOffset = startOffset;
    }

    LogId id() {
        return id;
    }

    void open(int epoch, LogConfig config) {
        lock.lock();
        try {
            if (open) {
                throw new IllegalStateException("log " + name + " is already open");
            }
            open = true;
            leaderEpoch = Math.max(leaderEpoch, epoch);
            extentBytes = config.extentBytes();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void append(int epoch, long baseOffset, long end, ByteBuffer batches)
            throws IOException {
        lock.lock();
        try {
            check(epoch, baseOffset, end, batches);
            int length = batches.remaining();
            MemoryBlock block = blockFor(length);
            block.append(batches, batches.position(), length, end);
            leaderEpoch = epoch;
            endOffset = end;
        } finally {
            lock.unlock();
            engine.tellTrimmed();
        }
    }

    private void check(int epoch, long baseOffset, long end, ByteBuffer batches) {
        requireOpen();
        if (epoch < leaderEpoch) {
            throw new IllegalArgumentException(
                    "log "
                            + name
                            + " is led under epoch "
                            + leaderEpoch
                            + ", append carries "
                            + epoch);
        }
        long next = endOffset;
        int at = batches.position();
        if (baseOffset == next) {
            while (batches.limit() - at >= BatchHeader.SIZE
                    && BatchHeader.baseOffset(batches, at) == next
                    && BatchHeader.sizeInBytes(batches, at) <= batches.limit() - at) {
                next = BatchHeader.lastOffset(batches, at) + 1;
                at += BatchHeader.sizeInBytes(batches, at);
            }
        }
        if (baseOffset != endOffset || at != batches.limit() || next != end) {
            throw new IllegalArgumentException(
                    "log "
                            + name
                            + " ends at "
                            + endOffset
                            + "; the append says "
                            + baseOffset
                            + " to "
                            + end
                            + " and holds whole batches in order up to "
                            + next);
        }
    }

    /** The log and where it ends, for messages. */
    String where() {
        return "log " + name + ", at offset " + endOffset;
    }

    private MemoryBlock blockFor(int length) throws IOException {
        if (blockOpen && blocks.getLast().fits(length)) {
            return blocks.getLast();
        }
        int capacity = Math.max(length, Math.min(nextCapacity, Math.max(FIRST_BLOCK, extentBytes)));
        engine.take(this, capacity);
        var block = new MemoryBlock(budget, capacity, endOffset);
        nextCapacity = Math.min(GREATEST_BLOCK, nextCapacity * 2);
        blocks.add(block);
        blockOpen = true;
        return block;
    }

    @Override
    public LogSlice read(long offset, long limit, int maxBytes) throws IOException {
        lock.lock();
        try {
            requireOpen();
            if (offset < startOffset || offset > endOffset) {
                throw new OffsetOutOfRangeException(
                        "log "
                                + name
                                + " was asked for offset "
                                + offset
                                + ", it has "
                                + startOffset
                                + " to "
                                + endOffset);
            }
            for (int i = offset == endOffset ? blocks.size() : indexOf(offset);
                    i < blocks.size() && blocks.get(i).baseOffset < limit;
                    i++) {
                MemoryBlock block = blocks.get(i);
                int from = block.positionOf(offset);
                int to = block.endOfSlice(from, limit, maxBytes);
                if (from < to) {
                    return MemorySlice.of(block, from, to);
                }
            }
            return MemorySlice.empty(offset, Math.max(offset, Math.min(limit, endOffset)));
        } finally {
            lock.unlock();
        }
    }

    /** Index of the block that holds {@code offset}, which is below the end. */
    private int indexOf(long offset) {
        int low = 0;
        int high = blocks.size() - 1;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (blocks.get(middle).endOffset <= offset) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    @Override
    public long startOffset() {
        lock.lock();
        try {
            return startOffset;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public long endOffset() {
        lock.lock();
        try {
            return endOffset;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public List<LogExtent> extents() {
        lock.lock();
        try {
            var extents = new ArrayList<LogExtent>(blocks.size());
            for (MemoryBlock block : blocks) {
                extents.add(
                        new LogExtent(
                                block.baseOffset,
                                block.endOffset,
                                block.size,
                                block.maxTimestampMillis));
            }
            return extents;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void configure(LogConfig config) {
        MemoryEngine.requireMemory(name, config);
        lock.lock();
        try {
            extentBytes = config.extentBytes();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void truncate(long offset) {
        lock.lock();
        try {
            requireOpen();
            while (!blocks.isEmpty() && blocks.getLast().baseOffset >= offset) {
                endOffset = blocks.getLast().baseOffset;
                drop(blocks.size() - 1);
            }
            if (!blocks.isEmpty() && blocks.getLast().endOffset > offset) {
                MemoryBlock last = blocks.getLast();
                last.cut(last.positionOf(offset), offset);
                endOffset = last.endOffset;
            }
            blockOpen = false;
            startOffset = Math.min(startOffset, endOffset);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void advanceStart(long offset) {
        lock.lock();
        try {
            requireOpen();
            startOffset = Math.max(startOffset, Math.min(offset, endOffset));
            while (!blocks.isEmpty() && blocks.getFirst().endOffset <= startOffset) {
                drop(0);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Copies aside of the lock; begins anew if retention or truncation came in between. */
    @Override
    public void replace(long from, long to, List<ByteBuffer> batches) throws IOException {
        Replacement.check(name, from, to, batches);
        boolean done = from == to;
        while (!done) {
            List<MemoryBlock> old = retained(from, to);
            var fresh = new Replacement(name, budget, old.getFirst().baseOffset);
            try {
                fill(fresh, old, from, to, batches);
                done = swap(old, fresh.finish(old.getLast().endOffset));
            } finally {
                if (!done) {
                    fresh.discard();
                }
                old.forEach(MemoryBlock::release);
            }
        }
    }

    /** The blocks that the range lies in, which no longer grow. */
    private List<MemoryBlock> retained(long from, long to) {
        lock.lock();
        try {
            requireOpen();
            if (blocks.isEmpty() || from < blocks.getFirst().baseOffset || to > endOffset) {
                throw new IllegalArgumentException(
                        "log "
                                + name
                                + " has "
                                + startOffset
                                + " to "
                                + endOffset
                                + "; "
                                + from
                                + " to "
                                + to
                                + " cannot be replaced");
            }
            int last = indexOf(to - 1);
            blockOpen &= last < blocks.size() - 1;
            List<MemoryBlock> old = List.copyOf(blocks.subList(indexOf(from), last + 1));
            old.forEach(MemoryBlock::retain);
            return old;
        } finally {
            lock.unlock();
        }
    }

    private void fill(
            Replacement fresh, List<MemoryBlock> old, long from, long to, List<ByteBuffer> batches)
            throws IOException {
        MemoryBlock first = old.getFirst();
        MemoryBlock last = old.getLast();
        int head = first.positionOf(from);
        int tail = last.positionOf(to);
        if ((head < first.size && first.offsetAt(head) < from)
                || (tail < last.size && last.offsetAt(tail) < to)) {
            throw new IllegalArgumentException(
                    "log " + name + ": " + from + " or " + to + " is no boundary between batches");
        }
        fresh.add(first.view(0, head));
        for (ByteBuffer run : batches) {
            fresh.add(run);
        }
        fresh.add(last.view(tail, last.size));
    }

    private boolean swap(List<MemoryBlock> old, List<MemoryBlock> fresh) {
        lock.lock();
        try {
            requireOpen();
            int at = blocks.indexOf(old.getFirst());
            boolean same =
                    at >= 0
                            && at + old.size() <= blocks.size()
                            && blocks.subList(at, at + old.size()).equals(old)
                            && blocks.get(at + old.size() - 1).endOffset
                                    == fresh.getLast().endOffset;
            if (same) {
                blocks.subList(at, at + old.size()).clear();
                blocks.addAll(at, fresh);
                old.forEach(MemoryBlock::release);
            }
            return same;
        } finally {
            lock.unlock();
        }
    }

    /** Bytes of all blocks but the one that grows. */
    long droppableBytes() {
        lock.lock();
        try {
            long bytes = 0;
            for (int i = 0; i < blocks.size() - (blockOpen ? 1 : 0); i++) {
                bytes += blocks.get(i).size;
            }
            return bytes;
        } finally {
            lock.unlock();
        }
    }

    /** Moves the start behind the first block; returns the bytes that it held. */
    int dropOldest() {
        lock.lock();
        try {
            MemoryBlock first = blocks.getFirst();
            startOffset = Math.max(startOffset, first.endOffset);
            int bytes = first.size;
            drop(0);
            return bytes;
        } finally {
            lock.unlock();
        }
    }

    private void drop(int index) {
        if (index == blocks.size() - 1) {
            blockOpen = false;
        }
        blocks.remove(index).release();
    }

    void delete() {
        lock.lock();
        try {
            if (open) {
                throw new IllegalStateException("log " + name + " is open and cannot be deleted");
            }
            while (!blocks.isEmpty()) {
                drop(blocks.size() - 1);
            }
        } finally {
            lock.unlock();
        }
    }

    /** The batches stay until the engine closes or deletes the log. */
    @Override
    public void close() {
        lock.lock();
        try {
            open = false;
        } finally {
            lock.unlock();
        }
    }

    private void requireOpen() {
        if (!open) {
            throw new IllegalStateException("log " + name + " is closed");
        }
    }
}
