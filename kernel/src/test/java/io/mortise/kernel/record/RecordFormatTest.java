// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.record;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;

import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.MemoryRecords;
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
import java.util.Random;

/** Our bytes against Apache Kafka's own classes, both ways. */
class RecordFormatTest {
    private static final int BOUND = 4 << 20;

    @Test
    void kafkaReadsWhatTheBuilderWrites() {
        for (long seed = 0; seed < 50; seed++) {
            List<SimpleRecord> records = randomRecords(new Random(seed));
            ByteBuf batch = build(records);
            BatchFormat.stamp(batch, 0, 1000, 7);

            RecordBatch read = kafkaBatch(batch);

            read.ensureValid();
            assertThat(read.baseOffset()).isEqualTo(1000);
            assertThat(read.partitionLeaderEpoch()).isEqualTo(7);
            assertThat(read.nextOffset()).isEqualTo(1000 + records.size());
            assertSame(records, read, "seed " + seed);
            assertThat(BatchFormat.brokerBuilt(batch, 0)).isTrue();
            assertThat(BatchFormat.nextOffset(batch, 0)).isEqualTo(read.nextOffset());
            assertThat(BatchFormat.maxTimestamp(batch, 0)).isEqualTo(read.maxTimestamp());
        }
    }

    @ParameterizedTest
    @EnumSource(CompressionType.class)
    void cursorReadsWhatKafkaWrites(CompressionType codec) {
        for (long seed = 0; seed < 30; seed++) {
            List<SimpleRecord> records = randomRecords(new Random(seed));
            ByteBuf batch = kafkaBuilt(codec, records);
            assertThat(check(batch, BOUND)).as("seed %d", seed).isEqualTo(BatchFault.NONE);
            assertThat(read(batch)).as("seed %d", seed).isEqualTo(texts(records));
        }
    }

    @ParameterizedTest
    @EnumSource(CompressionType.class)
    void decompressionStopsAtItsBound(CompressionType codec) {
        byte[] zeros = new byte[1 << 20];
        ByteBuf batch = kafkaBuilt(codec, List.of(new SimpleRecord(1, null, zeros)));
        assertThat(check(batch, (1 << 20) + 100)).isEqualTo(BatchFault.NONE);
        BatchFault expected =
                codec == CompressionType.NONE ? BatchFault.NONE : BatchFault.TOO_LARGE;
        assertThat(check(batch, 1 << 20)).isEqualTo(expected);
        assertThat(check(batch, 100)).isEqualTo(expected);
    }

    @ParameterizedTest
    @EnumSource(CompressionType.class)
    void mutatedBytesAreAnsweredWithAFaultNeverAnException(CompressionType codec) {
        for (long seed = 0; seed < 400; seed++) {
            Random random = new Random(seed);
            ByteBuf batch = kafkaBuilt(codec, randomRecords(random));
            int size = batch.readableBytes();
            for (int i = 0; i <= random.nextInt(4); i++) {
                batch.setByte(BatchFormat.CRC + random.nextInt(size - 17), random.nextInt());
            }
            assertThat(check(batch, BOUND)).isNotNull();
            batch.setInt(BatchFormat.CRC, BatchFormat.computeCrc(batch, 0, size));
            assertThat(check(batch, BOUND)).as("seed %d", seed).isNotNull();
        }
    }

    @Test
    void headerFaultsAreTold() {
        ByteBuf batch = build(List.of(new SimpleRecord(1, null, new byte[10])));
        int size = batch.readableBytes();
        assertThat(BatchCheck.header(batch, 0, size)).isEqualTo(BatchFault.NONE);
        assertThat(BatchCheck.header(batch, 0, size - 1)).isEqualTo(BatchFault.TRUNCATED);
        assertThat(BatchCheck.header(batch, 0, 20)).isEqualTo(BatchFault.TRUNCATED);
        batch.setByte(size - 1, 9);
        assertThat(BatchCheck.header(batch, 0, size)).isEqualTo(BatchFault.CORRUPT);
        batch.setByte(BatchFormat.MAGIC_INDEX, 1);
        assertThat(BatchCheck.header(batch, 0, size)).isEqualTo(BatchFault.UNSUPPORTED_MAGIC);
    }

    @Test
    void offsetDeltasThatSkipAreRefused() {
        SimpleRecord record = new SimpleRecord(1, null, new byte[1]);
        ByteBuf batch = build(List.of(record, record, record));
        int recordBytes = (batch.readableBytes() - BatchFormat.HEADER_BYTES) / 3;
        int secondDelta = BatchFormat.HEADER_BYTES + recordBytes + 3;
        assertThat(batch.getByte(secondDelta)).isEqualTo((byte) 2); // zig-zag of 1
        batch.setByte(secondDelta, 8);
        batch.setInt(BatchFormat.CRC, BatchFormat.computeCrc(batch, 0, batch.readableBytes()));
        assertThat(check(batch, BOUND)).isEqualTo(BatchFault.BAD_COUNT);
    }

    @Test
    void checksumIsTheSameForDirectHeapAndCompositeBuffers() {
        ByteBuf heap = build(randomRecords(new Random(4)));
        int size = heap.readableBytes();
        ByteBuf direct = Unpooled.directBuffer().writeBytes(heap, 0, size);
        ByteBuf parts = Unpooled.wrappedBuffer(heap.slice(0, 30), direct.slice(30, size - 30));
        assertThat(BatchFormat.computeCrc(direct, 0, size))
                .isEqualTo(BatchFormat.storedCrc(heap, 0));
        assertThat(BatchFormat.computeCrc(parts, 0, size))
                .isEqualTo(BatchFormat.storedCrc(heap, 0));
        direct.release();
    }

