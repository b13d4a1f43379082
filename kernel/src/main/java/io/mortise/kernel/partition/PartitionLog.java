// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import io.mortise.kernel.partition.CompletionLane.CallbackBatch;
import io.mortise.kernel.partition.ProducerStates.DuplicateBatch;
import io.mortise.kernel.partition.ProducerStates.Verdict;
import io.mortise.spi.Durability;
import io.mortise.spi.LogId;
import io.mortise.spi.Reason;
import io.mortise.spi.Refusal;
import io.mortise.spi.Registration;
import io.mortise.spi.broker.AckLevel;
import io.mortise.spi.broker.FetchedBatches;
import io.mortise.spi.broker.Partition;
import io.mortise.spi.broker.Topic;
import io.mortise.spi.record.BatchHeader;
import io.mortise.spi.storage.LogStorage;
import io.netty.buffer.ByteBuf;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import java.util.zip.CRC32C;

/**
 * One partition's order. Appending is memory only: check, number, copy, under a lock that never
 * covers I/O; the engine's writer takes it from the ring. Opening, closing and everything else that
 * may block is {@link LogControl}'s.
 */
final class PartitionLog implements Partition {
    /** Where the log stands. */
    private enum Phase {
        /** Not open: not yet, not any more, or for want of an engine. */
        DOWN,
        LEADING,
        /** A round failed; it is being opened again. */
        RECOVERING,
        /** Takes no more; what is sequenced is still written. */
        CLOSING
    }

    private final PartitionContext context;
    private final Topic topic;
    private final LogId id;
    private final LogControl control;
    private final LogReads reads;
    private final AdvanceListeners listeners = new AdvanceListeners(this);
    private final AppendResult ringFull;
    private final AppendResult writerBehind;

    private volatile PartitionSettings settings;
    private volatile int leaderEpoch;
    private volatile long logStart;
    private volatile long highWatermark;
    private volatile long logEnd;
    private volatile long writtenOffset;
    private volatile @Nullable LogStorage storage;
    private volatile Refusal unavailable;

    private final ReentrantLock lock = new ReentrantLock();

    // Guarded by the lock.
    private final Ring ring;
    private final CRC32C crc = new CRC32C();
    private Phase phase = Phase.DOWN;
    private @Nullable EngineWriter writer;
    private EpochHistory epochs = new EpochHistory();
    private ProducerStates producers = new ProducerStates();
    private final CompletionLanes lanes;
    private boolean queued;
    private long bytesSinceSnapshot;
    private byte @Nullable [] snapshot;
    private long snapshotOffset;

    /** A round failed: the state in memory knows batches that are gone. */
    private boolean damaged;

    /** A round of this leadership reached what the topic asks for. */
    private boolean proven;

    /** The writer's list of what is to be written. */
    @Nullable PartitionLog nextDirty;

    PartitionLog(
            PartitionContext context,
            Topic topic,
            LogId id,
            PartitionSettings settings,
            int leaderEpoch) {
        this.context = context;
        this.topic = topic;
        this.id = id;
        this.settings = settings;
        this.leaderEpoch = leaderEpoch;
        PartitionOptions options = context.options();
        this.ring =
                new Ring(
                        this,
                        context.memory(),
                        options.smallestChunkBytes(),
                        options.largestChunkBytes());
        this.unavailable = new Refusal(Reason.NOT_READY, id + " is being opened");
        this.ringFull = busy("the ring of " + options.ringBytes() + " bytes is full");
        this.writerBehind = busy(options.unwrittenBytes() + " bytes wait to be written");
        this.lanes = new CompletionLanes(this, context.completers());
        this.reads = new LogReads(this, context);
        this.control = new LogControl(this, context);
    }

    private AppendResult busy(String why) {
        return AppendResult.refused(new Refusal(Reason.BUSY, id + ": " + why));
    }

    // What it is.

    @Override
    public Topic topic() {
        return topic;
    }

    @Override
    public int index() {
        return id.partition();
    }

    @Override
    public LogId logId() {
        return id;
    }

    @Override
    public int leaderEpoch() {
        return leaderEpoch;
    }

    @Override
    public long logStartOffset() {
        return logStart;
    }

    @Override
    public long highWatermark() {
        return highWatermark;
    }

    @Override
    public long logEndOffset() {
        return logEnd;
    }

    LogControl control() {
        return control;
    }

