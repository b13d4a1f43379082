// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.segment;

import java.util.ArrayDeque;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The buffers in which rounds are gathered, small and large, kept for the next round. Any thread.
 */
final class StagingPool {
    private static final int SMALL = 4 << 10;

    private final int large;
    private final long maxBytes;
    private final ReentrantLock lock = new ReentrantLock();
    private final ArrayDeque<Chunk> freeSmall = new ArrayDeque<>();
    private final ArrayDeque<Chunk> freeLarge = new ArrayDeque<>();
    private long usedBytes;
    private long freeBytes;

    StagingPool(int greatestAppend, long maxBytes) {
        this.large = Math.max(SMALL, greatestAppend);
        this.maxBytes = maxBytes;
    }

    /** Whether the round should be written before more is gathered. */
    boolean full() {
        lock.lock();
        try {
            return usedBytes >= maxBytes;
        } finally {
            lock.unlock();
        }
    }

    /** A chunk that takes {@code bytes}; small only for the first of a round. */
    Chunk take(int bytes, boolean first) {
        lock.lock();
        try {
            boolean small = first && bytes <= SMALL;
            Chunk chunk = (small ? freeSmall : freeLarge).poll();
            if (chunk == null) {
                chunk = new Chunk(small ? SMALL : large);
            } else {
                freeBytes -= chunk.buffer.capacity();
            }
            usedBytes += chunk.buffer.capacity();
            return chunk;
        } finally {
            lock.unlock();
        }
    }

    void give(Chunk chunk) {
        chunk.extent = null;
        chunk.file = null;
        int capacity = chunk.buffer.capacity();
        lock.lock();
        try {
            usedBytes -= capacity;
            if (freeBytes + capacity <= maxBytes) {
                freeBytes += capacity;
                (capacity < large ? freeSmall : freeLarge).push(chunk);
            }
        } finally {
            lock.unlock();
        }
    }
}
