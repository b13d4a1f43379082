// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.record;

import io.netty.buffer.ByteBuf;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * Where the fields of a record batch v2 lie, and how to read and stamp them in place. Every method
 * borrows the buffer and takes the absolute index of the batch's first byte; none moves the
 * buffer's own indexes. Readers trust that at least {@link #HEADER_BYTES} bytes are there.
 *
 * <p>Source: Apache Kafka, "Message Format", {@code DefaultRecordBatch}.
 */
public final class BatchFormat {
    /** Bytes before the first record. */
    public static final int HEADER_BYTES = 61;

    /** Bytes that the length field does not count: base offset and the length itself. */
    public static final int LENGTH_OVERHEAD = 12;

    /** The only version that logs hold. */
    public static final byte MAGIC = 2;

    /** Attribute bits of the codec. */
    public static final int COMPRESSION_MASK = 0x07;

    /** Attribute bit: the timestamp is the broker's. */
    public static final int LOG_APPEND_TIME = 1 << 3;

    /** Attribute bit: part of a transaction. */
    public static final int TRANSACTIONAL = 1 << 4;

    /** Attribute bit: a marker, no message. */
    public static final int CONTROL = 1 << 5;

    /** Attribute bit: the base timestamp is a delete horizon. */
    public static final int DELETE_HORIZON = 1 << 6;

    /** Attribute bit: built by the broker; only here are {@code m.*} headers believed. */
    public static final int BROKER_BUILT = 1 << 14;

    static final int BASE_OFFSET = 0;
    static final int LENGTH = 8;
    static final int LEADER_EPOCH = 12;
    static final int MAGIC_INDEX = 16;
    static final int CRC = 17;
    static final int ATTRIBUTES = 21;
    static final int LAST_OFFSET_DELTA = 23;
    static final int BASE_TIMESTAMP = 27;
    static final int MAX_TIMESTAMP = 35;
    static final int PRODUCER_ID = 43;
    static final int PRODUCER_EPOCH = 51;
    static final int BASE_SEQUENCE = 53;
    static final int RECORD_COUNT = 57;

    private BatchFormat() {}

    /** The offset of the first record. */
    public static long baseOffset(ByteBuf buffer, int index) {
        return buffer.getLong(index + BASE_OFFSET);
    }

    /** The offset after the last record. */
    public static long nextOffset(ByteBuf buffer, int index) {
        return baseOffset(buffer, index) + lastOffsetDelta(buffer, index) + 1;
    }

    /** The batch's whole size in bytes, header included. */
    public static int sizeBytes(ByteBuf buffer, int index) {
        return buffer.getInt(index + LENGTH) + LENGTH_OVERHEAD;
    }

    /** The format version. */
    public static byte magic(ByteBuf buffer, int index) {
        return buffer.getByte(index + MAGIC_INDEX);
    }

    /** The attribute bits. */
    public static int attributes(ByteBuf buffer, int index) {
        return buffer.getShort(index + ATTRIBUTES);
    }

    /** The codec's number: 0 none, 1 gzip, 2 snappy, 3 lz4, 4 zstd. */
    public static int compression(ByteBuf buffer, int index) {
        return attributes(buffer, index) & COMPRESSION_MASK;
    }

    /** Whether the batch is a marker. */
    public static boolean control(ByteBuf buffer, int index) {
        return (attributes(buffer, index) & CONTROL) != 0;
    }

    /** Whether the broker built the batch. */
    public static boolean brokerBuilt(ByteBuf buffer, int index) {
        return (attributes(buffer, index) & BROKER_BUILT) != 0;
    }

    /** Last offset minus base offset. */
    public static int lastOffsetDelta(ByteBuf buffer, int index) {
        return buffer.getInt(index + LAST_OFFSET_DELTA);
    }

    /** Whether the batch is part of a transaction. */
    public static boolean transactional(ByteBuf buffer, int index) {
        return (attributes(buffer, index) & TRANSACTIONAL) != 0;
    }

    /** The idempotent producer, or -1. */
    public static long producerId(ByteBuf buffer, int index) {
        return buffer.getLong(index + PRODUCER_ID);
    }

    /** The producer's epoch, or -1. */
    public static short producerEpoch(ByteBuf buffer, int index) {
        return buffer.getShort(index + PRODUCER_EPOCH);
    }

    /** When tombstones and markers of the batch may go (KIP-534); -1: that is not yet known. */
    public static long deleteHorizon(ByteBuf buffer, int index) {
        return (attributes(buffer, index) & DELETE_HORIZON) == 0
                ? -1
                : baseTimestamp(buffer, index);
    }

    /** Milliseconds since the epoch that record timestamps count from. */
    public static long baseTimestamp(ByteBuf buffer, int index) {
        return buffer.getLong(index + BASE_TIMESTAMP);
    }

    /** The largest timestamp in the batch, in milliseconds since the epoch. */
    public static long maxTimestamp(ByteBuf buffer, int index) {
        return buffer.getLong(index + MAX_TIMESTAMP);
    }

    /** How many records the header declares. */
    public static int recordCount(ByteBuf buffer, int index) {
        return buffer.getInt(index + RECORD_COUNT);
    }

    /** Stamps base offset and leader epoch; both lie outside the checksum. */
    public static void stamp(ByteBuf buffer, int index, long baseOffset, int leaderEpoch) {
        buffer.setLong(index + BASE_OFFSET, baseOffset);
        buffer.setInt(index + LEADER_EPOCH, leaderEpoch);
    }

    /** The checksum that the header carries. */
    public static int storedCrc(ByteBuf buffer, int index) {
        return buffer.getInt(index + CRC);
    }

    /** The checksum over everything behind it. */
    public static int computeCrc(ByteBuf buffer, int index, int sizeBytes) {
        return crc32c(buffer, index + ATTRIBUTES, sizeBytes - ATTRIBUTES);
    }

    private static int crc32c(ByteBuf buffer, int index, int length) {
        CRC32C crc = new CRC32C();
        if (buffer.hasArray()) {
            crc.update(buffer.array(), buffer.arrayOffset() + index, length);
        } else if (buffer.nioBufferCount() == 1) {
            crc.update(buffer.nioBuffer(index, length));
        } else {
            for (ByteBuffer part : buffer.nioBuffers(index, length)) {
                crc.update(part);
            }
        }
        return (int) crc.getValue();
    }
}
