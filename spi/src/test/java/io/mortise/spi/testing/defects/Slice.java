// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.testing.defects;

import io.mortise.spi.storage.LogSlice;

import java.util.List;

/** Any slice. */
record Slice(long baseOffset, long nextOffset, List<Part> parts) implements LogSlice {
    @Override
    public int sizeInBytes() {
        return parts.stream().mapToInt(Part::length).sum();
    }

    @Override
    public void close() {}
}
