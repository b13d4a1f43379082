// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.memory;

import io.mortise.spi.record.BatchHeader;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Whole batches back to back in one buffer. Written once, front to back, by the log's writer; what
 * a reader was lent never changes. Counts its users (the log itself, each slice) and returns its
 * bytes to the budget when the last is gone.
 */
final class MemoryBlock {
    private final MemoryBudget budget;
    private final ByteBuffer bytes;
    private final AtomicInteger users = new AtomicInteger(1);
    final long baseOffset;
    long endOffset;
    int size;
    long maxTimestampMillis = -1;

    MemoryBlock(MemoryBudget budget, int capacity, long baseOffset) {
        this.budget = budget;
        this.bytes = ByteBuffer.allocate(capacity);
        this.baseOffset = baseOffset;
        this.endOffset = baseOffset;
    }

    boolean fits(int length) {
        return length <= bytes.capacity() - size;
    }

    void append(ByteBuffer source, int from, int length, long end) {
        bytes.put(size, source, from, length);
        for (int at = size; at < size + length; at += BatchHeader.sizeInBytes(bytes, at)) {
            maxTimestampMillis = Math.max(maxTimestampMillis, BatchHeader.maxTimestamp(bytes, at));
        }
        size += length;
        endOffset = end;
    }

    /**
     * Where the batch begins whose last offset is at or past {@code offset}; {@link #size} if none
     * is.
     */
    int positionOf(long offset) {
        int at = 0;
        while (at < size && BatchHeader.lastOffset(bytes, at) < offset) {
            at += BatchHeader.sizeInBytes(bytes, at);
        }
        return at;
    }

    /**
     * Where a slice ends that begins at {@code from}: before {@code limit}, within {@code maxBytes}
     * but for one batch.
     */
    int endOfSlice(int from, long limit, int maxBytes) {
        int at = from;
        while (at < size && BatchHeader.baseOffset(bytes, at) < limit) {
            int next = at + BatchHeader.sizeInBytes(bytes, at);
            if (at > from && next - from > maxBytes) {
                break;
            }
            at = next;
        }
        return at;
    }

    long offsetAt(int position) {
        return position == size ? endOffset : BatchHeader.baseOffset(bytes, position);
    }

    /**
     * Forgets what lies past {@code position} and ends at or before {@code offset}; the caller
     * appends to another block from now on.
     */
    void cut(int position, long offset) {
        endOffset = Math.min(offset, offsetAt(position));
        size = position;
        maxTimestampMillis = -1;
        for (int at = 0; at < size; at += BatchHeader.sizeInBytes(bytes, at)) {
            maxTimestampMillis = Math.max(maxTimestampMillis, BatchHeader.maxTimestamp(bytes, at));
        }
    }

    ByteBuffer view(int from, int to) {
        return bytes.slice(from, to - from).asReadOnlyBuffer();
    }

    void retain() {
        users.incrementAndGet();
    }

    void release() {
        if (users.decrementAndGet() == 0) {
            budget.give(bytes.capacity());
        }
    }
}
