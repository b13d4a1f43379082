// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.protocol.kafka.testing;

import io.mortise.spi.LogId;
import io.mortise.spi.Reason;
import io.mortise.spi.Refusal;
import io.mortise.spi.Registration;
import io.mortise.spi.broker.AckLevel;
import io.mortise.spi.broker.FetchedBatches;
import io.mortise.spi.broker.Partition;
import io.mortise.spi.broker.Placement;
import io.mortise.spi.broker.Topic;
import io.mortise.spi.record.BatchHeader;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.Record;
import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;

/** A log in memory: visible as soon as sequenced. */
public final class FakePartition implements Partition {
    private record Watch(Executor executor, AdvanceListener listener) {}

    private final Topic topic;
    private final int index;
    private final LogId id;
    private final List<ByteBuffer> batches = new ArrayList<>();
    private final List<Watch> watches = new CopyOnWriteArrayList<>();
    private final List<Runnable> waiting = new ArrayList<>();
    private long start;
    private long end;
    private int epoch;
    private boolean full;
    private volatile boolean cached = true;

    FakePartition(Topic topic, int index) {
        this.topic = topic;
        this.index = index;
        this.id = new LogId(topic.tenant(), topic.id(), index, 0);
    }

    /** Whether reads are answered from memory; if not, they come later on the reader's executor. */
    public void cached(boolean inMemory) {
        cached = inMemory;
    }

    /** Refuses appends as BUSY until there is room again. */
    public synchronized void full(boolean isFull) {
        full = isFull;
        if (!isFull) {
            waiting.forEach(Runnable::run);
            waiting.clear();
        }
    }

    /** Leads under the next epoch. */
    public void nextEpoch() {
        synchronized (this) {
            epoch++;
        }
        advanced();
    }

    /** How many listeners there are. */
    public int watches() {
        return watches.size();
    }

    @Override
    public Topic topic() {
        return topic;
    }

    @Override
    public int index() {
        return index;
    }

    @Override
    public LogId logId() {
        return id;
    }

    @Override
    public synchronized int leaderEpoch() {
        return epoch;
    }

    @Override
    public synchronized long logStartOffset() {
        return start;
    }

    @Override
    public synchronized long highWatermark() {
        return end;
    }

    @Override
    public synchronized long logEndOffset() {
        return end;
    }

    @Override
    public boolean append(
            ByteBuf source,
            int expectedLeaderEpoch,
            Origin origin,
            AckLevel level,
            Executor executor,
            @Nullable AppendCallback callback,
            Placement placement) {
        long base;
        long next;
        synchronized (this) {
            if (full) {
                return placement.refused(new Refusal(Reason.BUSY, "the log is full"));
            }
            if (expectedLeaderEpoch >= 0 && expectedLeaderEpoch != epoch) {
                return placement.refused(new Refusal(Reason.FENCED_EPOCH, "epoch " + epoch));
            }
            ByteBuffer copy = ByteBuffer.allocate(source.readableBytes());
            source.getBytes(source.readerIndex(), copy);
            base = end;
            for (int at = 0; at < copy.capacity(); at += BatchHeader.sizeInBytes(copy, at)) {
                copy.putLong(at + BatchHeader.BASE_OFFSET, end);
                copy.putInt(at + BatchHeader.LEADER_EPOCH, epoch);
                end = BatchHeader.lastOffset(copy, at) + 1;
                batches.add(copy.slice(at, BatchHeader.sizeInBytes(copy, at)));
            }
            next = end;
        }
        if (callback != null) {
            executor.execute(() -> callback.completed(null));
        }
        advanced();
        return placement.placed(base, next, -1, false);
    }

    private void advanced() {
        for (Watch watch : watches) {
            watch.executor.execute(() -> watch.listener.advanced(this));
        }
    }

    @Override
    public synchronized void onCapacity(Executor executor, Runnable task) {
        waiting.add(() -> executor.execute(task));
    }

    @Override
    public @Nullable FetchedBatches readCached(long offset, int maxBytes, Visibility visibility) {
        return cached ? collect(offset, maxBytes) : null;
    }

    @Override
    public void read(
            long offset,
            int maxBytes,
            Visibility visibility,
            Executor executor,
            ReadCallback callback) {
        FetchedBatches found = collect(offset, maxBytes);
        executor.execute(() -> callback.completed(found, null));
    }

    private synchronized FetchedBatches collect(long offset, int maxBytes) {
        List<FetchedBatches.Part> parts = new ArrayList<>();
        int bytes = 0;
        long next = offset;
        long first = offset;
        for (ByteBuffer batch : batches) {
            if (BatchHeader.lastOffset(batch, 0) >= offset) {
                if (!parts.isEmpty() && bytes + batch.capacity() > maxBytes) {
                    break;
                }
                first = parts.isEmpty() ? BatchHeader.baseOffset(batch, 0) : first;
                next = BatchHeader.lastOffset(batch, 0) + 1;
                bytes += batch.capacity();
                parts.add(new FetchedBatches.Memory(Unpooled.wrappedBuffer(batch.duplicate())));
            }
        }
        return new FakeFetched(first, next, bytes, parts);
    }

    private record FakeFetched(
            long baseOffset, long nextOffset, int sizeInBytes, List<FetchedBatches.Part> parts)
            implements FetchedBatches {
        @Override
        public void close() {
            for (Part part : parts) {
                if (part instanceof Memory memory) {
                    memory.bytes().release();
                }
            }
        }
    }

    /** Every record. */
    public synchronized List<Record> records() {
        List<Record> records = new ArrayList<>();
        for (ByteBuffer batch : batches) {
            MemoryRecords.readableRecords(batch.duplicate()).records().forEach(records::add);
        }
        return records;
    }

    @Override
    public void offsetForTimestamp(
            long timestampMillis, Executor executor, TimestampCallback callback) {
        for (Record record : records()) {
            if (record.timestamp() >= timestampMillis) {
                tell(executor, callback, record);
                return;
            }
        }
        tell(executor, callback, null);
    }

    @Override
    public void offsetOfMaxTimestamp(Executor executor, TimestampCallback callback) {
        Record greatest = null;
        for (Record record : records()) {
            if (greatest == null || record.timestamp() > greatest.timestamp()) {
                greatest = record;
            }
        }
        tell(executor, callback, greatest);
    }

    private void tell(Executor executor, TimestampCallback callback, @Nullable Record found) {
        long offset = found == null ? -1 : found.offset();
        long timestamp = found == null ? -1 : found.timestamp();
        executor.execute(() -> callback.completed(offset, timestamp, leaderEpoch(), null));
    }

    @Override
    public synchronized EpochEnd endOffsetOf(int leaderEpoch) {
        return leaderEpoch >= epoch ? new EpochEnd(epoch, end) : new EpochEnd(-1, -1);
    }

    @Override
    public synchronized void advanceStart(long offset, Executor executor, AppendCallback callback) {
        start = offset;
        batches.removeIf(batch -> BatchHeader.lastOffset(batch, 0) < offset);
        executor.execute(() -> callback.completed(null));
    }

    @Override
    public Registration onAdvance(Executor executor, AdvanceListener listener) {
        Watch watch = new Watch(executor, listener);
        watches.add(watch);
        return () -> watches.remove(watch);
    }
}