    PartitionSettings settings() {
        return settings;
    }

    /** The open log, or null while there is none. */
    @Nullable LogStorage storage() {
        return storage;
    }

    /** Why there is no open log. */
    Refusal unavailable() {
        return unavailable;
    }

    // Appending.

    @Override
    public AppendResult append(
            ByteBuf batches,
            int expectedLeaderEpoch,
            Origin origin,
            AckLevel level,
            Executor executor,
            @Nullable AppendCallback callback) {
        Refusal refusal = AppendCheck.refusal(batches, origin, settings.maxMessageBytes());
        if (refusal != null) {
            context.metrics().refused(refusal.reason());
            return AppendResult.refused(refusal);
        }
        AppendResult result = tryAppend(batches, expectedLeaderEpoch, level, executor, callback);
        if (isRingFull(result)
                && context.memory().reclaim(ring.chunkBytes(batches.readableBytes()))) {
            result = tryAppend(batches, expectedLeaderEpoch, level, executor, callback);
        }
        count(result, batches);
        return result;
    }

    @SuppressWarnings("ReferenceEquality") // the one object that says so
    private boolean isRingFull(AppendResult result) {
        return result == ringFull;
    }

    private void count(AppendResult result, ByteBuf batches) {
        Refusal refusal = result.refusal();
        if (refusal != null) {
            context.metrics().refused(refusal.reason());
        } else if (result.duplicate()) {
            context.metrics().duplicates.add(1);
        } else {
            context.metrics().appends.add(1);
            context.metrics().appendedBytes.add(batches.readableBytes());
        }
    }

    private AppendResult tryAppend(
            ByteBuf batches,
            int expectedLeaderEpoch,
            AckLevel level,
            Executor executor,
            @Nullable AppendCallback callback) {
        AppendResult result;
        Completer completer = null;
        EngineWriter wakes;
        lock.lock();
        try {
            result = sequence(batches, expectedLeaderEpoch);
            if (result.refusal() != null) {
                return result;
            }
            if (callback != null) {
                completer =
                        lanes.await(
                                executor,
                                result.endOffset(),
                                level,
                                callback,
                                writtenOffset,
                                highWatermark);
            }
            wakes = writer;
        } finally {
            lock.unlock();
        }
        if (completer != null) {
            completer.fire();
        }
        if (!result.duplicate()) {
            if (wakes != null) {
                wakes.wake();
            }
            listeners.signal();
        }
        return result;
    }

    private AppendResult sequence(ByteBuf batches, int expectedLeaderEpoch) {
        EngineWriter target = writer;
        if (phase != Phase.LEADING || target == null) {
            return AppendResult.refused(unavailable);
        }
        if (expectedLeaderEpoch >= 0 && expectedLeaderEpoch != leaderEpoch) {
            return AppendResult.refused(
                    new Refusal(
                            Reason.FENCED_EPOCH,
                            id + ": epoch is " + leaderEpoch + ", not " + expectedLeaderEpoch));
        }
        boolean idempotent = AppendCheck.idempotent(batches, batches.readerIndex());
        AppendResult judged = idempotent ? judge(batches, batches.readerIndex()) : null;
        if (judged != null) {
            return judged;
        }
        if (!target.admits(batches.readableBytes())) {
            return writerBehind;
        }
        RingChunk chunk = ring.reserve(batches.readableBytes(), logEnd);
        return chunk == null ? ringFull : place(chunk, batches, idempotent, target);
    }

    /** Null if the batch is the producer's next. */
    private @Nullable AppendResult judge(ByteBuf batch, int at) {
        long producerId = batch.getLong(at + BatchHeader.PRODUCER_ID);
        short epoch = batch.getShort(at + BatchHeader.PRODUCER_EPOCH);
        int sequence = batch.getInt(at + BatchHeader.BASE_SEQUENCE);
        int delta = batch.getInt(at + BatchHeader.LAST_OFFSET_DELTA);
        Verdict verdict = producers.judge(producerId, epoch, sequence, delta);
        return switch (verdict) {
            case IN_ORDER -> null;
            case DUPLICATE -> duplicate(producers.duplicate());
            case FORGOTTEN_DUPLICATE, OUT_OF_ORDER, FENCED, UNKNOWN -> {
                String name = "producer " + producerId + " epoch " + epoch;
                String message = id + ": " + name + " sequence " + sequence;
                yield AppendResult.refused(new Refusal(verdict.reason(), message));
            }
        };
    }

