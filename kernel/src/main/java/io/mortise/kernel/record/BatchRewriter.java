// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.record;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

import java.nio.ByteBuffer;

/**
 * Writes a batch again with some of its records only. What readers go by stays: first and last
 * offset, epoch, producer and sequence, the records' own offsets and timestamps, the codec.
 *
 * <p>Reusable: {@link #begin}, any number of {@link #keep}, {@link #finish}. Not thread-safe.
 */
public final class BatchRewriter {
    /** The base timestamp is no delete horizon. */
    public static final long NO_HORIZON = -1;

    private static final int NO_TIMESTAMP = -1;

    private final ByteBuf records = Unpooled.buffer(4096);
    private ByteBuf source = Unpooled.EMPTY_BUFFER;
    private int index;
    private int count;
    private long baseTimestamp;
    private long maxTimestamp;
    private long horizon;

    /**
     * Begins a copy of the batch at {@code at}, which is borrowed until {@link #finish}.
     *
     * @param newHorizonMillis the delete horizon that the copy is to carry from now on; {@link
     *     #NO_HORIZON}: the one that the batch has, if it has one
     */
    public void begin(ByteBuf batch, int at, long newHorizonMillis) {
        source = batch;
        index = at;
        records.clear();
        count = 0;
        maxTimestamp = NO_TIMESTAMP;
        horizon = newHorizonMillis;
        baseTimestamp =
                newHorizonMillis == NO_HORIZON
                        ? BatchFormat.baseTimestamp(batch, at)
                        : newHorizonMillis;
    }

    /** Keeps the record that {@code cursor} stands on, which walks the batch that was begun. */
    public void keep(RecordCursor cursor) {
        long timestamp = cursor.timestampMillis();
        maxTimestamp = Math.max(maxTimestamp, timestamp);
        count++;
        if (horizon == NO_HORIZON) {
            int from = cursor.recordIndex();
            records.writeBytes(cursor.buffer(), from, cursor.endIndex() - from);
        } else {
            keepMoved(cursor, timestamp - baseTimestamp);
        }
    }

    /** As it was, but for the timestamp's distance from the base. */
    private void keepMoved(RecordCursor cursor, long timestampDelta) {
        ByteBuf bytes = cursor.buffer();
        int tailFrom = cursor.keyFieldIndex();
        int tail = cursor.endIndex() - tailFrom;
        int delta = cursor.offsetDelta();
        Varint.writeInt(
                records, 1 + Varint.sizeOfLong(timestampDelta) + Varint.sizeOfInt(delta) + tail);
        records.writeByte(0);
        Varint.writeLong(records, timestampDelta);
        Varint.writeInt(records, delta);
        records.writeBytes(bytes, tailFrom, tail);
    }

    /** How many records were kept. */
    public int count() {
        return count;
    }

    /** The copy; one without records if none was kept. */
    public ByteBuffer finish() {
        int attributes = BatchFormat.attributes(source, index);
        if (count == 0) {
            ByteBuffer empty = empty(attributes);
            source = Unpooled.EMPTY_BUFFER;
            return empty;
        }
        ByteBuf out = Unpooled.buffer(BatchFormat.HEADER_BYTES + records.readableBytes());
        out.writeBytes(source, index, BatchFormat.HEADER_BYTES);
        Compressor.compress(attributes & BatchFormat.COMPRESSION_MASK, records, out);
        boolean appendTime = (attributes & BatchFormat.LOG_APPEND_TIME) != 0;
        header(
                out,
                horizon == NO_HORIZON ? attributes : attributes | BatchFormat.DELETE_HORIZON,
                baseTimestamp,
                appendTime ? BatchFormat.maxTimestamp(source, index) : maxTimestamp);
        source = Unpooled.EMPTY_BUFFER;
        return out.nioBuffer();
    }

    private ByteBuffer empty(int attributes) {
        ByteBuf out = Unpooled.buffer(BatchFormat.HEADER_BYTES);
        out.writeBytes(source, index, BatchFormat.HEADER_BYTES);
        int kept = attributes & ~(BatchFormat.COMPRESSION_MASK | BatchFormat.DELETE_HORIZON);
        header(out, kept, NO_TIMESTAMP, BatchFormat.maxTimestamp(source, index));
        return out.nioBuffer();
    }

    private void header(ByteBuf out, int attributes, long base, long max) {
        int size = out.readableBytes();
        out.setInt(BatchFormat.LENGTH, size - BatchFormat.LENGTH_OVERHEAD);
        out.setShort(BatchFormat.ATTRIBUTES, attributes);
        out.setLong(BatchFormat.BASE_TIMESTAMP, base);
        out.setLong(BatchFormat.MAX_TIMESTAMP, max);
        out.setInt(BatchFormat.RECORD_COUNT, count);
        out.setInt(BatchFormat.CRC, BatchFormat.computeCrc(out, 0, size));
    }
}
