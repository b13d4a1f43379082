// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import java.nio.ByteBuffer;

/**
 * What a partition knows beyond its batches, as it was when the log ended at {@code offset}.
 *
 * @param offset batches from here on are to be replayed
 */
record PartitionState(long offset, EpochHistory epochs, ProducerStates producers) {
    static PartitionState empty(long offset) {
        return new PartitionState(offset, new EpochHistory(), new ProducerStates());
    }

    /** Takes a picture that later changes do not touch. The partition's lock. */
    byte[] encode() {
        var target =
                ByteBuffer.allocate(Long.BYTES + epochs.encodedBytes() + producers.encodedBytes());
        target.putLong(offset);
        epochs.encode(target);
        producers.encode(target);
        return target.array();
    }

    static PartitionState decode(ByteBuffer source) {
        long offset = source.getLong();
        return new PartitionState(
                offset, EpochHistory.decode(source), ProducerStates.decode(source));
    }
}