    private static AppendResult duplicate(DuplicateBatch earlier) {
        return new AppendResult(
                earlier.baseOffset, earlier.endOffset, earlier.logAppendTimeMillis, true, null);
    }

    private AppendResult place(
            RingChunk chunk, ByteBuf batches, boolean idempotent, EngineWriter target) {
        int bytes = batches.readableBytes();
        int first = chunk.limit();
        long base = logEnd;
        long time = settings.logAppendTime() ? context.clock().wallMillis() : -1;
        chunk.memory.setBytes(first, batches, batches.readerIndex(), bytes);
        long next = stamp(chunk, first, first + bytes, base, time);
        if (idempotent) {
            remember(chunk.view, first, base, time);
        }
        epochs.begin(leaderEpoch, base);
        chunk.publish(first + bytes, next, context.clock().nanoTime());
        logEnd = next;
        if (settings.durability() == Durability.MEMORY) {
            highWatermark = next;
        }
        bytesSinceSnapshot += bytes;
        target.addUnwritten(bytes);
        if (!queued) {
            queued = true;
            target.enqueue(this);
        }
        return new AppendResult(base, next, time, false, null);
    }

    private long stamp(RingChunk chunk, int from, int to, long baseOffset, long timeMillis) {
        ByteBuffer view = chunk.view;
        long next = baseOffset;
        for (int at = from; at < to; ) {
            int size = BatchHeader.sizeInBytes(view, at);
            view.putLong(at + BatchHeader.BASE_OFFSET, next);
            view.putInt(at + BatchHeader.LEADER_EPOCH, leaderEpoch);
            if (timeMillis >= 0) {
                stampTime(view, at, size, timeMillis);
            }
            chunk.index(at, next);
            next = BatchHeader.lastOffset(view, at) + 1;
            at += size;
        }
        return next;
    }

    private void stampTime(ByteBuffer view, int at, int size, long timeMillis) {
        int attributes = BatchHeader.attributes(view, at) | BatchHeader.LOG_APPEND_TIME;
        view.putShort(at + BatchHeader.ATTRIBUTES, (short) attributes);
        view.putLong(at + BatchHeader.MAX_TIMESTAMP, timeMillis);
        crc.reset();
        crc.update(view.slice(at + BatchHeader.ATTRIBUTES, size - BatchHeader.ATTRIBUTES));
        view.putInt(at + BatchHeader.CRC, (int) crc.getValue());
    }

    private void remember(ByteBuffer view, int at, long baseOffset, long timeMillis) {
        producers.remember(
                BatchHeader.producerId(view, at),
                BatchHeader.producerEpoch(view, at),
                BatchHeader.baseSequence(view, at),
                (int) (BatchHeader.lastOffset(view, at) - baseOffset),
                baseOffset,
                timeMillis,
                context.clock().wallMillis());
    }

    // Telling those who wait.

    /** Takes out what can be told now. */
    void drain(CompletionLane lane, CallbackBatch batch) {
        lock.lock();
        try {
            lane.drain(batch, writtenOffset, highWatermark);
        } finally {
            lock.unlock();
        }
    }

    // The writer's side.

