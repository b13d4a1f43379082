// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.protocol.kafka.mapping;

import io.mortise.spi.record.BatchHeader;

import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.utils.BufferSupplier;
import org.jspecify.annotations.Nullable;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * Judges what a client wants to append: one whole record batch v2, by the rules of Kafka's {@code
 * LogValidator}. Nothing that would poison a later reader gets by: sizes, checksum, counts, and the
 * structure of every record, also inside compression. One per event loop or call: not thread-safe.
 */
public final class ProducedBatch {
    /** Decompressed bytes that one batch may have. */
    private static final long MAX_DECOMPRESSED_BYTES = 64L << 20;

    private static final int ZSTD_MIN_PRODUCE_VERSION = 7;
    private static final byte MAGIC = 2;

    /** What is wrong. */
    public record Fault(Errors error, String message) {}

    private ProducedBatch() {}

    /**
     * Judges the bytes between position and limit; moves nothing.
     *
     * @param keyed whether every record must have a key, as in compacted topics
     * @return null if the batch may be appended
     */
    public static @Nullable Fault judge(
            @Nullable ByteBuffer records, short produceVersion, boolean keyed) {
        Fault fault = judgeFrame(records);
        if (fault != null || records == null) {
            return fault;
        }
        fault = judgeHeader(records, records.position(), produceVersion);
        return fault != null ? fault : judgeRecords(records, records.position(), keyed);
    }

    private static @Nullable Fault judgeFrame(@Nullable ByteBuffer records) {
        if (records == null || !records.hasRemaining()) {
            return invalid("a produce request carries exactly one record batch per partition");
        }
        int at = records.position();
        if (records.remaining() < BatchHeader.SIZE) {
            return new Fault(
                    Errors.CORRUPT_MESSAGE,
                    "a record batch has at least 61 bytes, not " + records.remaining());
        }
        byte magic = BatchHeader.magic(records, at);
        if (magic != MAGIC) {
            return invalid("a produce request carries record batches of magic 2, not " + magic);
        }
        long size = (long) records.getInt(at + BatchHeader.LENGTH) + BatchHeader.OVERHEAD;
        if (size < BatchHeader.SIZE || size > records.remaining()) {
            return new Fault(
                    Errors.CORRUPT_MESSAGE,
                    "batch of " + size + " bytes in " + records.remaining() + " bytes of records");
        }
        return size == records.remaining()
                ? null
                : invalid("a produce request carries exactly one record batch per partition");
    }

    private static @Nullable Fault judgeHeader(ByteBuffer batch, int at, short produceVersion) {
        if (!crcMatches(batch, at)) {
            return new Fault(Errors.CORRUPT_MESSAGE, "the record batch fails its CRC-32C");
        }
        int attributes = BatchHeader.attributes(batch, at);
        if ((attributes & BatchHeader.BROKER_BUILT) != 0) {
            return invalid("attribute bit 14 is the broker's own");
        }
        if ((attributes & BatchHeader.CONTROL) != 0) {
            return invalid("a client may not append control batches");
        }
        if ((attributes & BatchHeader.TRANSACTIONAL) != 0) {
            return new Fault(Errors.INVALID_TXN_STATE, "transactions are not supported");
        }
        return judgeNumbers(batch, at, attributes & BatchHeader.COMPRESSION_MASK, produceVersion);
    }

    private static @Nullable Fault judgeNumbers(
            ByteBuffer batch, int at, int codec, short produceVersion) {
        if (codec > CompressionType.ZSTD.id
                || (codec == CompressionType.ZSTD.id
                        && produceVersion < ZSTD_MIN_PRODUCE_VERSION)) {
            return new Fault(
                    Errors.UNSUPPORTED_COMPRESSION_TYPE,
                    "codec " + codec + " in a produce request of version " + produceVersion);
        }
        int count = BatchHeader.recordCount(batch, at);
        int lastDelta = batch.getInt(at + BatchHeader.LAST_OFFSET_DELTA);
        if (count <= 0 || lastDelta != count - 1) {
            return invalid("last offset delta " + lastDelta + " for " + count + " records");
        }
        boolean idempotent = BatchHeader.producerId(batch, at) >= 0;
        if (idempotent
                && (BatchHeader.baseSequence(batch, at) < 0
                        || BatchHeader.producerEpoch(batch, at) < 0)) {
            return invalid("an idempotent batch needs a sequence number and an epoch");
        }
        return null;
    }

    private static boolean crcMatches(ByteBuffer batch, int at) {
        CRC32C crc = new CRC32C();
        crc.update(
                batch.duplicate()
                        .position(at + BatchHeader.ATTRIBUTES)
                        .limit(at + BatchHeader.sizeInBytes(batch, at)));
        return (int) crc.getValue() == BatchHeader.crc(batch, at);
    }

    private static @Nullable Fault judgeRecords(ByteBuffer batch, int at, boolean keyed) {
        int codec = BatchHeader.attributes(batch, at) & BatchHeader.COMPRESSION_MASK;
        int count = BatchHeader.recordCount(batch, at);
        ByteBuffer records = batch.duplicate().position(at + BatchHeader.SIZE);
        try {
            String fault =
                    codec == CompressionType.NONE.id
                            ? RecordStructure.fault(records, count, keyed)
                            : compressedFault(records, codec, count, keyed);
            return fault == null ? null : invalid(fault);
        } catch (BufferUnderflowException | EOFException e) {
            return invalid("the records end in the middle of record");
        } catch (IOException | KafkaException | IllegalArgumentException e) {
            return new Fault(
                    Errors.CORRUPT_MESSAGE, "the records do not decompress: " + e.getMessage());
        }
    }

    private static @Nullable String compressedFault(
            ByteBuffer records, int codec, int count, boolean keyed) throws IOException {
        if (codec == CompressionType.SNAPPY.id && !SnappyChunks.plausible(records)) {
            throw new IOException("a snappy chunk is larger than its bytes allow");
        }
        try (InputStream in =
                Compression.of(CompressionType.forId(codec))
                        .build()
                        .wrapForInput(records, MAGIC, BufferSupplier.NO_CACHING)) {
            return new RecordStream(in, MAX_DECOMPRESSED_BYTES).fault(count, keyed);
        }
    }

    private static Fault invalid(String message) {
        return new Fault(Errors.INVALID_RECORD, message);
    }
}
