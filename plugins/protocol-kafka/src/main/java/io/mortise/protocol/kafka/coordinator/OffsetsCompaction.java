// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.kafka.coordinator;

import io.mortise.spi.Registration;
import io.mortise.spi.broker.FetchedBatches;

import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MemoryRecordsBuilder;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.common.record.internal.Record;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Rewrites a partition of {@code __consumer_offsets} before it is loaded: the last record of each
 * key is appended again, in order, and once that is durable everything before it is deleted. A
 * crash in between leaves the same state twice. Nobody else may append meanwhile.
 */
final class OffsetsCompaction {
    private static final Logger LOG = LoggerFactory.getLogger(OffsetsCompaction.class);
    private static final int READ_BYTES = 1 << 20;
    private static final int BATCH_BYTES = 256 << 10;

    /** Shorter logs are replayed as they are. */
    private static final long MIN_RECORDS = 1000;

    /** Rewritten when at most one record in so many is the last of its key. */
    private static final int WORTHWHILE = 3;

    private static final long PATIENCE_SECONDS = 30;

    /** What is kept of a record. */
    private static final class Kept {
        private final long timestamp;
        private final ByteBuffer value;

        Kept(long timestamp, ByteBuffer value) {
            this.timestamp = timestamp;
            this.value = value;
        }
    }

    private final CoordinatorLog log;
    private final int partition;
    private final Map<ByteBuffer, Kept> last = new LinkedHashMap<>();
    private long records;

    private OffsetsCompaction(CoordinatorLog log, int partition) {
        this.log = log;
        this.partition = partition;
    }

    /** Compacts if it is worth it. Blocks. A failure leaves the log as it is, or twice as long. */
    static void run(CoordinatorLog log, int partition) {
        long end = log.endOffset(partition);
        if (end - log.startOffset(partition) < MIN_RECORDS) {
            return;
        }
        try {
            new OffsetsCompaction(log, partition).compact(end);
        } catch (IOException | ExecutionException | TimeoutException | RuntimeException e) {
            LOG.warn("partition {} of the offsets topic was not compacted", partition, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void compact(long end)
            throws IOException, InterruptedException, ExecutionException, TimeoutException {
        awaitDurable(end);
        scan(end);
        if (last.size() * (long) WORTHWHILE > records) {
            return;
        }
        awaitDurable(rewrite());
        log.deleteBefore(partition, end);
        LOG.info(
                "partition {} of the offsets topic: {} of {} records are left",
                partition,
                last.size(),
                records);
    }

    private void scan(long end) throws IOException {
        long offset = log.startOffset(partition);
        while (offset < end) {
            try (FetchedBatches read = log.read(partition, offset, READ_BYTES)) {
                for (FetchedBatches.Part part : read.parts()) {
                    scan(SliceBytes.of(part));
                }
                if (read.nextOffset() <= offset) {
                    throw new IOException("nothing at offset " + offset + " before " + end);
                }
                offset = read.nextOffset();
            }
        }
    }

    private void scan(ByteBuffer bytes) {
        for (MutableRecordBatch batch : MemoryRecords.readableRecords(bytes).batches()) {
            if (!batch.isControlBatch()) {
                for (Record record : batch) {
                    records++;
                    keep(record);
                }
            }
        }
    }

    private void keep(Record record) {
        ByteBuffer key = copy(record.key());
        if (key == null) {
            return;
        }
        last.remove(key); // so that it goes to the end
        ByteBuffer value = copy(record.value());
        if (value != null) {
            last.put(key, new Kept(record.timestamp(), value));
        }
    }

    private static @Nullable ByteBuffer copy(@Nullable ByteBuffer bytes) {
        return bytes == null
                ? null
                : ByteBuffer.allocate(bytes.remaining()).put(bytes.duplicate()).flip();
    }

    private long rewrite() {
        long end = -1;
        Iterator<Map.Entry<ByteBuffer, Kept>> kept = last.entrySet().iterator();
        while (kept.hasNext()) {
            MemoryRecordsBuilder builder =
                    MemoryRecords.builder(
                            ByteBuffer.allocate(BATCH_BYTES),
                            Compression.NONE,
                            TimestampType.CREATE_TIME,
                            0L);
            while (kept.hasNext() && builder.estimatedSizeInBytes() < BATCH_BYTES / 2) {
                Map.Entry<ByteBuffer, Kept> next = kept.next();
                Kept record = next.getValue();
                builder.append(record.timestamp, next.getKey(), record.value);
            }
            end = log.append(partition, log.leaderEpoch(partition), builder.build().buffer());
        }
        return end;
    }

    private void awaitDurable(long end)
            throws InterruptedException, ExecutionException, TimeoutException {
        CompletableFuture<Void> durable = new CompletableFuture<>();
        try (Registration watch =
                log.onHighWatermark(
                        partition,
                        watermark -> {
                            if (watermark >= end) {
                                durable.complete(null);
                            }
                        })) {
            if (log.highWatermark(partition) < end) {
                durable.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            }
        }
    }
}
