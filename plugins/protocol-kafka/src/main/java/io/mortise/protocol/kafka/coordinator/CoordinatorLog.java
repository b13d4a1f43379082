// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.protocol.kafka.coordinator;

import io.mortise.spi.Registration;
import io.mortise.spi.broker.FetchedBatches;

import java.nio.ByteBuffer;
import java.util.function.LongConsumer;

/**
 * The partitions of {@code __consumer_offsets} as the coordinator needs them. Nobody else appends
 * to them. Any thread.
 */
public interface CoordinatorLog {
    /** How many partitions there are; never changes. */
    int partitions();

    /**
     * Appends one record batch whose offsets start at 0; the log numbers and stamps it. Borrows the
     * bytes.
     *
     * @param leaderEpoch under which the appender believes the partition to be led
     * @return the log end offset right after the batch, before it is durable
     * @throws org.apache.kafka.common.KafkaException refused, as the exception that Kafka's log
     *     would throw
     */
    long append(int partition, int leaderEpoch, ByteBuffer batch);

    /** The epoch under which the partition is led here. */
    int leaderEpoch(int partition);

    /** Tells every new high watermark of this leadership. */
    Registration onHighWatermark(int partition, LongConsumer listener);

    /** First offset kept. */
    long startOffset(int partition);

    /** One past the last offset appended. */
    long endOffset(int partition);

    /** Where durable records end. */
    long highWatermark(int partition);

    /** Reads from an offset up to the log end; the caller closes what it gets. Blocks. */
    FetchedBatches read(int partition, long offset, int maxBytes);

    /** Where to go on behind damage that a read of {@code offset} met; -1 if nowhere. */
    default long readableAfter(int partition, long offset) {
        return -1;
    }

    /** Deletes what lies below an offset. Blocks until that is durable. */
    void deleteBefore(int partition, long offset);

    /** Largest batch that {@link #append} accepts, in bytes. */
    int maxBatchBytes();
}
