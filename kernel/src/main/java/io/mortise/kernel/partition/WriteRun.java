// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import io.mortise.spi.Durability;
import io.mortise.spi.storage.LogStorage;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * What one round writes of one partition. The writer thread's own; reused. The chunks stay valid
 * meanwhile, because what is not written is never given up.
 */
final class WriteRun {
    /** A round takes no more of one partition, so that others get their turn. */
    private static final int MAX_BYTES = 8 << 20;

    @Nullable LogRounds log;
    @Nullable LogStorage storage;
    Durability durability = Durability.DISK;
    int leaderEpoch;
    int bytes;
    int count;

    private @Nullable RingChunk[] chunks = new RingChunk[4];
    private int[] limits = new int[4];
    private long[] ends = new long[4];

    void begin(LogRounds owner, LogStorage target, Durability level, int epoch) {
        log = owner;
        storage = target;
        durability = level;
        leaderEpoch = epoch;
    }

    /** Notes what {@code chunk} holds unwritten now. The partition's lock. */
    void add(RingChunk chunk) {
        if (count == chunks.length) {
            chunks = Arrays.copyOf(chunks, count * 2);
            limits = Arrays.copyOf(limits, count * 2);
            ends = Arrays.copyOf(ends, count * 2);
        }
        chunks[count] = chunk;
        limits[count] = chunk.limit();
        ends[count] = chunk.endOffset();
        bytes += limits[count] - chunk.writtenPosition();
        count++;
    }

    boolean full() {
        return bytes >= MAX_BYTES;
    }

    boolean isEmpty() {
        return count == 0;
    }

    /** One past the last offset of the run. */
    long endOffset() {
        return ends[count - 1];
    }

    /** Hands everything to the engine. */
    void append() throws IOException {
        LogStorage target = storage();
        for (int i = 0; i < count; i++) {
            RingChunk chunk = chunk(i);
            ByteBuffer source = chunk.writerView;
            source.limit(limits[i]).position(chunk.writtenPosition());
            target.append(leaderEpoch, chunk.writtenOffset(), ends[i], source);
        }
    }

    /** The engine has flushed it. The partition's lock. */
    void written() {
        for (int i = 0; i < count; i++) {
            chunk(i).written(limits[i], ends[i]);
        }
    }

    /** Lets go of everything. */
    void clear() {
        Arrays.fill(chunks, 0, count, null);
        log = null;
        storage = null;
        bytes = 0;
        count = 0;
    }

    LogRounds log() {
        LogRounds now = log;
        if (now == null) {
            throw new IllegalStateException("not begun");
        }
        return now;
    }

    private LogStorage storage() {
        LogStorage now = storage;
        if (now == null) {
            throw new IllegalStateException("not begun");
        }
        return now;
    }

    private RingChunk chunk(int index) {
        RingChunk chunk = chunks[index];
        if (chunk == null) {
            throw new IllegalStateException("chunk " + index + " of " + count);
        }
        return chunk;
    }
}
