// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import io.mortise.kernel.record.Decompressor;
import io.mortise.kernel.record.RecordCursor;
import io.mortise.spi.Reason;
import io.mortise.spi.RefusedException;
import io.mortise.spi.broker.FetchedBatches;
import io.mortise.spi.broker.Partition.Visibility;
import io.mortise.spi.record.BatchHeader;
import io.mortise.spi.storage.LogExtent;
import io.mortise.spi.storage.LogStorage;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** One look-up by timestamp, below the high watermark, exact inside batches. May block. */
final class TimestampSearch {
    private static final int READ_BYTES = 256 << 10;

    private final PartitionLog log;
    private final LogReads reads;
    private final PartitionContext context;
    private final RecordCursor cursor = new RecordCursor();
    private long offset = -1;
    private long timestampMillis = -1;
    private int leaderEpoch = -1;

    TimestampSearch(PartitionLog log, LogReads reads, PartitionContext context) {
        this.log = log;
        this.reads = reads;
        this.context = context;
    }

    /** What was found; -1 if nothing. */
    long offset() {
        return offset;
    }

    long timestampMillis() {
        return timestampMillis;
    }

    int leaderEpoch() {
        return leaderEpoch;
    }

    void firstAtOrAfter(long wanted) throws IOException {
        long from = log.logStartOffset();
        for (LogExtent extent : extents()) {
            if (extent.maxTimestampMillis() >= wanted) {
                break;
            }
            from = Math.max(from, extent.endOffset());
        }
        scan(from, log.highWatermark(), (batches, at) -> lookInside(batches, at, wanted));
    }

    void greatest() throws IOException {
        List<LogExtent> stored = extents();
        long storedEnd = log.logStartOffset();
        List<LogExtent> likeliestFirst = new ArrayList<>(stored);
        likeliestFirst.sort(Comparator.comparingLong(LogExtent::maxTimestampMillis).reversed());
        for (LogExtent extent : likeliestFirst) {
            storedEnd = Math.max(storedEnd, extent.endOffset());
            boolean may = extent.maxTimestampMillis() > timestampMillis;
            boolean earlier =
                    extent.maxTimestampMillis() == timestampMillis && extent.baseOffset() < offset;
            if (extent.maxTimestampMillis() >= 0 && (may || earlier)) {
                scan(extent.baseOffset(), extent.endOffset(), this::keepGreatest);
            }
        }
        scan(storedEnd, log.highWatermark(), this::keepGreatest);
    }

    private List<LogExtent> extents() {
        LogStorage storage = log.storage();
        if (storage == null) {
            throw new RefusedException(log.unavailable());
        }
        return storage.extents();
    }

    private void scan(long from, long to, BatchLook look) throws IOException {
        long next = Math.max(from, log.logStartOffset());
        long end = Math.min(to, log.highWatermark());
        while (next < end) {
            try (FetchedBatches read = reads.readNow(next, READ_BYTES, Visibility.COMMITTED)) {
                if (read.sizeInBytes() == 0 || look(read, look)) {
                    return;
                }
                next = read.nextOffset();
            }
        }
    }

    private static boolean look(FetchedBatches read, BatchLook look) throws IOException {
        for (FetchedBatches.Part part : read.parts()) {
            ByteBuffer batches = SliceBytes.of(part);
            int at = batches.position();
            while (at < batches.limit()) {
                if (look.found(batches, at)) {
                    return true;
                }
                at += BatchHeader.sizeInBytes(batches, at);
            }
        }
        return false;
    }

    private boolean keepGreatest(ByteBuffer batches, int at) {
        long greatest = BatchHeader.maxTimestamp(batches, at);
        boolean better =
                greatest > timestampMillis
                        || (greatest == timestampMillis
                                && BatchHeader.baseOffset(batches, at) < offset);
        if (better) {
            lookInside(batches, at, greatest);
        }
        return false;
    }

    private boolean lookInside(ByteBuffer batches, int at, long wanted) {
        if (BatchHeader.maxTimestamp(batches, at) < wanted) {
            return false;
        }
        int size = BatchHeader.sizeInBytes(batches, at);
        ByteBuf batch = Unpooled.wrappedBuffer(batches.slice(at, size));
        if ((BatchHeader.attributes(batches, at) & BatchHeader.COMPRESSION_MASK) == 0) {
            cursor.reset(batch, 0);
            return lookAtRecords(batches, at, wanted);
        }
        var decompressor =
                new Decompressor(
                        context.memory().allocator(), context.options().maxDecompressedBytes());
        ByteBuf records = decompressor.decompress(batch, 0);
        if (records == null) {
            throw new RefusedException(
                    Reason.CORRUPT,
                    log.logId()
                            + ": batch at offset "
                            + BatchHeader.baseOffset(batches, at)
                            + ": "
                            + decompressor.fault());
        }
        try {
            cursor.reset(batch, 0, records, records.readerIndex(), records.writerIndex());
            return lookAtRecords(batches, at, wanted);
        } finally {
            cursor.clear();
            records.release();
        }
    }

    private boolean lookAtRecords(ByteBuffer batches, int at, long wanted) {
        while (cursor.next()) {
            if (cursor.timestampMillis() >= wanted && cursor.offset() >= log.logStartOffset()) {
                offset = cursor.offset();
                timestampMillis = cursor.timestampMillis();
                leaderEpoch = BatchHeader.leaderEpoch(batches, at);
                return true;
            }
        }
        return false;
    }

    private interface BatchLook {
        /** Whether the search is over. */
        boolean found(ByteBuffer batches, int at) throws IOException;
    }
}
