// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import io.mortise.spi.broker.FetchedBatches;
import io.mortise.spi.storage.LogSlice;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

import java.util.ArrayList;
import java.util.List;

/**
 * Batches that an engine lent. Bytes in files stay where they are; bytes in the engine's memory are
 * copied, so that a reader may retain them beyond {@link #close}.
 */
final class StoredBatches implements FetchedBatches {
    private final LogSlice slice;
    private final List<Part> parts;

    /** Takes {@code slice}. */
    StoredBatches(LogSlice slice, ByteBufAllocator allocator) {
        this.slice = slice;
        this.parts = new ArrayList<>(slice.parts().size());
        for (LogSlice.Part part : slice.parts()) {
            parts.add(part(part, allocator));
        }
    }

    private static Part part(LogSlice.Part part, ByteBufAllocator allocator) {
        return switch (part) {
            case LogSlice.Memory memory -> {
                ByteBuf copy = allocator.directBuffer(memory.length(), memory.length());
                copy.writeBytes(memory.bytes().duplicate());
                yield new Memory(copy);
            }
            case LogSlice.Region region ->
                    new Region(region.file(), region.position(), region.length());
        };
    }

    @Override
    public long baseOffset() {
        return slice.baseOffset();
    }

    @Override
    public long nextOffset() {
        return slice.nextOffset();
    }

    @Override
    public int sizeInBytes() {
        return slice.sizeInBytes();
    }

    @Override
    public List<Part> parts() {
        return parts;
    }

    @Override
    public void close() {
        for (Part part : parts) {
            if (part instanceof Memory memory) {
                memory.bytes().release();
            }
        }
        slice.close();
    }
}
