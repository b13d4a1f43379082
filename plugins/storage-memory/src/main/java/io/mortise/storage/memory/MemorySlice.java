// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.memory;

import io.mortise.spi.storage.LogSlice;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/** Batches of one block; pins it. */
final class MemorySlice implements LogSlice {
    private final long baseOffset;
    private final long nextOffset;
    private final List<Part> parts;
    private final @Nullable MemoryBlock block;
    private final AtomicBoolean closed = new AtomicBoolean();

    private MemorySlice(
            long baseOffset, long nextOffset, List<Part> parts, @Nullable MemoryBlock block) {
        this.baseOffset = baseOffset;
        this.nextOffset = nextOffset;
        this.parts = parts;
        this.block = block;
    }

    static MemorySlice empty(long offset, long nextOffset) {
        return new MemorySlice(offset, nextOffset, List.of(), null);
    }

    static MemorySlice of(MemoryBlock block, int from, int to) {
        block.retain();
        ByteBuffer bytes = block.view(from, to);
        return new MemorySlice(
                block.offsetAt(from), block.offsetAt(to), List.of(new Memory(bytes)), block);
    }

    @Override
    public long baseOffset() {
        return baseOffset;
    }

    @Override
    public long nextOffset() {
        return nextOffset;
    }

    @Override
    public int sizeInBytes() {
        return parts.isEmpty() ? 0 : parts.getFirst().length();
    }

    @Override
    public List<Part> parts() {
        return parts;
    }

    @Override
    public void close() {
        if (block != null && closed.compareAndSet(false, true)) {
            block.release();
        }
    }
}
