// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import io.mortise.kernel.record.TransactionMarker;
import io.mortise.spi.Refusal;
import io.mortise.spi.broker.AckLevel;
import io.mortise.spi.broker.FetchedBatches;
import io.mortise.spi.broker.Partition;
import io.mortise.spi.broker.Partition.AppendResult;
import io.mortise.spi.broker.Partition.Visibility;
import io.netty.buffer.Unpooled;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** One partition on one thread, for tests that hold it against another implementation. */
public final class PartitionUnderTest implements AutoCloseable {
    private static final long MINUTE_NANOS = 60_000_000_000L;

    private final HandDriven world = new HandDriven().withEngine();
    private PartitionLog log;

    /**
     * Opens an empty partition of a compacted topic that nothing compacts but {@link #compact}.
     *
     * @param deleteRetentionMillis how long tombstones stay
     */
    public PartitionUnderTest(long deleteRetentionMillis) {
        world.topic
                .with("cleanup.policy", "compact")
                .with("min.cleanable.dirty.ratio", "1")
                .with("delete.retention.ms", Long.toString(deleteRetentionMillis));
        log = world.open(0);
    }

    /** The partition as others see it. */
    public Partition partition() {
        return log;
    }

    /** Appends what a client sent, and makes it durable. */
    public AppendResult append(ByteBuffer batch) {
        AppendResult result = world.append(log, Unpooled.wrappedBuffer(batch));
        world.settle();
        return result;
    }

    /** Ends a transaction, durably. */
    public AppendResult end(TransactionMarker marker, int transactionVersion) {
        AppendResult result =
                log.endTransaction(
                        marker, transactionVersion, -1, AckLevel.DURABLE, world.loop, null);
        world.settle();
        return result;
    }

    /** The process dies and comes back. */
    public void crash() {
        world.crash();
        log = world.open(0);
    }

    /** The process ends in good order and comes back. */
    public void restart() {
        world.settle(world.host.close(world.id(0)));
        world.restart();
        log = world.open(0);
    }

    /** The first offset with a timestamp of at least {@code millis}, or -1. */
    public long offsetFor(long millis) {
        var found = new Found();
        log.offsetForTimestamp(millis, world.loop, found);
        world.settle();
        return found.offset;
    }

    /** The offset of the greatest timestamp, or -1. */
    public long offsetOfMaxTimestamp() {
        var found = new Found();
        log.offsetOfMaxTimestamp(world.loop, found);
        world.settle();
        return found.offset;
    }

    private static final class Found implements Partition.TimestampCallback {
        private long offset = -2;

        @Override
        public void completed(
                long found, long timestampMillis, int leaderEpoch, @Nullable Refusal refusal) {
            offset = refusal == null ? found : -3;
        }
    }

    /** Compacts everything, as if it were {@code nowMillis}, and nothing were in memory. */
    public void compact(long dirtyFrom, long nowMillis) {
        world.scheduler.advanceNanos(MINUTE_NANOS);
        world.scheduler.advanceNanos(MINUTE_NANOS);
        world.settle();
        long end = log.standing().compactableEnd();
        log.compaction().run(new CompactionPlan(dirtyFrom, end, 1), nowMillis);
    }

    /** All batches that a reader finds, each in a buffer of its own. */
    public List<ByteBuffer> batches() {
        List<ByteBuffer> all = new ArrayList<>();
        long next = log.logStartOffset();
        while (next < log.highWatermark()) {
            FetchedBatches fetched = world.fetch(log, next, 1 << 20, Visibility.COMMITTED);
            next = fetched.nextOffset();
            all.addAll(Batches.split(fetched));
        }
        return all;
    }

    @Override
    public void close() {
        world.close();
    }
}
