// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.protocol.kafka.coordinator;

import io.mortise.protocol.kafka.mapping.RefusalErrors;
import io.mortise.spi.Refusal;
import io.mortise.spi.Registration;
import io.mortise.spi.broker.AckLevel;
import io.mortise.spi.broker.FetchedBatches;
import io.mortise.spi.broker.Partition;
import io.mortise.spi.broker.Topic;
import io.netty.buffer.Unpooled;

import org.apache.kafka.common.protocol.Errors;

import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongConsumer;

/** {@link CoordinatorLog} in a topic of the broker. */
final class TopicCoordinatorLog implements CoordinatorLog {
    private static final int MAX_BATCH_BYTES = 1 << 20;

    private final Topic topic;

    TopicCoordinatorLog(Topic topic) {
        this.topic = topic;
    }

    @Override
    public int partitions() {
        return topic.partitionCount();
    }

    @Override
    public long append(int partition, int leaderEpoch, ByteBuffer batch) {
        Partition.AppendResult result =
                partition(partition)
                        .append(
                                Unpooled.wrappedBuffer(batch),
                                leaderEpoch,
                                Partition.Origin.BROKER,
                                AckLevel.DURABLE,
                                Runnable::run,
                                null);
        Refusal refusal = result.refusal();
        if (refusal != null) {
            throw error(refusal).exception(refusal.message());
        }
        return result.endOffset();
    }

    /** The errors that the coordinator knows what to make of. */
    private static Errors error(Refusal refusal) {
        return switch (refusal.reason()) {
            case BUSY -> Errors.NOT_ENOUGH_REPLICAS; // the client retries
            case FENCED_EPOCH -> Errors.NOT_LEADER_OR_FOLLOWER;
            default -> RefusalErrors.of(refusal);
        };
    }

    @Override
    public int leaderEpoch(int partition) {
        return partition(partition).leaderEpoch();
    }

    @Override
    public Registration onHighWatermark(int partition, LongConsumer listener) {
        Partition log = partition(partition);
        int tenure = log.leaderEpoch();
        return log.onAdvance(Runnable::run, new Watermark(tenure, log.highWatermark(), listener));
    }

    /**
     * Tells each watermark once, in order, although appends and the writer signal from their own
     * threads.
     */
    private static final class Watermark implements Partition.AdvanceListener {
        private final int tenure;
        private final LongConsumer listener;
        private long told;

        Watermark(int tenure, long now, LongConsumer listener) {
            this.tenure = tenure;
            this.told = now;
            this.listener = listener;
        }

        @Override
        public synchronized void advanced(Partition moved) {
            long now = moved.highWatermark();
            if (moved.leaderEpoch() == tenure && now > told) {
                told = now;
                listener.accept(now);
            }
        }
    }

    @Override
    public long startOffset(int partition) {
        return partition(partition).logStartOffset();
    }

    @Override
    public long endOffset(int partition) {
        return partition(partition).logEndOffset();
    }

    @Override
    public long highWatermark(int partition) {
        return partition(partition).highWatermark();
    }

    @Override
    public FetchedBatches read(int partition, long offset, int maxBytes) {
        CompletableFuture<FetchedBatches> read = new CompletableFuture<>();
        partition(partition)
                .read(
                        offset,
                        maxBytes,
                        Partition.Visibility.SEQUENCED,
                        Runnable::run,
                        (batches, refusal) -> {
                            if (refusal == null) {
                                read.complete(batches);
                            } else {
                                read.completeExceptionally(refusal.asException());
                            }
                        });
        return read.join();
    }

    @Override
    public long readableAfter(int partition, long offset) {
        return partition(partition).readableAfter(offset);
    }

    @Override
    public void deleteBefore(int partition, long offset) {
        CompletableFuture<Void> deleted = new CompletableFuture<>();
        partition(partition)
                .advanceStart(
                        offset,
                        Runnable::run,
                        refusal -> {
                            if (refusal == null) {
                                deleted.complete(null);
                            } else {
                                deleted.completeExceptionally(refusal.asException());
                            }
                        });
        deleted.join();
    }

    @Override
    public int maxBatchBytes() {
        return MAX_BATCH_BYTES;
    }

    private Partition partition(int index) {
        Partition partition = topic.partition(index);
        if (partition == null) {
            throw Errors.NOT_LEADER_OR_FOLLOWER.exception();
        }
        return partition;
    }
}