    /** Fills {@code run} with what is not written yet; false if there is nothing. */
    boolean gather(WriteRun run) {
        lock.lock();
        try {
            queued = false;
            LogStorage target = storage;
            EngineWriter self = writer;
            if ((phase != Phase.LEADING && phase != Phase.CLOSING)
                    || target == null
                    || self == null) {
                return false;
            }
            run.begin(this, target, settings.durability(), leaderEpoch);
            ring.gather(run);
            if (!run.isEmpty() && run.endOffset() < logEnd) {
                queued = true;
                self.enqueue(this);
            }
            return !run.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    /** The operating system has the run. */
    void flushed(WriteRun run, List<Completer> touched) {
        boolean advanced;
        lock.lock();
        try {
            run.written();
            writtenOffset = run.endOffset();
            advanced = run.durability == Durability.OS && advance(writtenOffset);
            proven |= run.durability != Durability.DISK;
            lanes.touchReady(touched, writtenOffset, highWatermark);
        } finally {
            lock.unlock();
        }
        if (advanced) {
            listeners.signal();
        }
        snapshotIfDue();
    }

    /** The device has the run. */
    void forced(WriteRun run, List<Completer> touched) {
        boolean advanced;
        lock.lock();
        try {
            advanced = advance(run.endOffset());
            proven = true;
            lanes.touchReady(touched, writtenOffset, highWatermark);
        } finally {
            lock.unlock();
        }
        if (advanced) {
            listeners.signal();
        }
        snapshotIfDue();
    }

    private boolean advance(long offset) {
        if (offset <= highWatermark) {
            return false;
        }
        highWatermark = offset;
        return true;
    }

    private void snapshotIfDue() {
        boolean due;
        lock.lock();
        try {
            due =
                    snapshot == null
                            ? bytesSinceSnapshot >= context.options().snapshotBytes()
                            : snapshotOffset <= highWatermark;
        } finally {
            lock.unlock();
        }
        if (due) {
            context.scheduler().execute(control::snapshot);
        }
    }

    /** A round that held this log failed: it leads no more until it is opened again. */
    void failed(Exception cause, List<Completer> touched) {
        var why = new Refusal(Reason.STORAGE_UNAVAILABLE, id + ": writing failed: " + cause);
        boolean wasProven;
        lock.lock();
        try {
            wasProven = proven;
            damaged = true;
            if (phase == Phase.LEADING) {
                phase = Phase.RECOVERING;
                unavailable = why;
            }
            if (phase == Phase.CLOSING || settings.durability() != Durability.MEMORY) {
                giveUpUnwritten(why);
            }
            lanes.touchReady(touched, writtenOffset, highWatermark);
        } finally {
            lock.unlock();
        }
        context.scheduler().execute(() -> control.failed(why, wasProven));
    }

    private void giveUpUnwritten(Refusal why) {
        lanes.fail(why, writtenOffset, highWatermark);
        EngineWriter target = writer;
        if (target != null) {
            long unwritten = 0;
            for (RingChunk chunk : ring.chunks()) {
                unwritten += chunk.limit() - chunk.writtenPosition();
            }
            target.addUnwritten(-unwritten);
        }
        ring.clear();
        snapshot = null;
        bytesSinceSnapshot = 0;
        highWatermark = Math.min(highWatermark, writtenOffset);
        logEnd = highWatermark;
        writtenOffset = highWatermark;
    }

    /** No round holds this log. */
    boolean isSettled() {
        lock.lock();
        try {
            return !queued;
        } finally {
            lock.unlock();
        }
    }

    /** Drops {@code chunk} if it is the oldest and written. Not under another partition's lock. */
    boolean giveUp(RingChunk chunk) {
        lock.lock();
        try {
            return ring.giveUp(chunk);
        } finally {
            lock.unlock();
        }
    }

    // The control's side.

    /**
     * Leads from now on. What level MEMORY acknowledged is still in the ring after a failed round:
     * that goes on where the engine ends.
     */
    void lead(EngineWriter through, LogStorage opened, PartitionState state, int epoch) {
        lock.lock();
        try {
            writer = through;
            storage = opened;
            leaderEpoch = epoch;
            logStart = opened.startOffset();
            boolean goesOn = logEnd > writtenOffset && writtenOffset == opened.endOffset();
            if (!goesOn) {
                startAt(opened.endOffset(), state);
            }
            epochs.begin(leaderEpoch, logEnd);
            bytesSinceSnapshot = 0;
            damaged = false;
            proven = false;
            phase = Phase.LEADING;
            if (goesOn && !queued) {
                queued = true;
                through.enqueue(this);
            }
        } finally {
            lock.unlock();
        }
        through.wake();
        listeners.signal();
    }

    private void startAt(long end, PartitionState state) {
        giveUpUnwritten(unavailable);
        epochs = state.epochs();
        producers = state.producers();
        logEnd = end;
        writtenOffset = end;
        highWatermark = end;
    }

    /**
     * Takes no more appends; what is sequenced is still written.
     *
     * @return the writer to wait for, or null if nothing is open
     */
    @Nullable EngineWriter retire(Refusal why) {
        lock.lock();
        try {
            unavailable = why;
            phase = phase == Phase.LEADING || phase == Phase.CLOSING ? Phase.CLOSING : Phase.DOWN;
            return writer;
        } finally {
            lock.unlock();
        }
    }

    /** Nothing is open any more; whoever waits is told so. The writer holds nothing of it. */
    void down() {
        List<Completer> touched = new ArrayList<>();
        lock.lock();
        try {
            phase = Phase.DOWN;
            giveUpUnwritten(unavailable);
            writer = null;
            storage = null;
            lanes.touchReady(touched, writtenOffset, highWatermark);
            lanes.clear();
        } finally {
            lock.unlock();
        }
        touched.forEach(Completer::fire);
        listeners.signal();
    }

    /** The failed log is closed; until {@link #lead} there is none. */
    void withoutStorage(Refusal why) {
        storage = null;
        unavailable = why;
        listeners.signal();
    }

    boolean isRecovering() {
        lock.lock();
        try {
            return phase == Phase.RECOVERING;
        } finally {
            lock.unlock();
        }
    }

    /** Where the engine should end after a failed round. */
    long keptOffset() {
        return writtenOffset;
    }

    /** Waits for an engine or a retry from now on. */
    void recovering(Refusal why) {
        lock.lock();
        try {
            unavailable = why;
            if (phase == Phase.DOWN) {
                phase = Phase.RECOVERING;
            }
        } finally {
            lock.unlock();
        }
    }

    void configure(PartitionSettings changed) {
        settings = changed;
    }

    void startAdvanced(long offset) {
        lock.lock();
        try {
            logStart = Math.max(logStart, offset);
            epochs.advanceStart(offset);
        } finally {
            lock.unlock();
        }
        listeners.signal();
    }

    void expireProducers(long beforeMillis) {
        lock.lock();
        try {
            producers.expire(beforeMillis);
        } finally {
            lock.unlock();
        }
    }

    /**
     * A picture of the state whose batches are all durable, for the state file; null if there is
     * none (yet) that is worth writing.
     *
     * @param last whether the log is about to be closed
     */
    byte @Nullable [] durableState(boolean last) {
        lock.lock();
        try {
            if (damaged) {
                return null;
            }
            boolean due = bytesSinceSnapshot >= context.options().snapshotBytes();
            if (last ? bytesSinceSnapshot > 0 : snapshot == null && due) {
                snapshot = new PartitionState(logEnd, epochs, producers).encode();
                snapshotOffset = logEnd;
                bytesSinceSnapshot = 0;
            }
            byte[] picture = snapshot;
            if (picture == null || snapshotOffset > highWatermark) {
                return null;
            }
            snapshot = null;
            return picture;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void onCapacity(Executor executor, Runnable task) {
        context.memory().awaitCapacity(executor, task);
    }

    // Reading.

    @Override
    public @Nullable FetchedBatches readCached(long offset, int maxBytes, Visibility visibility) {
        if (storage == null) {
            return null;
        }
        long end = visibleEnd(visibility);
        if (offset >= end) {
            return offset <= logEnd ? new EmptyBatches(offset) : null;
        }
        if (offset < logStart) {
            return null;
        }
        return CachedBatches.read(ring.chunks(), offset, end, maxBytes);
    }

    long visibleEnd(Visibility visibility) {
        return visibility == Visibility.COMMITTED ? highWatermark : logEnd;
    }

    @Override
    public void read(
            long offset,
            int maxBytes,
            Visibility visibility,
            Executor executor,
            ReadCallback callback) {
        reads.read(offset, maxBytes, visibility, executor, callback);
    }

    @Override
    public void offsetForTimestamp(
            long timestampMillis, Executor executor, TimestampCallback callback) {
        reads.offsetForTimestamp(timestampMillis, executor, callback);
    }

    @Override
    public void offsetOfMaxTimestamp(Executor executor, TimestampCallback callback) {
        reads.offsetOfMaxTimestamp(executor, callback);
    }

    @Override
    public EpochEnd endOffsetOf(int epoch) {
        lock.lock();
        try {
            return epochs.endOf(epoch, logEnd);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void advanceStart(long offset, Executor executor, AppendCallback callback) {
        context.scheduler()
                .execute(
                        () -> {
                            Refusal refusal = control.advanceStart(offset);
                            Tell.on(executor, () -> callback.completed(refusal));
                        });
    }

    @Override
    public Registration onAdvance(Executor executor, AdvanceListener listener) {
        return listeners.add(executor, listener);
    }

    @Override
    public String toString() {
        return "PartitionLog[" + id + "]";
    }
}
