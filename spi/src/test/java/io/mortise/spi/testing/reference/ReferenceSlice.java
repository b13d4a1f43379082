// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.testing.reference;

import io.mortise.spi.storage.LogSlice;

import java.nio.ByteBuffer;
import java.util.List;

/** Copies of batches: nothing to give back, whatever becomes of the log. */
record ReferenceSlice(long baseOffset, long nextOffset, List<Part> parts) implements LogSlice {
    static ReferenceSlice of(long base, long next, List<ByteBuffer> batches) {
        return new ReferenceSlice(
                base,
                next,
                batches.stream()
                        .map(batch -> (Part) new Memory(batch.asReadOnlyBuffer()))
                        .toList());
    }

    @Override
    public int sizeInBytes() {
        return parts.stream().mapToInt(Part::length).sum();
    }

    @Override
    public void close() {}
}
