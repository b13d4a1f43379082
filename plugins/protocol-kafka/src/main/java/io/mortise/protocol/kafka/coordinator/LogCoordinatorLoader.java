// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.protocol.kafka.coordinator;

import io.mortise.spi.Reason;
import io.mortise.spi.RefusedException;
import io.mortise.spi.broker.FetchedBatches;
import io.mortise.spi.runtime.Clock;
import io.mortise.spi.runtime.Scheduler;

import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.coordinator.common.runtime.CoordinatorLoader;
import org.apache.kafka.coordinator.common.runtime.CoordinatorPlayback;
import org.apache.kafka.coordinator.common.runtime.CoordinatorRecord;
import org.apache.kafka.coordinator.common.runtime.Deserializer;
import org.apache.kafka.coordinator.group.GroupCoordinatorRecordSerde;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** Replays a partition of {@link CoordinatorLog} into the coordinator, aside from its threads. */
final class LogCoordinatorLoader implements CoordinatorLoader<CoordinatorRecord> {
    private static final Logger LOG = LoggerFactory.getLogger(LogCoordinatorLoader.class);
    private static final int READ_BYTES = 1 << 20;

    private final CoordinatorLog log;
    private final Scheduler scheduler;
    private final Clock clock;
    private final GroupCoordinatorRecordSerde serde = new GroupCoordinatorRecordSerde();
    private volatile boolean closed;

    LogCoordinatorLoader(CoordinatorLog log, Scheduler scheduler, Clock clock) {
        this.log = log;
        this.scheduler = scheduler;
        this.clock = clock;
    }

    @Override
    public CompletableFuture<LoadSummary> load(
            TopicPartition tp, CoordinatorPlayback<CoordinatorRecord> coordinator) {
        CompletableFuture<LoadSummary> summary = new CompletableFuture<>();
        long asked = clock.wallMillis();
        scheduler.execute(
                () -> {
                    try {
                        summary.complete(replay(tp.partition(), coordinator, asked));
                    } catch (IOException | RuntimeException e) {
                        summary.completeExceptionally(e);
                    }
                });
        return summary;
    }

    private LoadSummary replay(
            int partition, CoordinatorPlayback<CoordinatorRecord> coordinator, long asked)
            throws IOException {
        long started = clock.wallMillis();
        long records = 0;
        long bytes = 0;
        long offset = log.startOffset(partition);
        while (offset < log.endOffset(partition)) {
            if (closed) {
                throw new IllegalStateException("the coordinator is stopping");
            }
            try (FetchedBatches slice = read(partition, offset)) {
                if (slice == null) {
                    offset = log.readableAfter(partition, offset);
                    continue;
                }
                for (FetchedBatches.Part part : slice.parts()) {
                    records += replay(partition, coordinator, SliceBytes.of(part));
                }
                bytes += slice.sizeInBytes();
                if (slice.nextOffset() <= offset) {
                    break;
                }
                offset = slice.nextOffset();
            }
        }
        return new LoadSummary(started, clock.wallMillis(), started - asked, records, bytes);
    }

    /**
     * What follows, or null where it is damaged: groups whose records lie there are as their
     * earlier records left them, so their members may read again what they had committed.
     */
    private @Nullable FetchedBatches read(int partition, long offset) {
        try {
            return log.read(partition, offset, READ_BYTES);
        } catch (CompletionException e) {
            boolean damaged =
                    e.getCause() instanceof RefusedException refused
                            && refused.refusal().reason() == Reason.CORRUPT;
            long behind = damaged ? log.readableAfter(partition, offset) : -1;
            if (behind <= offset) {
                throw e;
            }
            LOG.error(
                    "__consumer_offsets partition {}: offsets {} to {} are damaged: groups that"
                            + " committed or changed there go back to what they had noted before,"
                            + " and may read records again",
                    partition,
                    offset,
                    behind - 1);
            return null;
        }
    }

    private long replay(
            int partition, CoordinatorPlayback<CoordinatorRecord> coordinator, ByteBuffer bytes) {
        long records = 0;
        for (MutableRecordBatch batch : MemoryRecords.readableRecords(bytes).batches()) {
            if (!batch.isControlBatch()) {
                for (Record record : batch) {
                    replay(coordinator, batch, record);
                    records++;
                }
            }
            coordinator.updateLastWrittenOffset(batch.nextOffset());
            if (batch.nextOffset() <= log.highWatermark(partition)) {
                coordinator.updateLastCommittedOffset(batch.nextOffset());
            }
        }
        return records;
    }

    private void replay(
            CoordinatorPlayback<CoordinatorRecord> coordinator,
            MutableRecordBatch batch,
            Record record) {
        try {
            coordinator.replay(
                    record.offset(),
                    batch.producerId(),
                    batch.producerEpoch(),
                    serde.deserialize(record.key(), record.value()));
        } catch (Deserializer.UnknownRecordTypeException e) {
            LOG.warn(
                    "record of unknown type {} at offset {} of __consumer_offsets is ignored",
                    e.unknownType(),
                    record.offset());
        }
    }

    @Override
    public void close() {
        closed = true;
    }
}
