// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.record;

import io.netty.buffer.ByteBuf;
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
     * Appends one record; key, value and headers are borrowed and their readable bytes copied.
     *
     * @param timestampMillis milliseconds since the epoch
     * @param headers header entries as {@link HeaderEncoder} lays them out
     * @return the record's offset counted from the batch's first
     */
    public int append(
            long timestampMillis,
            @Nullable ByteBuf key,
            @Nullable ByteBuf value,
            ByteBuf headers,
            int headerCount) {
        if (count == 0) {
            baseTimestamp = timestampMillis;
        }
        maxTimestamp = Math.max(maxTimestamp, timestampMillis);
        long timestampDelta = timestampMillis - baseTimestamp;
        Varint.writeInt(out, bodyBytes(timestampDelta, key, value, headers, headerCount));
        out.writeByte(0);
        Varint.writeLong(out, timestampDelta);
        Varint.writeInt(out, count);
        writeBytes(key);
        writeBytes(value);
        Varint.writeInt(out, headerCount);
        out.writeBytes(headers, headers.readerIndex(), headers.readableBytes());
        return count++;
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

    private int bodyBytes(
            long timestampDelta,
            @Nullable ByteBuf key,
            @Nullable ByteBuf value,
            ByteBuf headers,
            int headerCount) {
        return 1
                + Varint.sizeOfLong(timestampDelta)
                + Varint.sizeOfInt(count)
                + sizeOfBytes(key)
                + sizeOfBytes(value)
                + Varint.sizeOfInt(headerCount)
                + headers.readableBytes();
    }

    private static int sizeOfBytes(@Nullable ByteBuf bytes) {
        return bytes == null ? 1 : Varint.sizeOfInt(bytes.readableBytes()) + bytes.readableBytes();
    }

    private void writeBytes(@Nullable ByteBuf bytes) {
        if (bytes == null) {
            Varint.writeInt(out, -1);
        } else {
            Varint.writeInt(out, bytes.readableBytes());
            out.writeBytes(bytes, bytes.readerIndex(), bytes.readableBytes());
        }
    }
}
