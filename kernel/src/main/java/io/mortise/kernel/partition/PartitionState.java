// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import io.mortise.kernel.record.TransactionMarker;
import io.mortise.spi.record.BatchHeader;

import java.nio.ByteBuffer;

/**
 * What a partition knows beyond its batches, as it was when the log ended at {@code offset}.
 *
 * @param offset batches from here on are to be replayed
 */
record PartitionState(
        long offset, EpochHistory epochs, ProducerStates producers, Transactions transactions) {
    static PartitionState empty(long offset) {
        return new PartitionState(
                offset, new EpochHistory(), new ProducerStates(), new Transactions());
    }

    /** A stamped data batch of a producer is in the log. */
    void remember(ByteBuffer batch, int at, long logAppendTimeMillis, long nowMillis) {
        long producerId = BatchHeader.producerId(batch, at);
        long base = BatchHeader.baseOffset(batch, at);
        ProducerState producer =
                producers.remember(
                        producerId,
                        BatchHeader.producerEpoch(batch, at),
                        BatchHeader.baseSequence(batch, at),
                        (int) (BatchHeader.lastOffset(batch, at) - base),
                        base,
                        logAppendTimeMillis,
                        nowMillis);
        boolean transactional =
                (BatchHeader.attributes(batch, at) & BatchHeader.TRANSACTIONAL) != 0;
        if (transactional && producer.openFrom() == ProducerState.NONE_OPEN) {
            producer.open(base);
            transactions.begin(producerId, base);
        }
    }

    /** A marker is in the log. */
    void remember(TransactionMarker marker, long offset, long nowMillis) {
        long began = producers.remember(marker, nowMillis);
        if (began != ProducerState.NONE_OPEN) {
            transactions.end(marker.producerId(), began, offset, marker.commit());
        }
    }

    /** Takes a picture that later changes do not touch. The partition's lock. */
    byte[] encode() {
        var target =
                ByteBuffer.allocate(
                        Long.BYTES
                                + epochs.encodedBytes()
                                + producers.encodedBytes()
                                + transactions.encodedBytes());
        target.putLong(offset);
        epochs.encode(target);
        producers.encode(target);
        transactions.encode(target);
        return target.array();
    }

    static PartitionState decode(ByteBuffer source) {
        long offset = source.getLong();
        EpochHistory epochs = EpochHistory.decode(source);
        ProducerStates producers = ProducerStates.decode(source);
        Transactions transactions = Transactions.decode(source);
        producers.each(
                (id, producer) -> {
                    if (producer.openFrom() != ProducerState.NONE_OPEN) {
                        transactions.begin(id, producer.openFrom());
                    }
                });
        return new PartitionState(offset, epochs, producers, transactions);
    }
}
