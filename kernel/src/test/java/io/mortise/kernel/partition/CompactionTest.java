// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mortise.kernel.record.BatchBuilder;
import io.mortise.kernel.record.RecordCursor;
import io.mortise.kernel.record.TransactionMarker;
import io.mortise.spi.broker.AckLevel;
import io.mortise.spi.broker.FetchedBatches;
import io.mortise.spi.broker.Partition.AppendResult;
import io.mortise.spi.broker.Partition.Visibility;
import io.mortise.spi.record.BatchHeader;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Compacted logs, whole: what stays, when it happens, what survives it. */
final class CompactionTest {
    private static final long SECOND = 1_000_000_000L;
    private static final long DAY_MILLIS = 86_400_000L;

    private final HandDriven world = new HandDriven().withEngine();
    private PartitionLog log;

    CompactionTest() {
        world.topic.with("cleanup.policy", "compact");
        log = world.open(0);
    }

    @AfterEach
    void giveMemoryBack() {
        world.close();
    }

    private ByteBuf batch(String... records) {
        return keyed(world.clock.wallMillis(), records);
    }

    /** One batch of records {@code key=value}; {@code key=} is a tombstone. */
    static ByteBuf keyed(long timestamp, String... records) {
        ByteBuf target = Unpooled.buffer();
        var builder = new BatchBuilder();
        builder.begin(target, 0);
        for (String record : records) {
            int split = record.indexOf('=');
            String value = record.substring(split + 1);
            ByteBuf key = Unpooled.copiedBuffer(record.substring(0, split), UTF_8);
            builder.append(
                    timestamp,
                    key,
                    value.isEmpty() ? null : Unpooled.copiedBuffer(value, UTF_8),
                    Unpooled.EMPTY_BUFFER,
                    0);
        }
        builder.finish();
        return target;
    }

    private AppendResult append(String... records) {
        AppendResult result = world.append(log, batch(records));
        world.settle();
        return result;
    }

    private ByteBuf by(long producer, int sequence, int attributes, String... records) {
        ByteBuf batch = batch(records);
        batch.setLong(BatchHeader.PRODUCER_ID, producer);
        batch.setShort(BatchHeader.PRODUCER_EPOCH, 0);
        batch.setInt(BatchHeader.BASE_SEQUENCE, sequence);
        batch.setShort(BatchHeader.ATTRIBUTES, attributes);
        batch.setInt(BatchHeader.CRC, Batches.crc(batch.nioBuffer()));
        return batch;
    }

    private void end(long producer, boolean commit) {
        log.endTransaction(
                new TransactionMarker(producer, (short) 0, commit, 0),
                0,
                -1,
                AckLevel.DURABLE,
                world.loop,
                null);
        world.settle();
    }

    /** Time goes by until memory holds nothing of the log and compaction has had its look. */
    private void later() {
        for (int i = 0; i < 5; i++) {
            world.scheduler.advanceNanos(16 * SECOND);
            world.settle();
        }
    }

    /** Whatever is dirty is compacted. */
    private void atOnce() {
        world.topic.with("min.cleanable.dirty.ratio", "0");
        world.settle(world.host.reconfigure(world.id(0)));
    }

    /** What a reader finds from {@code offset} on, as offset:key=value. */
    private List<String> read(long offset) {
        List<String> found = new ArrayList<>();
        long next = offset;
        while (next < log.highWatermark()) {
            FetchedBatches fetched = world.fetch(log, next, 200, Visibility.COMMITTED);
            assertThat(fetched.nextOffset()).isGreaterThan(next);
            next = fetched.nextOffset();
            for (ByteBuffer batch : Batches.split(fetched)) {
                records(batch, found);
            }
        }
        return found;
    }

    /** Adds what {@code batch} holds, as offset:key=value. */
    static void records(ByteBuffer batch, List<String> found) {
        if ((BatchHeader.attributes(batch, 0) & BatchHeader.CONTROL) != 0) {
            found.add(BatchHeader.baseOffset(batch, 0) + ":marker");
            return;
        }
        ByteBuf bytes = Unpooled.wrappedBuffer(batch);
        var cursor = new RecordCursor();
        cursor.reset(bytes, 0);
        while (cursor.next()) {
            String key = bytes.toString(cursor.keyIndex(), cursor.keyLength(), UTF_8);
            int length = Math.max(0, cursor.valueLength());
            String value = bytes.toString(cursor.valueIndex(), length, UTF_8);
            found.add(cursor.offset() + ":" + key + "=" + value);
        }
    }

