// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;

/**
 * The newest batches of one partition in memory, without a gap up to the log's end. Changed under
 * the partition's lock; {@link #chunks} may be read without.
 */
final class Ring {
    private static final RingChunk[] NONE = {};

    private final LogStanding owner;
    private final RingMemory memory;
    private final int smallestChunkBytes;
    private final int largestChunkBytes;
    private volatile int nextChunkBytes;
    private volatile RingChunk[] chunks = NONE;

    Ring(LogStanding owner, RingMemory memory, int smallestChunkBytes, int largestChunkBytes) {
        this.owner = owner;
        this.memory = memory;
        this.smallestChunkBytes = smallestChunkBytes;
        this.largestChunkBytes = largestChunkBytes;
        this.nextChunkBytes = smallestChunkBytes;
    }

    /** What is held now, oldest first; never changed in place. */
    RingChunk[] chunks() {
        return chunks;
    }

    /** A chunk with room for {@code bytes}, or null if there is no memory for it. */
    @Nullable RingChunk reserve(int bytes, long nextOffset) {
        RingChunk[] now = chunks;
        if (now.length > 0 && now[now.length - 1].room() >= bytes) {
            return now[now.length - 1];
        }
        RingChunk chunk = memory.allocate(owner, Math.max(bytes, nextChunkBytes), nextOffset);
        if (chunk == null) {
            return null;
        }
        RingChunk[] more = Arrays.copyOf(now, now.length + 1);
        more[now.length] = chunk;
        chunks = more;
        nextChunkBytes = Math.min(largestChunkBytes, nextChunkBytes * 2);
        return chunk;
    }

    /** Bytes that {@link #reserve} would ask of the memory for a batch run of this size. */
    int chunkBytes(int bytes) {
        return Math.max(bytes, nextChunkBytes);
    }

    /** Drops the oldest chunk if it is {@code chunk} and wholly written. */
    boolean giveUp(RingChunk chunk) {
        RingChunk[] now = chunks;
        if (now.length == 0 || now[0] != chunk || !chunk.fullyWritten()) {
            return false;
        }
        chunks = now.length == 1 ? NONE : Arrays.copyOfRange(now, 1, now.length);
        if (now.length == 1) {
            nextChunkBytes = smallestChunkBytes;
        }
        memory.dropped(chunk);
        return true;
    }

    /** Drops everything, written or not. */
    void clear() {
        RingChunk[] now = chunks;
        chunks = NONE;
        nextChunkBytes = smallestChunkBytes;
        for (RingChunk chunk : now) {
            memory.dropped(chunk);
        }
    }

    /** Index of the chunk that may hold {@code offset}; -1 if it is older than all. */
    static int find(RingChunk[] chunks, long offset) {
        for (int i = chunks.length - 1; i >= 0; i--) {
            if (chunks[i].baseOffset <= offset) {
                return i;
            }
        }
        return -1;
    }

    /** Adds what the engine does not have yet to {@code round}. */
    void gather(WriteRun run) {
        RingChunk[] now = chunks;
        int first = now.length;
        while (first > 0 && !now[first - 1].fullyWritten()) {
            first--;
        }
        for (int i = first; i < now.length && !run.full(); i++) {
            run.add(now[i]);
        }
    }
}