    private static BatchFault check(ByteBuf batch, int bound) {
        return BatchCheck.produced(
                batch, 0, batch.readableBytes(), PooledByteBufAllocator.DEFAULT, bound);
    }

    private static ByteBuf kafkaBuilt(CompressionType codec, List<SimpleRecord> records) {
        return Unpooled.copiedBuffer(
                MemoryRecords.withRecords(
                                RecordBatch.MAGIC_VALUE_V2,
                                0L,
                                Compression.of(codec).build(),
                                TimestampType.CREATE_TIME,
                                records.toArray(SimpleRecord[]::new))
                        .buffer());
    }

    private static ByteBuf build(List<SimpleRecord> records) {
        ByteBuf out = Unpooled.buffer();
        BatchBuilder builder = new BatchBuilder();
        builder.begin(out);
        for (SimpleRecord record : records) {
            ByteBuf headers = Unpooled.buffer();
            for (Header header : record.headers()) {
                HeaderEncoder.write(headers, header.key(), header.value());
            }
            ByteBuf key = wrap(record.key());
            builder.append(
                    record.timestamp(),
                    key == null ? new byte[0] : ByteBufUtil.getBytes(key),
                    0,
                    key == null ? -1 : key.readableBytes(),
                    wrap(record.value()),
                    headers,
                    record.headers().length);
        }
        assertThat(builder.finish()).isEqualTo(out.readableBytes());
        return out;
    }

    private static @Nullable ByteBuf wrap(@Nullable ByteBuffer bytes) {
        return bytes == null ? null : Unpooled.wrappedBuffer(bytes.duplicate());
    }

    private static RecordBatch kafkaBatch(ByteBuf batch) {
        return MemoryRecords.readableRecords(batch.nioBuffer()).batches().iterator().next();
    }

    private static void assertSame(List<SimpleRecord> expected, RecordBatch batch, String what) {
        List<String> read = new ArrayList<>();
        for (Record record : batch) {
            read.add(text(new SimpleRecord(record)));
        }
        assertThat(read).as(what).isEqualTo(texts(expected));
    }

    private static List<String> read(ByteBuf batch) {
        RecordCursor cursor = new RecordCursor();
        Decompressor decompressor = new Decompressor(PooledByteBufAllocator.DEFAULT, BOUND);
        if (BatchFormat.compression(batch, 0) == 0) {
            cursor.reset(batch, 0);
            return read(cursor);
        }
        ByteBuf records = decompressor.decompress(batch, 0);
        assertThat(records).isNotNull();
        cursor.reset(batch, 0, records, records.readerIndex(), records.writerIndex());
        List<String> read = read(cursor);
        records.release();
        return read;
    }

    private static List<String> read(RecordCursor cursor) {
        List<String> read = new ArrayList<>();
        HeaderCursor headers = new HeaderCursor();
        while (cursor.next()) {
            List<Header> copied = new ArrayList<>();
            cursor.headers(headers);
            while (headers.next()) {
                byte[] name = bytes(headers.buffer(), headers.nameIndex(), headers.nameLength());
                byte[] value = bytes(headers.buffer(), headers.valueIndex(), headers.valueLength());
                copied.add(new RecordHeader(new String(name, UTF_8), value));
                assertThat(headers.named(name)).isTrue();
                assertThat(headers.named("other".getBytes(UTF_8))).isFalse();
            }
            ByteBuf buffer = cursor.buffer();
            read.add(
                    text(
                            new SimpleRecord(
                                    cursor.timestampMillis(),
                                    bytes(buffer, cursor.keyIndex(), cursor.keyLength()),
                                    bytes(buffer, cursor.valueIndex(), cursor.valueLength()),
                                    copied.toArray(Header[]::new))));
        }
        assertThat(cursor.malformed()).isFalse();
        return read;
    }

    private static byte @Nullable [] bytes(ByteBuf buffer, int index, int length) {
        if (length < 0) {
            return null;
        }
        byte[] copy = new byte[length];
        buffer.getBytes(index, copy);
        return copy;
    }

    private static List<String> texts(List<SimpleRecord> records) {
        return records.stream().map(RecordFormatTest::text).toList();
    }

    private static String text(SimpleRecord record) {
        StringBuilder headers = new StringBuilder();
        for (Header header : record.headers()) {
            headers.append(header.key()).append('=').append(Arrays.toString(header.value()));
        }
        return record.timestamp() + " " + text(record.key()) + text(record.value()) + headers;
    }

    private static String text(@Nullable ByteBuffer bytes) {
        return bytes == null
                ? "null"
                : bytes.remaining() + ":" + Unpooled.wrappedBuffer(bytes.duplicate()).hashCode();
    }

    private static List<SimpleRecord> randomRecords(Random random) {
        List<SimpleRecord> records = new ArrayList<>();
        for (int i = 0; i <= random.nextInt(20); i++) {
            Header[] headers = new Header[random.nextInt(4)];
            for (int h = 0; h < headers.length; h++) {
                headers[h] = new RecordHeader("h" + random.nextInt(3), randomBytes(random, 40));
            }
            records.add(
                    new SimpleRecord(
                            1_700_000_000_000L + random.nextInt(100_000) - 50_000,
                            randomBytes(random, 30),
                            randomBytes(random, random.nextInt(50) == 0 ? 200_000 : 300),
                            headers));
        }
        return records;
    }

    private static byte @Nullable [] randomBytes(Random random, int bound) {
        if (random.nextInt(6) == 0) {
            return null;
        }
        byte[] bytes = new byte[random.nextInt(bound)];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) random.nextInt(8);
        }
        return bytes;
    }
}