    @Test
    void eachKeyIsLeftOnce() {
        append("a=1", "b=1");
        append("a=2", "c=1");
        append("b=2");
        later();
        assertThat(read(0)).containsExactly("2:a=2", "3:c=1", "4:b=2");
        assertThat(log.logStartOffset()).isZero();
        assertThat(log.logEndOffset()).isEqualTo(5);
        assertThat(append("d=1").baseOffset()).isEqualTo(5);
        assertThat(world.metrics.count("mortise_partition_compactions_total")).isEqualTo(1);
        assertThat(world.metrics.count("mortise_partition_compacted_bytes_total")).isPositive();
    }

    @Test
    void readersStartInsideOfGaps() {
        for (int i = 0; i < 20; i++) {
            append("a=" + i);
        }
        append("b=1");
        later();
        assertThat(world.read(log, 0, Visibility.COMMITTED)).containsExactly(19L, 20L);
        assertThat(read(7)).containsExactly("19:a=19", "20:b=1");
        assertThat(read(20)).containsExactly("20:b=1");
    }

    @Test
    void logsThatAreDeletedOnlyAreLeftAlone() {
        isNotCompacted();
    }

    private void isNotCompacted() {
        world.topic.with("cleanup.policy", "delete");
        world.settle(world.host.reconfigure(world.id(0)));
        append("a=1");
        append("a=2");
        later();
        assertThat(read(0)).hasSize(2);
    }

    @Test
    void thePolicyMayChangeOnALiveTopic() {
        isNotCompacted();
        world.topic.with("cleanup.policy", "compact,delete");
        world.settle(world.host.reconfigure(world.id(0)));
        later();
        assertThat(read(0)).containsExactly("1:a=2");
    }

    @Test
    void itWaitsUntilEnoughIsDirty() {
        world.topic.with("min.cleanable.dirty.ratio", "0.6");
        world.settle(world.host.reconfigure(world.id(0)));
        append("a=1", "b=1", "c=1", "d=1", "e=1", "f=1", "g=1", "h=1");
        later();
        append("a=2");
        later();
        assertThat(read(0)).hasSize(9);
        append("a=3", "b=3", "c=3", "d=3", "e=3", "f=3", "g=3", "h=3");
        later();
        assertThat(read(0)).hasSize(8);
    }

    @Test
    void whatIsTooOldIsCompactedAnyway() {
        world.topic.with("min.cleanable.dirty.ratio", "1");
        world.topic.with("max.compaction.lag.ms", "600000");
        world.settle(world.host.reconfigure(world.id(0)));
        append("a=1");
        append("a=2");
        later();
        assertThat(read(0)).hasSize(2);
        world.scheduler.advanceNanos(600 * SECOND);
        later();
        assertThat(read(0)).containsExactly("1:a=2");
    }

    @Test
    void whatIsTooYoungIsLeftAlone() {
        world.topic.with("min.compaction.lag.ms", "600000");
        world.settle(world.host.reconfigure(world.id(0)));
        append("a=1");
        append("a=2");
        later();
        assertThat(read(0)).hasSize(2);
        world.scheduler.advanceNanos(600 * SECOND);
        later();
        assertThat(read(0)).containsExactly("1:a=2");
    }

    @Test
    void tombstonesGoAfterTheirRetention() {
        append("a=1", "b=1");
        append("a=");
        append("c=1");
        later();
        assertThat(read(0)).containsExactly("1:b=1", "2:a=", "3:c=1");
        world.scheduler.advanceNanos(DAY_MILLIS * 1_000_000 - 100 * SECOND);
        world.settle();
        assertThat(read(0)).contains("2:a=");
        world.scheduler.advanceNanos(200 * SECOND);
        later();
        assertThat(read(0)).containsExactly("1:b=1", "3:c=1");
    }

    @Test
    void producersAreKnownAfterTheirRecordsAreGone() {
        world.append(log, by(9, 0, 0, "a=1"));
        world.append(log, by(9, 1, 0, "a=2"));
        append("a=3");
        later();
        assertThat(read(0)).containsExactly("2:a=3");
        world.crash(); // no state file: everything comes from the log
        log = world.open(0);
        assertThat(world.append(log, by(9, 1, 0, "a=2")).duplicate()).isTrue();
        assertThat(world.append(log, by(9, 2, 0, "a=4")).baseOffset()).isEqualTo(3);
    }

