// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.compaction;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mortise.kernel.record.BatchBuilder;
import io.mortise.spi.broker.Partition.AbortedTransaction;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;

import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.ControlRecordType;
import org.apache.kafka.common.record.internal.EndTransactionMarker;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Batches that Kafka's classes write and read; what is expected is written out. */
final class BatchFilterTest {
    private static final int BOUND = 1 << 20;
    private static final long RETENTION = 1_000;

    private final List<ByteBuf> log = new ArrayList<>();
    private final List<AbortedTransaction> aborted = new ArrayList<>();
    private final LastBatches producers = new LastBatches();
    private long end;
    private long now = 50_000;
    private long lastHorizon;

    private static SimpleRecord record(long time, String key, @Nullable String value) {
        return new SimpleRecord(
                time, key.getBytes(UTF_8), value == null ? null : value.getBytes(UTF_8));
    }

    private void append(MemoryRecords records) {
        MutableRecordBatch batch = records.batches().iterator().next();
        batch.setLastOffset(end + batch.lastOffset() - batch.baseOffset());
        batch.setPartitionLeaderEpoch(3);
        end = batch.nextOffset();
        log.add(Unpooled.copiedBuffer(records.buffer()));
    }

    private void append(SimpleRecord... records) {
        append(MemoryRecords.withRecords(Compression.NONE, records));
    }

    private void marker(long producer, ControlRecordType type) {
        append(
                MemoryRecords.withEndTransactionMarker(
                        40_000, producer, (short) 0, new EndTransactionMarker(type, 7)));
    }

    private void transactional(long producer, int sequence, SimpleRecord... records) {
        append(
                MemoryRecords.withTransactionalRecords(
                        Compression.NONE, producer, (short) 0, sequence, records));
    }

    /** One whole pass. */
    private void compact() {
        compact(0, end);
    }

    private void compact(long dirtyFrom, long markersBelow) {
        var keys = new KeyOffsets(BOUND);
        var scan =
                new KeyScan(
                        keys,
                        new TransactionTrail(aborted),
                        dirtyFrom,
                        UnpooledByteBufAllocator.DEFAULT,
                        BOUND);
        for (ByteBuf batch : log) {
            if (batches(batch).nextOffset() > dirtyFrom) {
                assertThat(scan.add(batch, 0)).isTrue();
            }
        }
        keys.reached(end - 1);
        var terms = new BatchFilter.Terms(keys, producers, end, markersBelow, now, RETENTION);
        var filter =
                new BatchFilter(
                        terms,
                        new TransactionTrail(aborted),
                        UnpooledByteBufAllocator.DEFAULT,
                        BOUND);
        List<ByteBuf> kept = new ArrayList<>();
        for (ByteBuf batch : log) {
            switch (filter.judge(batch, 0)) {
                case SAME -> kept.add(batch);
                case CHANGED -> kept.add(Unpooled.wrappedBuffer(filter.rewritten()));
                case GONE -> {}
            }
        }
        log.clear();
        log.addAll(kept);
        lastHorizon = filter.lastHorizonMillis();
    }

    private static MutableRecordBatch batches(ByteBuf bytes) {
        MutableRecordBatch batch =
                MemoryRecords.readableRecords(bytes.nioBuffer()).batches().iterator().next();
        batch.ensureValid();
        return batch;
    }

    private MutableRecordBatch batch(int index) {
        return batches(log.get(index));
    }

    /** What a reader finds, as offset:key=value. */
    private List<String> records() {
        List<String> found = new ArrayList<>();
        for (ByteBuf bytes : log) {
            RecordBatch batch = batches(bytes);
            for (Record record : batch) {
                found.add(
                        record.offset()
                                + ":"
                                + (batch.isControlBatch()
                                        ? ControlRecordType.parse(record.key())
                                        : text(record.key()) + "=" + text(record.value())));
            }
        }
        return found;
    }

    private static String text(@Nullable ByteBuffer bytes) {
        return bytes == null ? "null" : UTF_8.decode(bytes.duplicate()).toString();
    }

