// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import io.mortise.spi.record.BatchHeader;
import io.netty.buffer.ByteBuf;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;

/**
 * A run of stamped batches in memory. One thread at a time fills it (under its partition's lock),
 * any number read what is published, without lock, as long as they hold a reference.
 */
final class RingChunk {
    private static final VarHandle REFERENCES;

    static {
        try {
            REFERENCES =
                    MethodHandles.lookup().findVarHandle(RingChunk.class, "references", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** One entry of the index for at least so many bytes. */
    private static final int INDEX_INTERVAL_BYTES = 1024;

    /** Who holds it in its ring. */
    final LogStanding owner;

    /** The memory; released with the last reference. */
    final ByteBuf memory;

    /** The same bytes; absolute access only. */
    final ByteBuffer view;

    /** The same bytes, for the engine's writer alone. */
    final ByteBuffer writerView;

    final int capacity;
    final long baseOffset;

    private final int[] indexPositions;
    private final long[] indexOffsets;
    private volatile int indexSize;

    private volatile int limit;
    private volatile long endOffset;
    private volatile long lastAppendNanos;

    /** Bytes and offset up to which the engine has it; the partition's lock. */
    private int writtenPosition;

    private volatile long writtenOffset;

    /** Its ring has let go of it. */
    volatile boolean dropped;

    @SuppressWarnings("unused") // by REFERENCES
    private volatile int references = 1;

    RingChunk(LogStanding owner, ByteBuf memory, int capacity, long baseOffset) {
        this.owner = owner;
        this.memory = memory;
        this.capacity = capacity;
        this.baseOffset = baseOffset;
        this.view = memory.nioBuffer(0, capacity);
        this.writerView = view.duplicate();
        this.endOffset = baseOffset;
        this.writtenOffset = baseOffset;
        this.indexPositions = new int[capacity / INDEX_INTERVAL_BYTES + 1];
        this.indexOffsets = new long[indexPositions.length];
    }

    /** Takes a reference; false if the memory is already gone. */
    boolean acquire() {
        int now = (int) REFERENCES.getVolatile(this);
        while (now > 0) {
            if (REFERENCES.compareAndSet(this, now, now + 1)) {
                return true;
            }
            now = (int) REFERENCES.getVolatile(this);
        }
        return false;
    }

    void release() {
        if ((int) REFERENCES.getAndAdd(this, -1) == 1) {
            memory.release();
        }
    }

    int limit() {
        return limit;
    }

    long endOffset() {
        return endOffset;
    }

    long writtenOffset() {
        return writtenOffset;
    }

    int writtenPosition() {
        return writtenPosition;
    }

    long lastAppendNanos() {
        return lastAppendNanos;
    }

    boolean fullyWritten() {
        return writtenOffset == endOffset;
    }

    int room() {
        return capacity - limit;
    }

    /** Notes a batch at {@code position} that is about to be published. */
    void index(int position, long offset) {
        int size = indexSize;
        if (size == 0 || position - indexPositions[size - 1] >= INDEX_INTERVAL_BYTES) {
            indexPositions[size] = position;
            indexOffsets[size] = offset;
            indexSize = size + 1;
        }
    }

    /** Lets readers see everything up to {@code position}. */
    void publish(int position, long offset, long nowNanos) {
        lastAppendNanos = nowNanos;
        endOffset = offset;
        limit = position;
    }

    /** The engine has everything up to {@code position}. */
    void written(int position, long offset) {
        writtenPosition = position;
        writtenOffset = offset;
    }

    /** Position of the batch that holds {@code offset}, below {@code end}; -1 if there is none. */
    int find(long offset, int end) {
        int position = indexed(offset, end);
        while (position < end) {
            if (BatchHeader.lastOffset(view, position) >= offset) {
                return position;
            }
            position += BatchHeader.sizeInBytes(view, position);
        }
        return -1;
    }

    private int indexed(long offset, int end) {
        int low = 0;
        int high = indexSize - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (indexOffsets[middle] <= offset && indexPositions[middle] < end) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return indexPositions[low];
    }

    /**
     * Position of the last batch that a read starting at {@code from} returns: below {@code end},
     * with a base offset below {@code limitOffset}, and within {@code maxBytes} unless it is the
     * first; -1 if not even the first is.
     */
    int findLast(int from, int end, long limitOffset, int maxBytes, boolean atLeastOne) {
        long bound = Math.min(end, (long) from + maxBytes);
        int position = skip(from, bound, limitOffset);
        int last = -1;
        while (position < end && BatchHeader.baseOffset(view, position) < limitOffset) {
            int next = position + BatchHeader.sizeInBytes(view, position);
            if (next > bound && !(atLeastOne && position == from)) {
                break;
            }
            last = position;
            position = next;
        }
        return last;
    }

    /** The last indexed batch whose predecessors are all within the bounds, at least from. */
    private int skip(int from, long bound, long limitOffset) {
        int low = 0;
        int high = indexSize - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (indexPositions[middle] < bound && indexOffsets[middle] < limitOffset) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        // The batch at that entry may itself cross the bound: start from its predecessor entry.
        int safe = Math.max(0, low - 1);
        return Math.max(from, indexPositions[safe]);
    }
}
