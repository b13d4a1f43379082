// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import io.mortise.kernel.compaction.BatchFilter;
import io.mortise.kernel.compaction.KeyOffsets;
import io.mortise.kernel.compaction.KeyScan;
import io.mortise.kernel.compaction.TransactionTrail;
import io.mortise.spi.record.BatchHeader;
import io.mortise.spi.storage.LogExtent;
import io.mortise.spi.storage.LogSlice;
import io.mortise.spi.storage.LogStorage;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * One compaction of one log, beside its writer and readers: takes in the keys of the dirty part,
 * then walks all before its end and puts what is left in the place of runs of extents, one after
 * the other. Each run is replaced at once or not at all, and what a record gives way to lies behind
 * it, so an end in between loses nothing.
 */
final class CompactionRun {
    private static final int READ_BYTES = 1 << 20;

    /** Extents that are smaller are replaced together. */
    private static final int RUN_BYTES = 4 << 20;

    /** An extent whose rest is larger is replaced in parts. */
    private static final int MOST_BYTES = 32 << 20;

    /** Small batches are kept together in buffers of this size. */
    private static final int BUFFER_BYTES = 256 << 10;

    private final PartitionLog log;
    private final LogStorage storage;
    private final PartitionContext context;
    private final KeyOffsets keys;
    private final long nowMillis;
    private final List<LogExtent> extents;

    // What is being gathered.
    private final List<ByteBuffer> kept = new ArrayList<>();
    private final Set<Long> emptied = new HashSet<>();
    private long from;
    private long to;
    private int keptBytes;
    private long readBytes;
    private boolean changed;
    private int extent;
    private long leftBytes;

    CompactionRun(
            PartitionLog log,
            LogStorage storage,
            PartitionContext context,
            KeyOffsets keys,
            long nowMillis) {
        this.log = log;
        this.storage = storage;
        this.context = context;
        this.keys = keys;
        this.nowMillis = nowMillis;
        this.extents = storage.extents();
    }

    /**
     * @return how far the log is compacted now; less far than planned if there was no room for the
     *     keys
     */
    CompactionPoint compact(CompactionPlan plan, long deleteRetentionMillis) throws IOException {
        long start = log.logStartOffset();
        takeIn(plan);
        long end = Math.max(plan.dirtyFrom(), keys.latestOffset() + 1);
        keys.reached(end - 1);
        var terms =
                new BatchFilter.Terms(
                        keys,
                        log.standing().lastBatches(),
                        end,
                        log.standing().cachedFrom(),
                        nowMillis,
                        deleteRetentionMillis);
        var filter = new BatchFilter(terms, trail(start, end), allocator(), mostDecompressed());
        walk(start, end, (batches, at) -> judge(filter, batches, at, start));
        replace();
        return new CompactionPoint(start, end, leftBytes, filter.lastHorizonMillis());
    }

    private void takeIn(CompactionPlan plan) throws IOException {
        long begin = plan.dirtyFrom();
        var scan =
                new KeyScan(keys, trail(begin, plan.end()), begin, allocator(), mostDecompressed());
        boolean all = walk(begin, plan.end(), (batches, at) -> scan.add(batch(batches, at), 0));
        if (all) {
            keys.reached(plan.end() - 1);
        }
    }

    private TransactionTrail trail(long begin, long end) {
        return new TransactionTrail(log.standing().abortedTransactions(begin, end));
    }

    private ByteBufAllocator allocator() {
        return context.memory().allocator();
    }

    private int mostDecompressed() {
        return context.options().maxDecompressedBytes();
    }

    private static ByteBuf batch(ByteBuffer batches, int at) {
        return Unpooled.wrappedBuffer(batches.slice(at, BatchHeader.sizeInBytes(batches, at)));
    }

    private boolean judge(BatchFilter filter, ByteBuffer batches, int at, long start)
            throws IOException {
        long base = BatchHeader.baseOffset(batches, at);
        int size = BatchHeader.sizeInBytes(batches, at);
        long next = BatchHeader.lastOffset(batches, at) + 1;
        if (base < start) {
            leftBytes += size;
            return true; // the log starts within it: it stays as it is
        }
        if (full(base)) {
            replace();
        }
        if (readBytes == 0) {
            from = base;
        }
        readBytes += size;
        BatchFilter.Outcome outcome = filter.judge(batch(batches, at), 0);
        if (filter.emptyTransaction()) {
            emptied.add(base);
        }
        switch (outcome) {
            case SAME -> keep(batches, at, size);
            case CHANGED -> keep(filter.rewritten());
            case GONE -> {}
        }
        changed |= outcome != BatchFilter.Outcome.SAME;
        to = next;
        return true;
    }

    /** Whether what is gathered is to be replaced before the batch at {@code base}. */
    private boolean full(long base) {
        boolean crossed = false;
        while (extent < extents.size() && extents.get(extent).endOffset() <= base) {
            extent++;
            crossed = true;
        }
        return crossed ? keptBytes >= RUN_BYTES : keptBytes >= MOST_BYTES;
    }

    private void keep(ByteBuffer batch) {
        keep(batch, batch.position(), batch.remaining());
    }

    private void keep(ByteBuffer batches, int at, int size) {
        if (kept.isEmpty() || kept.getLast().remaining() < size) {
            kept.add(ByteBuffer.allocate(Math.max(BUFFER_BYTES, size)));
        }
        ByteBuffer target = kept.getLast();
        target.put(target.position(), batches, at, size);
        target.position(target.position() + size);
        keptBytes += size;
        leftBytes += size;
    }

    private void replace() throws IOException {
        log.standing().forget(emptied); // before the markers go, or they would end others
        if (changed) {
            kept.forEach(ByteBuffer::flip);
            log.trimming().replace(storage, from, to, kept);
            context.metrics().compactedBytes.add(readBytes - keptBytes);
        }
        kept.clear();
        emptied.clear();
        keptBytes = 0;
        readBytes = 0;
        changed = false;
    }

    /** False if {@code look} ended it. */
    private boolean walk(long begin, long end, Look look) throws IOException {
        long next = begin;
        while (next < end) {
            try (LogSlice slice = storage.read(next, end, READ_BYTES)) {
                for (LogSlice.Part part : slice.parts()) {
                    if (!walk(SliceBytes.of(part), look)) {
                        return false;
                    }
                }
                if (slice.sizeInBytes() == 0) {
                    return true;
                }
                next = slice.nextOffset();
            }
        }
        return true;
    }

    private static boolean walk(ByteBuffer batches, Look look) throws IOException {
        int at = batches.position();
        while (at < batches.limit()) {
            int size = BatchHeader.sizeInBytes(batches, at);
            if (!look.goOn(batches, at)) {
                return false;
            }
            at += size;
        }
        return true;
    }

    private interface Look {
        boolean goOn(ByteBuffer batches, int at) throws IOException;
    }
}
