// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.session;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mortise.kernel.record.BatchFormat;
import io.mortise.kernel.record.BatchRewriter;
import io.mortise.kernel.record.RecordCursor;
import io.mortise.spi.LogId;
import io.mortise.spi.Reason;
import io.mortise.spi.Refusal;
import io.mortise.spi.Registration;
import io.mortise.spi.broker.AckLevel;
import io.mortise.spi.broker.FetchedBatches;
import io.mortise.spi.broker.Partition;
import io.mortise.spi.broker.Placement;
import io.mortise.spi.broker.Topic;
import io.mortise.spi.runtime.Scheduler;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;

/**
 * A partition in memory whose batches become durable a little later, and which can crash. A write
 * that fails does what it does to a real one: completions fail in order, what was not durable is
 * cut, appends and reads are refused, the topic has no leader, and the next epoch begins later.
 */
final class MemoryPartition implements Partition {
    private final Topic topic;
    private final int index;
    private final Scheduler scheduler;
    private final Runnable changed;
    private final List<byte[]> batches = new ArrayList<>();
    private final List<Waiting> waiting = new ArrayList<>();
    private final List<Listening> listeners = new ArrayList<>();
    private final List<Runnable> capacity = new ArrayList<>();
    private long start;
    private long end;
    private long durable;
    private final TreeMap<Integer, Long> epochStarts = new TreeMap<>();
    private int epoch;
    private int forces;
    private boolean forcing;
    private boolean recovering;
    private boolean led = true;

    /** The next write fails. */
    boolean failing;

    /** From a failed write to the next epoch. */
    long reopenNanos = 1_000_000;

    boolean full;
    boolean cold;
    long forceNanos = 1_000_000;

    private record Waiting(long end, Executor executor, AppendCallback callback) {}

    private record Listening(Executor executor, AdvanceListener listener) {}

    /**
     * @param changed the topic is to be announced
     */
    MemoryPartition(Topic topic, int index, Scheduler scheduler, Runnable changed) {
        this.changed = changed;
        this.topic = topic;
        this.index = index;
        this.scheduler = scheduler;
        epochStarts.put(0, 0L);
    }

    /** Forgets what was not durable, and everyone who waited; the next epoch begins. */
    void crash() {
        cut();
        listeners.clear();
        failing = false;
        lead();
    }

    private void cut() {
        while (!batches.isEmpty() && next(batches.getLast()) > durable) {
            batches.removeLast();
        }
        end = durable;
        waiting.clear();
        capacity.clear();
        forcing = false;
        forces++;
        full = false;
    }

    void lead() {
        epoch++;
        begin();
        recovering = false;
        led = true;
    }

    /** An epoch that wrote nothing is forgotten. */
    private void begin() {
        epochStarts.values().removeIf(from -> from >= end);
        epochStarts.put(epoch, end);
    }

    /** Whether this node leads it and says so. */
    boolean led() {
        return led;
    }

    /** A write fails; it leads no more until {@link #reopenNanos} later. */
    void failWrite() {
        if (recovering) {
            return;
        }
        List<Waiting> failed = List.copyOf(waiting);
        List<Runnable> room = List.copyOf(capacity);
        failing = false;
        recovering = true;
        cut();
        room.forEach(Runnable::run);
        Refusal refusal = unavailable();
        for (Waiting each : failed) {
            each.executor.execute(() -> each.callback.completed(refusal));
        }
        tell();
        scheduler.execute(this::lost);
    }

    private static Refusal unavailable() {
        return new Refusal(Reason.STORAGE_UNAVAILABLE, "the disk failed");
    }

    private void lost() {
        led = false;
        changed.run();
        scheduler.schedule(
                () -> {
                    lead();
                    tell();
                    changed.run();
                },
                reopenNanos);
    }

    /** Takes the batch that begins at {@code offset}, as compaction does. */
    void compactAway(long offset) {
        batches.removeIf(batch -> base(batch) == offset);
    }

    /** Leaves the last record of each key of what is durable, as key compaction does. */
    void compactKeys() {
        Map<String, Long> last = new HashMap<>();
        long before = durable;
        for (byte[] batch : batches) {
            if (next(batch) <= before) {
                eachRecord(batch, (key, cursor) -> last.put(key, cursor.offset()));
            }
        }
        batches.replaceAll(batch -> next(batch) <= before ? compacted(batch, last) : batch);
    }

    private static byte[] compacted(byte[] batch, Map<String, Long> last) {
        BatchRewriter rewriter = new BatchRewriter();
        rewriter.begin(Unpooled.wrappedBuffer(batch), 0, BatchRewriter.NO_HORIZON);
        eachRecord(
                batch,
                (key, cursor) -> {
                    if (last.getOrDefault(key, -1L) == cursor.offset()) {
                        rewriter.keep(cursor);
                    }
                });
        return ByteBufUtil.getBytes(Unpooled.wrappedBuffer(rewriter.finish()));
    }

    private static void eachRecord(byte[] batch, BiConsumer<String, RecordCursor> visitor) {
        RecordCursor cursor = new RecordCursor();
        ByteBuf bytes = Unpooled.wrappedBuffer(batch);
        cursor.reset(bytes, 0);
        while (cursor.next()) {
            String key = bytes.toString(cursor.keyIndex(), cursor.keyLength(), UTF_8);
            visitor.accept(key, cursor);
        }
    }

    /** How many records there are that are no tombstones. */
    int valueCount() {
        int[] count = {0};
        batches.forEach(
                batch ->
                        eachRecord(
                                batch,
                                (key, cursor) -> count[0] += cursor.valueLength() < 0 ? 0 : 1));
        return count[0];
    }

