// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.record;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;

import org.jspecify.annotations.Nullable;

/**
 * Builds one uncompressed batch, record by record, at the end of a buffer that the caller owns. The
 * batch carries {@link BatchFormat#BROKER_BUILT}, no producer id, and offsets from zero; stamping
 * base offset and leader epoch later leaves the checksum right.
 *
 * <p>Reusable: {@link #begin}, any number of {@link #append}, {@link #finish}. Not thread-safe.
 */
public final class BatchBuilder {
    private static final int MAX_INT_VARINT = 5;
    private static final byte[] NO_KEY = {};

    private ByteBuf out = Unpooled.EMPTY_BUFFER;
    private int start;
    private int count;
    private long baseTimestamp;
    private long maxTimestamp;
    private int attributes;

    /** Starts a batch at the writer index of {@code target}, which stays the caller's. */
    public void begin(ByteBuf target) {
        begin(target, BatchFormat.BROKER_BUILT);
    }

    /** As {@link #begin(ByteBuf)} with attribute bits of the caller's choice. */
    public void begin(ByteBuf target, int attributes) {
        this.out = target;
        this.start = target.writerIndex();
        this.attributes = attributes;
        this.count = 0;
        this.maxTimestamp = Long.MIN_VALUE;
        target.writeZero(BatchFormat.HEADER_BYTES);
    }

    /** How many records were appended since {@link #begin}. */
    public int count() {
        return count;
    }

    /** Bytes of the batch so far, header included. */
    public int sizeBytes() {
        return out.writerIndex() - start;
    }

    /**
     * An upper bound of the bytes that a record takes.
     *
     * @param headerBytes bytes of the encoded headers, without their count
     */
    public static int maxRecordBytes(int keyBytes, int valueBytes, int headerBytes) {
        return keyBytes + valueBytes + headerBytes + 4 * MAX_INT_VARINT + 11;
    }

    /**
     * Appends one record; key, value and headers are borrowed and copied.
     *
     * @param timestampMillis milliseconds since the epoch
     * @param keyLength -1 for a null key
     * @param value its readable bytes; null for a null value
     * @param headers header entries as {@link HeaderEncoder} lays them out
     * @return the record's offset counted from the batch's first
     */
    public int append(
            long timestampMillis,
            byte[] key,
            int keyFrom,
            int keyLength,
            @Nullable ByteBuf value,
            ByteBuf headers,
            int headerCount) {
        if (count == 0) {
            baseTimestamp = timestampMillis;
        }
        maxTimestamp = Math.max(maxTimestamp, timestampMillis);
        long timestampDelta = timestampMillis - baseTimestamp;
        int valueLength = value == null ? -1 : value.readableBytes();
        int body =
                1
                        + Varint.sizeOfLong(timestampDelta)
                        + Varint.sizeOfInt(count)
                        + sizeOfBytes(keyLength)
                        + sizeOfBytes(valueLength)
                        + Varint.sizeOfInt(headerCount)
                        + headers.readableBytes();
        Varint.writeInt(out, body);
        out.writeByte(0);
        Varint.writeLong(out, timestampDelta);
        Varint.writeInt(out, count);
        Varint.writeInt(out, keyLength);
        if (keyLength > 0) {
            out.writeBytes(key, keyFrom, keyLength);
        }
        Varint.writeInt(out, valueLength);
        if (value != null) {
            out.writeBytes(value, value.readerIndex(), valueLength);
        }
        Varint.writeInt(out, headerCount);
        out.writeBytes(headers, headers.readerIndex(), headers.readableBytes());
        return count++;
    }

    /** As above for a key in a buffer, whose readable bytes count. */
    public int append(
            long timestampMillis,
            @Nullable ByteBuf key,
            @Nullable ByteBuf value,
            ByteBuf headers,
            int headerCount) {
        byte[] bytes = key == null ? NO_KEY : ByteBufUtil.getBytes(key);
        int length = key == null ? -1 : bytes.length;
        return append(timestampMillis, bytes, 0, length, value, headers, headerCount);
    }

    /**
     * Writes header and checksum.
     *
     * @return the batch's size in bytes
     */
    public int finish() {
        int size = sizeBytes();
        out.setInt(start + BatchFormat.LENGTH, size - BatchFormat.LENGTH_OVERHEAD);
        out.setInt(start + BatchFormat.LEADER_EPOCH, -1);
        out.setByte(start + BatchFormat.MAGIC_INDEX, BatchFormat.MAGIC);
        out.setShort(start + BatchFormat.ATTRIBUTES, attributes);
        out.setInt(start + BatchFormat.LAST_OFFSET_DELTA, count - 1);
        out.setLong(start + BatchFormat.BASE_TIMESTAMP, baseTimestamp);
        out.setLong(start + BatchFormat.MAX_TIMESTAMP, maxTimestamp);
        out.setLong(start + BatchFormat.PRODUCER_ID, -1);
        out.setShort(start + BatchFormat.PRODUCER_EPOCH, -1);
        out.setInt(start + BatchFormat.BASE_SEQUENCE, -1);
        out.setInt(start + BatchFormat.RECORD_COUNT, count);
        out.setInt(start + BatchFormat.CRC, BatchFormat.computeCrc(out, start, size));
        out = Unpooled.EMPTY_BUFFER;
        return size;
    }

    private static int sizeOfBytes(int length) {
        return Varint.sizeOfInt(length) + Math.max(0, length);
    }
}
