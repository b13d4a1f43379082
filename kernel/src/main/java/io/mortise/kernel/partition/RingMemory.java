// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;

import org.jspecify.annotations.Nullable;

import java.util.Iterator;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The memory of all rings under one budget. Chunks that the engines have are given up oldest first
 * when room is needed; chunks that they do not have yet never are.
 *
 * <p>Locks: {@link #reclaim} takes partitions' locks one at a time and must not be called under
 * one; everything else may be.
 */
final class RingMemory {
    /** A page of 8 KiB shifted by this is what Netty takes from the system at once: 2 MiB. */
    private static final int MAX_ORDER = 8;

    private static final int PAGE_BYTES = 8192;

    /** One for all, because Netty gives an arena back only when it is collected. */
    private static final ByteBufAllocator ALLOCATOR =
            new PooledByteBufAllocator(true, 0, 1, PAGE_BYTES, MAX_ORDER, 0, 0, false);

    private final long budgetBytes;
    private final AtomicLong usedBytes = new AtomicLong();
    private final AtomicLong unwrittenBytes = new AtomicLong();
    private final ConcurrentLinkedDeque<RingChunk> oldestFirst = new ConcurrentLinkedDeque<>();
    private final ConcurrentLinkedQueue<Waiter> waiters = new ConcurrentLinkedQueue<>();
    private final ReentrantLock reclaiming = new ReentrantLock();

    RingMemory(long budgetBytes) {
        this.budgetBytes = budgetBytes;
    }

    /** For copies that live as long as one read. */
    ByteBufAllocator allocator() {
        return ALLOCATOR;
    }

    long usedBytes() {
        return usedBytes.get();
    }

    long budgetBytes() {
        return budgetBytes;
    }

    long unwrittenBytes() {
        return unwrittenBytes.get();
    }

    /** Counts bytes that were sequenced (or, negative, written or given up). */
    void addUnwritten(long bytes) {
        unwrittenBytes.addAndGet(bytes);
    }

    /** A chunk of its own for {@code owner}, or null if the budget does not allow it. */
    @Nullable RingChunk allocate(LogStanding owner, int bytes, long baseOffset) {
        long used = usedBytes.addAndGet(bytes);
        if (used > budgetBytes && used > bytes) {
            usedBytes.addAndGet(-bytes);
            return null;
        }
        ByteBuf memory = ALLOCATOR.directBuffer(bytes, bytes);
        var chunk = new RingChunk(owner, memory, bytes, baseOffset);
        oldestFirst.addLast(chunk);
        return chunk;
    }

    /** The ring of its owner has let go of {@code chunk}; its memory goes with the last reader. */
    void dropped(RingChunk chunk) {
        chunk.dropped = true;
        usedBytes.addAndGet(-chunk.capacity);
        chunk.release();
    }

    /**
     * Gives up written chunks, oldest first, until {@code bytes} more fit; false if they do not.
     */
    boolean reclaim(int bytes) {
        reclaiming.lock();
        try {
            Iterator<RingChunk> chunks = oldestFirst.iterator();
            while (usedBytes.get() + bytes > budgetBytes && chunks.hasNext()) {
                if (givenUp(chunks.next())) {
                    chunks.remove();
                }
            }
            long used = usedBytes.get();
            return used == 0 || used + bytes <= budgetBytes;
        } finally {
            reclaiming.unlock();
        }
    }

    private static boolean givenUp(RingChunk chunk) {
        return chunk.dropped || (chunk.fullyWritten() && chunk.owner.giveUp(chunk));
    }

    /** Gives up written chunks that nothing was added to since {@code beforeNanos}. */
    void giveUpIdle(long beforeNanos) {
        reclaiming.lock();
        try {
            Iterator<RingChunk> chunks = oldestFirst.iterator();
            while (chunks.hasNext()) {
                RingChunk chunk = chunks.next();
                boolean idle = chunk.lastAppendNanos() - beforeNanos < 0;
                if (chunk.dropped || (idle && givenUp(chunk))) {
                    chunks.remove();
                }
            }
        } finally {
            reclaiming.unlock();
        }
    }

    /** Tells {@code task} once when there may be room again. */
    void awaitCapacity(Executor executor, Runnable task) {
        waiters.add(new Waiter(executor, task));
        if (unwrittenBytes.get() == 0) {
            capacityChanged(); // no round is coming that would tell it
        }
    }

    /** A round ended: whoever waits may try again. */
    void capacityChanged() {
        // Only those that wait now: a waiter that is refused again comes back at the end.
        int count = waiters.isEmpty() ? 0 : waiters.size();
        for (Waiter waiter; count > 0 && (waiter = waiters.poll()) != null; count--) {
            waiter.tell();
        }
    }

    private record Waiter(Executor executor, Runnable task) {
        void tell() {
            Tell.on(executor, task);
        }
    }
}