    @ParameterizedTest
    @EnumSource(CompressionType.class)
    void theLastRecordOfEachKeyStays(CompressionType codec) {
        Compression compression = Compression.of(codec).build();
        append(
                MemoryRecords.withRecords(
                        compression,
                        record(1, "a", "1"),
                        record(9, "b", "1"),
                        record(2, "c", "1")));
        append(MemoryRecords.withRecords(compression, record(3, "a", "2"), record(4, "b", "2")));
        append(MemoryRecords.withRecords(compression, record(5, "b", "3")));
        compact();
        assertThat(records()).containsExactly("2:c=1", "3:a=2", "5:b=3");
        assertThat(batch(0).baseOffset()).isZero();
        assertThat(batch(0).lastOffset()).isEqualTo(2);
        assertThat(batch(0).maxTimestamp()).isEqualTo(2);
        assertThat(batch(0).compressionType()).isEqualTo(codec);
        assertThat(batch(0).partitionLeaderEpoch()).isEqualTo(3);
        assertThat(batch(0).iterator().next().timestamp()).isEqualTo(2);
    }

    @Test
    void whatIsUnchangedIsTheSameBytes() {
        append(record(1, "a", "1"));
        append(record(1, "b", "1"));
        List<ByteBuf> before = List.copyOf(log);
        compact();
        assertThat(log).containsExactlyElementsOf(before);
    }

    @Test
    void whatLiesBeforeTheDirtyPartGivesWayToItAlone() {
        append(record(1, "a", "1"), record(1, "b", "1"));
        append(record(1, "a", "2"));
        compact(2, end);
        assertThat(records()).containsExactly("1:b=1", "2:a=2");
    }

    @Test
    void tombstonesWaitForTheirHorizon() {
        append(record(1, "a", "1"), record(2, "b", "1"));
        append(record(3, "a", null), record(4, "c", "1"));
        append(record(5, "d", "1"));
        compact();
        assertThat(records()).containsExactly("1:b=1", "2:a=null", "3:c=1", "4:d=1");
        assertThat(batch(1).deleteHorizonMs()).hasValue(now + RETENTION);
        assertThat(lastHorizon).isEqualTo(now + RETENTION);
        assertThat(batch(1).iterator().next().timestamp()).isEqualTo(3);
        now += RETENTION - 1;
        compact();
        assertThat(records()).contains("2:a=null");
        now++;
        compact();
        assertThat(records()).containsExactly("1:b=1", "3:c=1", "4:d=1");
        assertThat(batch(1).iterator().next().timestamp()).isEqualTo(4);
        assertThat(lastHorizon).isEqualTo(BatchFilter.NO_HORIZON);
    }

    @Test
    void theBrokersTimeStays() {
        append(
                MemoryRecords.withRecords(
                        RecordBatch.MAGIC_VALUE_V2,
                        0,
                        Compression.NONE,
                        TimestampType.LOG_APPEND_TIME,
                        record(1, "a", "1"),
                        record(2, "b", null)));
        long time = batch(0).maxTimestamp();
        append(record(1, "a", "2"));
        compact();
        assertThat(records()).containsExactly("1:b=null", "2:a=2");
        assertThat(batch(0).timestampType()).isEqualTo(TimestampType.LOG_APPEND_TIME);
        assertThat(batch(0).iterator().next().timestamp()).isEqualTo(time);
    }

    @Test
    void theLastBatchStaysWithoutRecords() {
        append(record(1, "a", "1"));
        append(record(2, "a", null));
        compact();
        now += RETENTION;
        compact();
        assertThat(records()).isEmpty();
        assertThat(log).hasSize(1);
        assertThat(batch(0).nextOffset()).isEqualTo(end);
        append(record(3, "b", "1"));
        compact();
        assertThat(records()).containsExactly("2:b=1");
        assertThat(log).hasSize(1);
    }

    @Test
    void theLastBatchOfAProducerStaysWithoutRecords() {
        append(
                MemoryRecords.withIdempotentRecords(
                        Compression.NONE,
                        9,
                        (short) 2,
                        5,
                        record(1, "a", "1"),
                        record(1, "b", "1")));
        append(record(2, "a", "2"), record(2, "b", "2"));
        producers.add(9, (short) 2, 1);
        compact();
        assertThat(records()).containsExactly("2:a=2", "3:b=2");
        assertThat(batch(0).producerId()).isEqualTo(9);
        assertThat(batch(0).baseSequence()).isEqualTo(5);
        assertThat(batch(0).lastSequence()).isEqualTo(6);
        assertThat(batch(0).lastOffset()).isEqualTo(1);
        compact();
        assertThat(log).hasSize(2);
    }

