// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.record;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/**
 * Walks the records of one batch without making objects. Borrows the buffer from {@code reset}
 * until the next {@code reset}; ranges are absolute indexes into {@link #buffer()}. Never throws on
 * malformed bytes: {@link #next} answers false and {@link #malformed} true.
 *
 * <p>Reusable; not thread-safe.
 */
public final class RecordCursor {
    private ByteBuf buffer = Unpooled.EMPTY_BUFFER;
    private long baseOffset;
    private long baseTimestamp;
    private boolean logAppendTime;
    private int position;
    private int limit;
    private int remaining;
    private boolean malformed;

    private int recordStart;
    private int recordEnd;
    private int offsetDelta;
    private int keyFieldIndex;
    private long timestamp;
    private int keyIndex;
    private int keyLength;
    private int valueIndex;
    private int valueLength;
    private int headerCount;
    private int headersIndex;

    /** Starts at the first record of the uncompressed batch at {@code index}. */
    public void reset(ByteBuf batch, int index) {
        int size = BatchFormat.sizeBytes(batch, index);
        reset(batch, index, batch, index + BatchFormat.HEADER_BYTES, index + size);
    }

    /**
     * Starts at the first record of the batch at {@code index}, whose records, decompressed, lie
     * between {@code from} and {@code to} of {@code records}.
     */
    public void reset(ByteBuf batch, int index, ByteBuf records, int from, int to) {
        this.buffer = records;
        this.baseOffset = BatchFormat.baseOffset(batch, index);
        this.logAppendTime =
                (BatchFormat.attributes(batch, index) & BatchFormat.LOG_APPEND_TIME) != 0;
        this.baseTimestamp =
                logAppendTime
                        ? BatchFormat.maxTimestamp(batch, index)
                        : BatchFormat.baseTimestamp(batch, index);
        this.remaining = BatchFormat.recordCount(batch, index);
        this.position = from;
        this.limit = Math.min(to, records.writerIndex());
        this.recordEnd = from;
        this.malformed = remaining < 0 || from > limit;
    }

    /** Lets go of the buffer. */
    public void clear() {
        buffer = Unpooled.EMPTY_BUFFER;
        remaining = 0;
        limit = 0;
        position = 0;
        recordEnd = 0;
    }

    /**
     * Goes on at a record that an earlier walk over the same bytes stood on.
     *
     * @param recordIndex what {@link #recordIndex} said then, moved as far as the bytes have
     * @param recordsLeft what {@link #remaining} said then, and that record itself
     */
    public void seek(int recordIndex, int recordsLeft) {
        recordEnd = recordIndex;
        remaining = recordsLeft;
    }

    /** Where the current record starts. */
    public int recordIndex() {
        return recordStart;
    }

    /** How many records the batch declares behind the current one. */
    public int remaining() {
        return remaining;
    }

    /** Moves to the next record; false at the end and on malformed bytes. */
    public boolean next() {
        if (malformed || remaining == 0) {
            return false;
        }
        position = recordEnd;
        recordStart = position;
        int length = readInt(limit);
        if (malformed || length < 0 || length > limit - position) {
            return fail();
        }
        recordEnd = position + length;
        remaining--;
        return readRecord() || fail();
    }

    private boolean readRecord() {
        if (position >= recordEnd) {
            return false;
        }
        position++; // record attributes, unused
        long timestampDelta = readLong(recordEnd);
        timestamp = logAppendTime ? baseTimestamp : baseTimestamp + timestampDelta;
        offsetDelta = readInt(recordEnd);
        keyFieldIndex = position;
        keyLength = readLength();
        keyIndex = position;
        position += Math.max(0, keyLength);
        valueLength = readLength();
        valueIndex = position;
        position += Math.max(0, valueLength);
        headerCount = readInt(recordEnd);
        headersIndex = position;
        return !malformed && headerCount >= 0 && headerCount <= recordEnd - position;
    }

    private boolean fail() {
        malformed = true;
        return false;
    }

    /** Whether the walk ended at bytes that are no record. */
    public boolean malformed() {
        return malformed;
    }

    /** Where the walk stands: the index behind the current record. */
    public int endIndex() {
        return recordEnd;
    }

    /** What the ranges point into; borrowed. */
    public ByteBuf buffer() {
        return buffer;
    }

    /** The current record's offset. */
    public long offset() {
        return baseOffset + offsetDelta;
    }

    /** The current record's offset, counted from its batch's first. */
    public int offsetDelta() {
        return offsetDelta;
    }

    /** The current record's timestamp, in milliseconds since the epoch. */
    public long timestampMillis() {
        return timestamp;
    }

    /** Where what follows the offset starts: the length of the key. */
    int keyFieldIndex() {
        return keyFieldIndex;
    }

    /** Where the key starts. */
    public int keyIndex() {
        return keyIndex;
    }

    /** Bytes of the key; -1 for a null key. */
    public int keyLength() {
        return keyLength;
    }

    /** Where the value starts. */
    public int valueIndex() {
        return valueIndex;
    }

    /** Bytes of the value; -1 for a null value. */
    public int valueLength() {
        return valueLength;
    }

    /** How many headers the record declares. */
    public int headerCount() {
        return headerCount;
    }

    /** Where the headers start, behind their count; they end at {@link #endIndex}. */
    public int headersIndex() {
        return headersIndex;
    }

    /** Points {@code headers} at the current record's headers. */
    public void headers(HeaderCursor headers) {
        headers.reset(buffer, headersIndex, recordEnd, headerCount);
    }

    private int readLength() {
        int length = readInt(recordEnd);
        if (length < -1 || length > recordEnd - position) {
            malformed = true;
            return -1;
        }
        return length;
    }

    private int readInt(int end) {
        long value = readUnsigned(end, 5);
        int raw = (int) value;
        return (raw >>> 1) ^ -(raw & 1);
    }

    private long readLong(int end) {
        long raw = readUnsigned(end, 10);
        return (raw >>> 1) ^ -(raw & 1);
    }

    private long readUnsigned(int end, int maxBytes) {
        long value = 0;
        for (int shift = 0, read = 0; read < maxBytes && position < end; shift += 7, read++) {
            byte next = buffer.getByte(position++);
            value |= (long) (next & 0x7F) << shift;
            if (next >= 0) {
                return value;
            }
        }
        malformed = true;
        return 0;
    }
}
