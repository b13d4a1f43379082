// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.delivery;

import io.mortise.kernel.record.BatchFormat;
import io.mortise.kernel.record.Decompressor;
import io.mortise.kernel.record.RecordCursor;
import io.mortise.spi.broker.FetchedBatches;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;

import org.jspecify.annotations.Nullable;

/**
 * Walks the records of batches that were read from a partition, as messages. Markers are passed
 * over; so is a batch that cannot be decompressed, which is counted. Used on one loop, not
 * reentrant.
 */
final class BatchWalk {
    private static final int MAX_DECOMPRESSED_BYTES = 64 << 20;

    /** Sees the messages in order. */
    interface Visitor {
        /** Whether records of this batch are worth a look; otherwise they are passed over. */
        default boolean wants(ByteBuf batch, int index) {
            return true;
        }

        /**
         * @return false to end the walk before this record
         */
        boolean visit(RecordView record);
    }

    /**
     * Where an earlier walk was refused, so that the next one need not decode what lies before in
     * the same batch.
     */
    static final class Bookmark {
        private long batch = -1;

        /** The checksum of that batch: compaction may have written it again. */
        private int crc;

        private long offset;
        private int recordIndex;
        private int recordsLeft;
    }

    private final RecordCursor cursor = new RecordCursor();
    private final RecordView view = new RecordView();
    private final Decompressor decompressor =
            new Decompressor(PooledByteBufAllocator.DEFAULT, MAX_DECOMPRESSED_BYTES);
    private long unreadable;
    private int refusedIndex;
    private int refusedLeft;

    /** Batches passed over because they could not be read. */
    long unreadable() {
        return unreadable;
    }

    /** The view that visitors see; free for other use outside a walk. */
    RecordView view() {
        return view;
    }

    /**
     * Shows all records from {@code from} on.
     *
     * @param batches whose parts are all in memory; borrowed
     * @param bookmark kept by a reader that stops and goes on, or null
     * @return where the walk ended: the offset that the visitor refused, or the end of the batches
     */
    long walk(
            FetchedBatches batches,
            Feed feed,
            long from,
            long nowMillis,
            @Nullable Bookmark bookmark,
            Visitor visitor) {
        for (FetchedBatches.Part part : batches.parts()) {
            ByteBuf bytes = ((FetchedBatches.Memory) part).bytes();
            int index = bytes.readerIndex();
            while (index < bytes.writerIndex()) {
                long refused = batch(bytes, index, feed, from, nowMillis, bookmark, visitor);
                if (refused >= 0) {
                    return refused;
                }
                index += BatchFormat.sizeBytes(bytes, index);
            }
        }
        return Math.max(from, batches.nextOffset());
    }

    private long batch(
            ByteBuf bytes,
            int index,
            Feed feed,
            long from,
            long nowMillis,
            @Nullable Bookmark bookmark,
            Visitor visitor) {
        boolean passed =
                BatchFormat.control(bytes, index)
                        || BatchFormat.nextOffset(bytes, index) <= from
                        || !visitor.wants(bytes, index);
        if (passed) {
            return -1;
        }
        boolean believed = BatchFormat.brokerBuilt(bytes, index);
        if (BatchFormat.compression(bytes, index) == 0) {
            cursor.reset(bytes, index);
            if (bookmark == null) {
                return records(feed, believed, from, nowMillis, visitor);
            }
            long base = BatchFormat.baseOffset(bytes, index);
            int crc = BatchFormat.storedCrc(bytes, index);
            if (bookmark.batch == base && bookmark.crc == crc && bookmark.offset <= from) {
                cursor.seek(index + bookmark.recordIndex, bookmark.recordsLeft);
            }
            long refused = records(feed, believed, from, nowMillis, visitor);
            if (refused >= 0) {
                bookmark.batch = base;
                bookmark.crc = crc;
                bookmark.offset = refused;
                bookmark.recordIndex = refusedIndex - index;
                bookmark.recordsLeft = refusedLeft;
            }
            return refused;
        }
        ByteBuf records = decompressor.decompress(bytes, index);
        if (records == null) {
            unreadable++;
            return -1;
        }
        try {
            cursor.reset(bytes, index, records, records.readerIndex(), records.writerIndex());
            return records(feed, believed, from, nowMillis, visitor);
        } finally {
            records.release();
        }
    }

    private long records(Feed feed, boolean believed, long from, long nowMillis, Visitor visitor) {
        try {
            while (cursor.next()) {
                if (cursor.offset() >= from) {
                    view.load(cursor, feed.topicName(), feed.catchAll(), believed, nowMillis);
                    if (!visitor.visit(view)) {
                        refusedIndex = cursor.recordIndex();
                        refusedLeft = cursor.remaining() + 1;
                        return view.offset();
                    }
                }
            }
            return -1;
        } finally {
            view.clear();
            cursor.clear();
        }
    }
}
