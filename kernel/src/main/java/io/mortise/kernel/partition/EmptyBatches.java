// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import io.mortise.spi.broker.FetchedBatches;

import java.util.List;

/** Nothing to read yet at an offset. */
record EmptyBatches(long baseOffset) implements FetchedBatches {
    @Override
    public long nextOffset() {
        return baseOffset;
    }

    @Override
    public int sizeInBytes() {
        return 0;
    }

    @Override
    public List<Part> parts() {
        return List.of();
    }

    @Override
    public void close() {
        // Holds nothing.
    }
}