    @Test
    void recordsOfAbortedTransactionsGoAndTheirMarkerLater() {
        append(record(1, "a", "1"));
        transactional(4, 0, record(2, "a", "2"));
        append(record(3, "b", "1"));
        marker(4, ControlRecordType.ABORT);
        append(record(4, "c", "1"));
        aborted.add(new AbortedTransaction(4, 1));
        compact();
        assertThat(records()).containsExactly("0:a=1", "2:b=1", "3:ABORT", "4:c=1");
        assertThat(batch(2).deleteHorizonMs()).isEmpty();
        compact();
        assertThat(batch(2).deleteHorizonMs()).hasValue(now + RETENTION);
        now += RETENTION;
        compact();
        assertThat(records()).containsExactly("0:a=1", "2:b=1", "4:c=1");
    }

    @Test
    void theMarkerOfACommitStaysWhileItsRecordsDo() {
        transactional(4, 0, record(2, "a", "2"));
        marker(4, ControlRecordType.COMMIT);
        append(record(4, "c", "1"));
        compact();
        now += 10 * RETENTION;
        compact();
        assertThat(records()).containsExactly("0:a=2", "1:COMMIT", "2:c=1");
        append(record(5, "a", "3"));
        compact();
        compact();
        assertThat(records()).containsExactly("1:COMMIT", "2:c=1", "3:a=3");
        now += RETENTION;
        compact();
        assertThat(records()).containsExactly("2:c=1", "3:a=3");
    }

    @Test
    void markersStayWhileTheirRecordsMayBeReadElsewhere() {
        marker(4, ControlRecordType.ABORT);
        append(record(4, "c", "1"));
        compact(0, 0);
        now += 10 * RETENTION;
        compact(0, 0);
        assertThat(records()).containsExactly("0:ABORT", "1:c=1");
    }

    @Test
    void recordsWithoutKeyGo() {
        append(new SimpleRecord(1, null, "x".getBytes(UTF_8)), record(1, "a", "1"));
        compact();
        assertThat(records()).containsExactly("1:a=1");
    }

    @Test
    void inTheBrokersOwnBatchesNoKeyIsAnAddress() {
        for (String value : List.of("1", "2")) {
            ByteBuf batch = Unpooled.buffer();
            var builder = new BatchBuilder();
            builder.begin(batch);
            ByteBuf bytes = Unpooled.copiedBuffer(value, UTF_8);
            builder.append(1, null, bytes, Unpooled.EMPTY_BUFFER, 0);
            builder.append(1, bytes.duplicate(), bytes, Unpooled.EMPTY_BUFFER, 0);
            builder.finish();
            append(MemoryRecords.readableRecords(batch.nioBuffer()));
        }
        compact();
        assertThat(records()).containsExactly("1:1=1", "2:null=2", "3:2=2");
    }

    @Test
    void whatDoesNotDecompressStays() {
        append(
                MemoryRecords.withRecords(
                        Compression.of(CompressionType.GZIP).build(), record(1, "a", "1")));
        byte[] bytes = new byte[log.getFirst().readableBytes()];
        log.getFirst().getBytes(0, bytes);
        Arrays.fill(bytes, 70, bytes.length, (byte) 0);
        log.set(0, Unpooled.wrappedBuffer(bytes));
        ByteBuf before = log.getFirst();
        var keys = new KeyOffsets(BOUND);
        var terms = new BatchFilter.Terms(keys, producers, 10, 10, now, RETENTION);
        var filter =
                new BatchFilter(
                        terms,
                        new TransactionTrail(List.of()),
                        UnpooledByteBufAllocator.DEFAULT,
                        BOUND);
        assertThat(filter.judge(before, 0)).isEqualTo(BatchFilter.Outcome.SAME);
    }
}