    void makeRoom() {
        full = false;
        List<Runnable> tasks = List.copyOf(capacity);
        capacity.clear();
        tasks.forEach(Runnable::run);
    }

    private static long base(byte[] batch) {
        return BatchFormat.baseOffset(Unpooled.wrappedBuffer(batch), 0);
    }

    private static long next(byte[] batch) {
        return BatchFormat.nextOffset(Unpooled.wrappedBuffer(batch), 0);
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
        return new LogId(topic.tenant(), topic.id(), index, 0);
    }

    @Override
    public int leaderEpoch() {
        return epoch;
    }

    @Override
    public long logStartOffset() {
        return start;
    }

    @Override
    public long highWatermark() {
        return durable;
    }

    @Override
    public long logEndOffset() {
        return end;
    }

    @Override
    public boolean append(
            ByteBuf bytes,
            int expectedLeaderEpoch,
            Origin origin,
            AckLevel level,
            Executor executor,
            @Nullable AppendCallback callback,
            Placement placement) {
        if (recovering) {
            return placement.refused(unavailable());
        }
        if (expectedLeaderEpoch != -1 && expectedLeaderEpoch != epoch) {
            return placement.refused(new Refusal(Reason.FENCED_EPOCH, "epoch is " + epoch));
        }
        if (full) {
            return placement.refused(new Refusal(Reason.BUSY, "full"));
        }
        long base = end;
        byte[] copy = ByteBufUtil.getBytes(bytes);
        BatchFormat.stamp(Unpooled.wrappedBuffer(copy), 0, base, 0);
        batches.add(copy);
        end = next(copy);
        if (callback != null && level == AckLevel.DURABLE) {
            waiting.add(new Waiting(end, executor, callback));
        } else if (callback != null) {
            executor.execute(() -> callback.completed(null));
        }
        if (!forcing) {
            forcing = true;
            int number = ++forces;
            scheduler.schedule(() -> force(number), forceNanos);
        }
        tell();
        return placement.placed(base, end, -1, false);
    }

    private void force(int number) {
        if (number != forces) {
            return; // the write failed meanwhile
        }
        if (failing) {
            failWrite();
            return;
        }
        forcing = false;
        durable = end;
        for (Waiting each : waiting) {
            each.executor.execute(() -> each.callback.completed(null));
        }
        waiting.clear();
        tell();
    }

    private void tell() {
        for (Listening each : listeners) {
            each.executor.execute(() -> each.listener.advanced(this));
        }
    }

    @Override
    public void onCapacity(Executor executor, Runnable task) {
        capacity.add(() -> executor.execute(task));
    }

    @Override
    public @Nullable FetchedBatches readCached(long offset, int maxBytes, Visibility visibility) {
        return cold || recovering ? null : slice(offset, maxBytes, visibility);
    }

    private FetchedBatches slice(long offset, int maxBytes, Visibility visibility) {
        long visible = visibility == Visibility.SEQUENCED ? end : durable;
        List<FetchedBatches.Part> parts = new ArrayList<>();
        long base = offset;
        long next = offset;
        int size = 0;
        for (byte[] batch : batches) {
            boolean wanted = next(batch) > offset && next(batch) <= visible;
            if (wanted && (parts.isEmpty() || size + batch.length <= maxBytes)) {
                base = parts.isEmpty() ? base(batch) : base;
                parts.add(new FetchedBatches.Memory(Unpooled.wrappedBuffer(batch)));
                next = next(batch);
                size += batch.length;
            } else if (wanted) {
                break;
            }
        }
        return new Slice(base, next, size, List.copyOf(parts));
    }

    private record Slice(
            long baseOffset, long nextOffset, int sizeInBytes, List<FetchedBatches.Part> parts)
            implements FetchedBatches {
        @Override
        public void close() {}
    }

    @Override
    public void read(
            long offset,
            int maxBytes,
            Visibility visibility,
            Executor executor,
            ReadCallback callback) {
        scheduler.schedule(
                () -> {
                    Refusal refusal = readRefusal(offset);
                    FetchedBatches batches =
                            refusal == null ? slice(offset, maxBytes, visibility) : null;
                    executor.execute(() -> callback.completed(batches, refusal));
                },
                100_000);
    }

    private @Nullable Refusal readRefusal(long offset) {
        if (recovering) {
            return unavailable();
        }
        return offset < start || offset > end
                ? new Refusal(Reason.OFFSET_OUT_OF_RANGE, offset + " is not in the log")
                : null;
    }

    @Override
    public void offsetForTimestamp(long millis, Executor executor, TimestampCallback callback) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void offsetOfMaxTimestamp(Executor executor, TimestampCallback callback) {
        throw new UnsupportedOperationException();
    }

    @Override
    public EpochEnd endOffsetOf(int leaderEpoch) {
        if (leaderEpoch < 0 || leaderEpoch > epoch) {
            return new EpochEnd(-1, -1);
        }
        Integer known = epochStarts.floorKey(leaderEpoch);
        Map.Entry<Integer, Long> next = epochStarts.higherEntry(leaderEpoch);
        return new EpochEnd(
                known == null ? leaderEpoch : known, next == null ? end : next.getValue());
    }

    @Override
    public void advanceStart(long offset, Executor executor, AppendCallback callback) {
        start = Math.max(start, offset);
        batches.removeIf(batch -> next(batch) <= start);
        executor.execute(() -> callback.completed(null));
    }

    @Override
    public Registration onAdvance(Executor executor, AdvanceListener listener) {
        Listening each = new Listening(executor, listener);
        listeners.add(each);
        return () -> listeners.remove(each);
    }

    int batchCount() {
        return batches.size();
    }
}
