// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.record;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

import org.jspecify.annotations.Nullable;

/** Checks foreign bytes before anyone trusts them; never throws on what it is given. */
public final class BatchCheck {
    private static final int HIGHEST_COMPRESSION = 4;

    private BatchCheck() {}

    /**
     * Checks size, version, codec number, counts and checksum of the batch at {@code index}; looks
     * at no record.
     *
     * @param available bytes that may be read from {@code index}
     */
    public static BatchFault header(ByteBuf buffer, int index, int available) {
        if (available < BatchFormat.HEADER_BYTES) {
            return BatchFault.TRUNCATED;
        }
        int length = buffer.getInt(index + BatchFormat.LENGTH);
        if (BatchFormat.magic(buffer, index) != BatchFormat.MAGIC) {
            return BatchFault.UNSUPPORTED_MAGIC;
        }
        if (length < BatchFormat.HEADER_BYTES - BatchFormat.LENGTH_OVERHEAD
                || length > available - BatchFormat.LENGTH_OVERHEAD) {
            return BatchFault.TRUNCATED;
        }
        int size = length + BatchFormat.LENGTH_OVERHEAD;
        if (BatchFormat.computeCrc(buffer, index, size) != BatchFormat.storedCrc(buffer, index)) {
            return BatchFault.CORRUPT;
        }
        return counts(buffer, index);
    }

    private static BatchFault counts(ByteBuf buffer, int index) {
        if (BatchFormat.compression(buffer, index) > HIGHEST_COMPRESSION) {
            return BatchFault.UNKNOWN_COMPRESSION;
        }
        boolean sane =
                BatchFormat.recordCount(buffer, index) >= 0
                        && BatchFormat.lastOffsetDelta(buffer, index) >= 0;
        return sane ? BatchFault.NONE : BatchFault.BAD_COUNT;
    }

    /**
     * Checks a producer's batch wholly: what {@link #header} checks, then every record, with offset
     * deltas 0, 1, 2 ... up to the last.
     *
     * @param maxDecompressedBytes bound of the records once decompressed
     */
    public static BatchFault produced(
            ByteBuf buffer,
            int index,
            int available,
            ByteBufAllocator allocator,
            int maxDecompressedBytes) {
        BatchFault fault = header(buffer, index, available);
        if (fault != BatchFault.NONE) {
            return fault;
        }
        int count = BatchFormat.recordCount(buffer, index);
        if (count == 0 || count - 1 != BatchFormat.lastOffsetDelta(buffer, index)) {
            return BatchFault.BAD_COUNT;
        }
        return records(buffer, index, allocator, maxDecompressedBytes);
    }

    private static BatchFault records(
            ByteBuf buffer, int index, ByteBufAllocator allocator, int maxDecompressedBytes) {
        if (BatchFormat.compression(buffer, index) == 0) {
            RecordCursor cursor = new RecordCursor();
            cursor.reset(buffer, index);
            return walk(cursor, index + BatchFormat.sizeBytes(buffer, index));
        }
        Decompressor decompressor = new Decompressor(allocator, maxDecompressedBytes);
        @Nullable ByteBuf records = decompressor.decompress(buffer, index);
        if (records == null) {
            return decompressor.fault();
        }
        try {
            RecordCursor cursor = new RecordCursor();
            int end = records.writerIndex();
            cursor.reset(buffer, index, records, records.readerIndex(), end);
            return walk(cursor, end);
        } finally {
            records.release();
        }
    }

    private static BatchFault walk(RecordCursor cursor, int end) {
        HeaderCursor headers = new HeaderCursor();
        int expected = 0;
        while (cursor.next()) {
            if (cursor.offsetDelta() != expected++) {
                return BatchFault.BAD_COUNT;
            }
            cursor.headers(headers);
            while (headers.next()) {
                // only whether they can be read
            }
            if (headers.malformed()) {
                return BatchFault.MALFORMED_RECORD;
            }
        }
        boolean whole = !cursor.malformed() && cursor.endIndex() == end;
        return whole ? BatchFault.NONE : BatchFault.MALFORMED_RECORD;
    }
}