    @Test
    void aProducerIsKnownThoughItsNewestBatchWasNotWritten() {
        world.append(log, by(9, 0, 0, "a=1"));
        append("a=2");
        world.append(log, by(9, 1, 0, "b=1"));
        world.scheduler.advanceNanos(16 * SECOND); // the writer has no turn
        world.scheduler.runReady();
        assertThat(world.metrics.count("mortise_partition_compactions_total")).isEqualTo(1);
        world.crash();
        log = world.open(0);
        assertThat(world.append(log, by(9, 1, 0, "b=1")).baseOffset()).isEqualTo(2);
    }

    @Test
    void recordsOfAbortedTransactionsGoWithTheirMarkers() {
        atOnce();
        world.append(log, by(9, 0, BatchHeader.TRANSACTIONAL, "a=1", "b=1"));
        append("c=1");
        end(9, false);
        append("d=1");
        later();
        assertThat(read(0)).containsExactly("2:c=1", "3:marker", "4:d=1");
        append("e=1");
        later();
        assertThat(log.abortedTransactions(0, 100)).hasSize(1); // its producer may come back
        world.scheduler.advanceNanos(DAY_MILLIS * 1_000_000);
        append("f=1");
        later(); // the producer is forgotten, and with it its last batch
        append("g=1");
        later();
        assertThat(log.abortedTransactions(0, 100)).isEmpty();
        assertThat(read(0)).contains("3:marker");
        world.scheduler.advanceNanos(2 * DAY_MILLIS * 1_000_000);
        later();
        assertThat(read(0)).containsExactly("2:c=1", "4:d=1", "5:e=1", "6:f=1", "7:g=1");
    }

    @Test
    void openTransactionsAreLeftAlone() {
        append("a=1");
        append("a=2");
        world.append(log, by(9, 0, BatchHeader.TRANSACTIONAL, "a=3"));
        append("a=4");
        append("a=5");
        later();
        assertThat(read(0)).containsExactly("1:a=2", "2:a=3", "3:a=4", "4:a=5");
        end(9, true);
        later();
        assertThat(read(0)).containsExactly("4:a=5", "5:marker");
    }

    @Test
    void timestampsAreFoundAcrossGaps() {
        atOnce();
        long first = world.clock.wallMillis();
        append("a=1");
        world.scheduler.advanceNanos(10 * SECOND);
        append("a=2", "b=1");
        world.scheduler.advanceNanos(10 * SECOND);
        append("b=2");
        later();
        assertThat(read(0)).containsExactly("1:a=2", "3:b=2");
        assertThat(offsetFor(first)).isEqualTo(1);
        assertThat(offsetFor(first + 10_000)).isEqualTo(1);
        assertThat(offsetFor(first + 10_001)).isEqualTo(3);
        assertThat(offsetFor(first + 20_001)).isEqualTo(-1);
    }

    private long offsetFor(long timestamp) {
        long[] found = {-2};
        log.offsetForTimestamp(
                timestamp, world.loop, (offset, time, epoch, refusal) -> found[0] = offset);
        world.settle();
        return found[0];
    }

    @Test
    void howFarItCameIsRememberedOverARestart() {
        append("a=1", "b=1");
        append("a=2");
        later();
        world.settle(world.host.close(world.id(0)));
        world.restart();
        log = world.open(0);
        later();
        assertThat(world.metrics.count("mortise_partition_compactions_total")).isEqualTo(1);
        assertThat(read(0)).containsExactly("1:b=1", "2:a=2");
    }

    @Test
    void aFailedReplaceIsNotTriedForEver() {
        append("a=1");
        append("a=2");
        world.engine.failNext(MemoryEngine.Failure.REPLACE, 1);
        later();
        assertThat(read(0)).hasSize(2);
        assertThat(world.metrics.count("mortise_partition_compactions_total")).isZero();
        world.settle(world.host.close(world.id(0)));
        world.restart();
        log = world.open(0);
        later();
        assertThat(read(0)).containsExactly("1:a=2");
    }

    @Test
    void theLogStartsWithinABatch() {
        append("a=1", "b=1", "c=1");
        append("a=2");
        append("b=2");
        log.advanceStart(1, world.loop, refusal -> assertThat(refusal).isNull());
        world.settle();
        later();
        assertThat(read(1)).contains("3:a=2", "4:b=2");
        assertThat(log.logStartOffset()).isEqualTo(1);
    }
}
