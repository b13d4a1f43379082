// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.protocol.kafka.mapping;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.spi.record.BatchHeader;

import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.zip.CRC32C;

/** What clients may append. */
class ProducedBatchTest {
    private static final short VERSION = 13;

    private static ByteBuffer batch(CompressionType codec) {
        SimpleRecord[] records = new SimpleRecord[20];
        for (int i = 0; i < records.length; i++) {
            byte[] key = i % 3 == 0 ? null : bytes("key " + i);
            byte[] value = i % 7 == 0 ? null : bytes("the value of record " + i);
            Header[] headers = {new RecordHeader("h", bytes("x")), new RecordHeader("n", null)};
            records[i] = new SimpleRecord(1000 + i, key, value, headers);
        }
        return MemoryRecords.withRecords(Compression.of(codec).build(), records).buffer();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static ByteBuffer copy(ByteBuffer batch) {
        return ByteBuffer.allocate(batch.remaining()).put(batch.duplicate()).flip();
    }

    private static ByteBuffer stamped(ByteBuffer batch) {
        CRC32C crc = new CRC32C();
        crc.update(batch.duplicate().position(BatchHeader.ATTRIBUTES));
        return batch.putInt(BatchHeader.CRC, (int) crc.getValue());
    }

    private static Errors judge(ByteBuffer batch) {
        ProducedBatch.Fault fault = ProducedBatch.judge(batch, VERSION, false);
        return fault == null ? Errors.NONE : fault.error();
    }

    @ParameterizedTest
    @EnumSource(CompressionType.class)
    void whatAKafkaClientBuildsIsTaken(CompressionType codec) {
        assertThat(judge(batch(codec))).isEqualTo(Errors.NONE);
    }

    @ParameterizedTest
    @EnumSource(CompressionType.class)
    void noByteOfTheBodyCanBeChangedUnderAnOldChecksum(CompressionType codec) {
        ByteBuffer good = batch(codec);
        for (int at = BatchHeader.ATTRIBUTES; at < good.limit(); at++) {
            ByteBuffer bad = copy(good);
            bad.put(at, (byte) (bad.get(at) ^ 1));
            assertThat(judge(bad)).as("byte %d", at).isEqualTo(Errors.CORRUPT_MESSAGE);
        }
    }

    /** A client may compute a true checksum over nonsense: it must not throw, nor hang. */
    @ParameterizedTest
    @EnumSource(CompressionType.class)
    void noiseUnderATrueChecksumIsJudgedWithoutAnException(CompressionType codec) {
        Random random = new Random(42);
        ByteBuffer good = batch(codec);
        for (int i = 0; i < 20_000; i++) {
            ByteBuffer bad = copy(good);
            for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
                int at = BatchHeader.SIZE + random.nextInt(bad.limit() - BatchHeader.SIZE);
                bad.put(at, (byte) random.nextInt());
            }
            assertThat(judge(stamped(bad)))
                    .isIn(Errors.NONE, Errors.CORRUPT_MESSAGE, Errors.INVALID_RECORD);
        }
    }

    @Test
    void onlyTheBrokerSetsBit14AndTheControlBit() {
        for (int bit : new int[] {BatchHeader.BROKER_BUILT, BatchHeader.CONTROL}) {
            ByteBuffer bad = copy(batch(CompressionType.NONE));
            bad.putShort(BatchHeader.ATTRIBUTES, (short) bit);
            assertThat(judge(stamped(bad))).isEqualTo(Errors.INVALID_RECORD);
        }
    }

    @Test
    void transactionsAreRefused() {
        ByteBuffer bad = copy(batch(CompressionType.NONE));
        bad.putShort(BatchHeader.ATTRIBUTES, (short) BatchHeader.TRANSACTIONAL);
        assertThat(judge(stamped(bad))).isEqualTo(Errors.INVALID_TXN_STATE);
    }

    @Test
    void countsMustAgree() {
        ByteBuffer bad = copy(batch(CompressionType.NONE));
        bad.putInt(BatchHeader.RECORD_COUNT, 19);
        assertThat(judge(stamped(bad))).isEqualTo(Errors.INVALID_RECORD);
        bad.putInt(BatchHeader.LAST_OFFSET_DELTA, 18);
        assertThat(judge(stamped(bad))).isEqualTo(Errors.INVALID_RECORD);
        bad.putInt(BatchHeader.RECORD_COUNT, 21);
        bad.putInt(BatchHeader.LAST_OFFSET_DELTA, 20);
        assertThat(judge(stamped(bad))).isEqualTo(Errors.INVALID_RECORD);
    }

    @ParameterizedTest
    @EnumSource(CompressionType.class)
    void compactedTopicsNeedKeys(CompressionType codec) {
        Compression compression = Compression.of(codec).build();
        SimpleRecord keyed = new SimpleRecord(bytes("k"), bytes("v"));
        ByteBuffer all = MemoryRecords.withRecords(compression, keyed, keyed).buffer();
        ByteBuffer some =
                MemoryRecords.withRecords(compression, keyed, new SimpleRecord(bytes("v")))
                        .buffer();
        assertThat(ProducedBatch.judge(all, VERSION, true)).isNull();
        ProducedBatch.Fault fault = ProducedBatch.judge(some, VERSION, true);
        assertThat(fault).isNotNull();
        assertThat(fault.error()).isEqualTo(Errors.INVALID_RECORD);
        assertThat(fault.message()).contains("record 1 has no key");
        assertThat(ProducedBatch.judge(some, VERSION, false)).isNull();
    }

    @Test
    void exactlyOneBatchOfMagic2() {
        assertThat(judge(ByteBuffer.allocate(0))).isEqualTo(Errors.INVALID_RECORD);
        ByteBuffer one = batch(CompressionType.NONE);
        ByteBuffer two = ByteBuffer.allocate(2 * one.limit()).put(copy(one)).put(copy(one)).flip();
        assertThat(judge(two)).isEqualTo(Errors.INVALID_RECORD);
        ByteBuffer old = copy(one).put(BatchHeader.MAGIC, (byte) 1);
        assertThat(judge(old)).isEqualTo(Errors.INVALID_RECORD);
        ByteBuffer cut = copy(one).limit(one.limit() - 1);
        assertThat(judge(cut)).isEqualTo(Errors.CORRUPT_MESSAGE);
    }

    @Test
    void zstdNeedsProduce7() {
        ProducedBatch.Fault fault =
                ProducedBatch.judge(batch(CompressionType.ZSTD), (short) 6, false);
        assertThat(fault).isNotNull();
        assertThat(fault.error()).isEqualTo(Errors.UNSUPPORTED_COMPRESSION_TYPE);
    }

    @Test
    void aBombIsNotUnpacked() {
        SimpleRecord[] zeros = new SimpleRecord[80];
        for (int i = 0; i < zeros.length; i++) {
            zeros[i] = new SimpleRecord(new byte[1 << 20]);
        }
        ByteBuffer bomb = MemoryRecords.withRecords(Compression.gzip().build(), zeros).buffer();
        assertThat(bomb.remaining()).isLessThan(1 << 20);
        assertThat(judge(bomb)).isEqualTo(Errors.INVALID_RECORD);
    }
}
