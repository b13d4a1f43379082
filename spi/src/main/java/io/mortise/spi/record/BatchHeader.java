// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.record;

import java.nio.ByteBuffer;

/**
 * Reads the 61-byte header of a record batch v2 in place. All positions are absolute: {@code at} is
 * the index of the batch's first byte, all numbers are big endian. The CRC covers everything from
 * {@link #ATTRIBUTES} on, so base offset and leader epoch may be stamped without touching it.
 */
public final class BatchHeader {
    public static final int BASE_OFFSET = 0;
    public static final int LENGTH = 8;
    public static final int LEADER_EPOCH = 12;
    public static final int MAGIC = 16;
    public static final int CRC = 17;
    public static final int ATTRIBUTES = 21;
    public static final int LAST_OFFSET_DELTA = 23;
    public static final int BASE_TIMESTAMP = 27;
    public static final int MAX_TIMESTAMP = 35;
    public static final int PRODUCER_ID = 43;
    public static final int PRODUCER_EPOCH = 51;
    public static final int BASE_SEQUENCE = 53;
    public static final int RECORD_COUNT = 57;

    /** Bytes of the whole header: the first record begins here. */
    public static final int SIZE = 61;

    /** Bytes of base offset and length, which {@link #LENGTH}'s value does not count. */
    public static final int OVERHEAD = 12;

    /** Attribute bits 0-2: the compression codec (0 none, 1 gzip, 2 snappy, 3 lz4, 4 zstd). */
    public static final int COMPRESSION_MASK = 0x07;

    /** Attribute bit 3: timestamps are the broker's append time. */
    public static final int LOG_APPEND_TIME = 0x08;

    /** Attribute bit 4: part of a transaction. */
    public static final int TRANSACTIONAL = 0x10;

    /** Attribute bit 5: a control batch. */
    public static final int CONTROL = 0x20;

    /**
     * Attribute bit 14: built by the broker; only there are {@code m.*} headers believed. Refused
     * from clients.
     */
    public static final int BROKER_BUILT = 0x4000;

    private BatchHeader() {}

    /** Offset of the first record. */
    public static long baseOffset(ByteBuffer batch, int at) {
        return batch.getLong(at + BASE_OFFSET);
    }

    /** Bytes of the whole batch, header included. */
    public static int sizeInBytes(ByteBuffer batch, int at) {
        return batch.getInt(at + LENGTH) + OVERHEAD;
    }

    /** Offset of the last record. */
    public static long lastOffset(ByteBuffer batch, int at) {
        return baseOffset(batch, at) + batch.getInt(at + LAST_OFFSET_DELTA);
    }

    /** Epoch of the leader that stamped the batch. */
    public static int leaderEpoch(ByteBuffer batch, int at) {
        return batch.getInt(at + LEADER_EPOCH);
    }

    /** Format version; 2 is the only one on a log. */
    public static byte magic(ByteBuffer batch, int at) {
        return batch.get(at + MAGIC);
    }

    /** CRC-32C of everything from the attributes on, unsigned in the low 32 bits. */
    public static int crc(ByteBuffer batch, int at) {
        return batch.getInt(at + CRC);
    }

    /** The attribute bits. */
    public static int attributes(ByteBuffer batch, int at) {
        return batch.getShort(at + ATTRIBUTES) & 0xFFFF;
    }

    /** Timestamp of the first record, in milliseconds since 1970. */
    public static long baseTimestamp(ByteBuffer batch, int at) {
        return batch.getLong(at + BASE_TIMESTAMP);
    }

    /** Greatest timestamp of a record, in milliseconds since 1970. */
    public static long maxTimestamp(ByteBuffer batch, int at) {
        return batch.getLong(at + MAX_TIMESTAMP);
    }

    /** The idempotent producer, or -1. */
    public static long producerId(ByteBuffer batch, int at) {
        return batch.getLong(at + PRODUCER_ID);
    }

    /** The producer's epoch, or -1. */
    public static short producerEpoch(ByteBuffer batch, int at) {
        return batch.getShort(at + PRODUCER_EPOCH);
    }

    /** Sequence number of the first record, or -1. */
    public static int baseSequence(ByteBuffer batch, int at) {
        return batch.getInt(at + BASE_SEQUENCE);
    }

    /** Number of records. */
    public static int recordCount(ByteBuffer batch, int at) {
        return batch.getInt(at + RECORD_COUNT);
    }
}
