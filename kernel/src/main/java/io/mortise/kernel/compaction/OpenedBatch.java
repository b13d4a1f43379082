// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.compaction;

import io.mortise.kernel.record.BatchFormat;
import io.mortise.kernel.record.Decompressor;
import io.mortise.kernel.record.RecordCursor;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

import org.jspecify.annotations.Nullable;

/** Walks the records of one batch after the other, compressed or not. Not thread-safe. */
final class OpenedBatch {
    private final Decompressor decompressor;
    private final RecordCursor cursor = new RecordCursor();
    private @Nullable ByteBuf records;

    OpenedBatch(ByteBufAllocator allocator, int maxDecompressedBytes) {
        this.decompressor = new Decompressor(allocator, maxDecompressedBytes);
    }

    /** Null if the records cannot be read; otherwise to be closed. */
    @Nullable RecordCursor open(ByteBuf batch, int index) {
        if (BatchFormat.compression(batch, index) != 0) {
            records = decompressor.decompress(batch, index);
            if (records == null) {
                return null;
            }
        }
        again(batch, index);
        return cursor;
    }

    /** Starts again at the first record of the batch that is open. */
    void again(ByteBuf batch, int index) {
        ByteBuf apart = records;
        if (apart == null) {
            cursor.reset(batch, index);
        } else {
            cursor.reset(batch, index, apart, apart.readerIndex(), apart.writerIndex());
        }
    }

    void close() {
        cursor.clear();
        if (records != null) {
            records.release();
            records = null;
        }
    }
}
