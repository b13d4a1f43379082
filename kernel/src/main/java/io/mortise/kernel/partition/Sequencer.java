// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import io.mortise.kernel.compaction.LastBatches;
import io.mortise.kernel.partition.CompletionLane.CallbackBatch;
import io.mortise.kernel.partition.ProducerStates.DuplicateBatch;
import io.mortise.kernel.partition.ProducerStates.Verdict;
import io.mortise.kernel.record.TransactionMarker;
import io.mortise.spi.Durability;
import io.mortise.spi.LogId;
import io.mortise.spi.Reason;
import io.mortise.spi.Refusal;
import io.mortise.spi.broker.AckLevel;
import io.mortise.spi.broker.Partition.AbortedTransaction;
import io.mortise.spi.broker.Partition.AppendCallback;
import io.mortise.spi.broker.Partition.EpochEnd;
import io.mortise.spi.broker.Placement;
import io.mortise.spi.record.BatchHeader;
import io.mortise.spi.storage.LogStorage;
import io.netty.buffer.ByteBuf;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One partition's order: checks, numbers and copies into the ring, and follows what the engine's
 * writer and {@link LogControl} made of it. Everything happens under one lock that never covers
 * I/O; the ends may be read without.
 */
final class Sequencer {
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

    private final PartitionLog log;
    private final PartitionContext context;
    private final LogId id;
    private final Refusal ringFull;
    private final Refusal writerBehind;
    private final Refusal offsetsSpent;

    private volatile int leaderEpoch;
    private volatile long logStart;
    private volatile long highWatermark;
    private volatile long lastStable;
    private volatile long logEnd;
    private volatile long writtenOffset;
    private volatile @Nullable LogStorage storage;
    private volatile Refusal unavailable;

    private final ReentrantLock lock = new ReentrantLock();

    // Guarded by the lock.
    private final Ring ring;
    private final BatchStamp stamp = new BatchStamp();
    private Phase phase = Phase.DOWN;
    private @Nullable EngineWriter writer;
    private final LogState state;
    private final CompletionLanes lanes;
    private boolean queued;

    /** What is sequenced stays in the ring: the log goes from one engine to another. */
    private boolean heldBack;

    /** Offsets from here on are not given yet. */
    private volatile long offsetBound = Long.MAX_VALUE;

    private boolean reserving;

    /** A round of this leadership reached what the topic asks for. */
    private boolean proven;

    /** Why the open log must be opened anew, until the writer sees to it. */
    private @Nullable IOException failure;

    /** The writer's list of what is to be written. */
    @Nullable Sequencer nextDirty;

    Sequencer(PartitionLog log, PartitionContext context, int leaderEpoch) {
        this.log = log;
        this.context = context;
        this.id = log.logId();
        this.leaderEpoch = leaderEpoch;
        PartitionOptions options = context.options();
        this.ring =
                new Ring(
                        this,
                        context.memory(),
                        options.smallestChunkBytes(),
                        options.largestChunkBytes());
        this.state = new LogState(options.snapshotBytes());
        this.unavailable = new Refusal(Reason.NOT_READY, id + " is being opened");
        this.ringFull = busy("the ring of " + options.ringBytes() + " bytes is full");
        this.writerBehind = busy(options.unwrittenBytes() + " bytes wait to be written");
        this.offsetsSpent = busy("offsets are being reserved");
        this.lanes = new CompletionLanes(this, context.completers());
    }

    private Refusal busy(String why) {
        return new Refusal(Reason.BUSY, id + ": " + why);
    }

    // Where it stands.

    int leaderEpoch() {
        return leaderEpoch;
    }

    long logStart() {
        return logStart;
    }

    long highWatermark() {
        return highWatermark;
    }

    long lastStable() {
        return lastStable;
    }

    List<AbortedTransaction> abortedTransactions(long from, long to) {
        lock.lock();
        try {
            return state.transactions().aborted(from, to);
        } finally {
            lock.unlock();
        }
    }

    /** Compaction leaves alone what lies at or past it: not durable, or in an open transaction. */
    long compactableEnd() {
        lock.lock();
        try {
            return Math.min(lastStable, writtenOffset);
        } finally {
            lock.unlock();
        }
    }

    /** What lies here or later may still be read from memory as it was appended. */
    long cachedFrom() {
        RingChunk[] now = ring.chunks();
        return now.length == 0 ? logEnd : now[0].baseOffset;
    }

    LastBatches lastBatches() {
        lock.lock();
        try {
            return state.lastBatches(Math.min(lastStable, writtenOffset));
        } finally {
            lock.unlock();
        }
    }

    /** Nothing is left of the aborted transactions with these markers. */
    void forget(Set<Long> markerOffsets) {
        lock.lock();
        try {
            state.transactions().forget(markerOffsets);
        } finally {
            lock.unlock();
        }
    }

    long logEnd() {
        return logEnd;
    }

    /** The open log, or null while there is none. */
    @Nullable LogStorage storage() {
        return storage;
    }

    /** Why there is no open log. */
    Refusal unavailable() {
        return unavailable;
    }

    /** The newest batches in memory. */
    RingChunk[] chunks() {
        return ring.chunks();
    }

    EpochEnd endOf(int epoch) {
        lock.lock();
        try {
            return state.endOf(epoch, logEnd);
        } finally {
            lock.unlock();
        }
    }

    // Appending.

    /**
     * Gives checked batches their place.
     *
     * @param marker what they are, if they are one
     * @param into where the place is told
     */
    boolean append(
            ByteBuf batches,
            @Nullable MarkerAppend marker,
            int expectedLeaderEpoch,
            AckLevel level,
            Executor executor,
            @Nullable AppendCallback callback,
            Placement into) {
        if (tryAppend(batches, marker, expectedLeaderEpoch, level, executor, callback, into)) {
            return true;
        }
        return isRingFull(into)
                && context.memory().reclaim(ring.chunkBytes(batches.readableBytes()))
                && tryAppend(batches, marker, expectedLeaderEpoch, level, executor, callback, into);
    }

    /**
     * A marker on its way into the log.
     *
     * @param transactionVersion that its producer keeps to; from 2 on a marker raises the epoch
     */
    record MarkerAppend(TransactionMarker marker, int transactionVersion) {}

    @SuppressWarnings("ReferenceEquality") // the one object that says so
    private boolean isRingFull(Placement placement) {
        return placement.refusal() == ringFull;
    }

    private boolean tryAppend(
            ByteBuf batches,
            @Nullable MarkerAppend marker,
            int expectedLeaderEpoch,
            AckLevel level,
            Executor executor,
            @Nullable AppendCallback callback,
            Placement into) {
        Completer completer = null;
        EngineWriter wakes;
        lock.lock();
        try {
            if (!sequence(batches, marker, expectedLeaderEpoch, into)) {
                return false;
            }
            if (callback != null) {
                completer =
                        lanes.await(
                                executor,
                                into.endOffset(),
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
        if (!into.duplicate()) {
            if (wakes != null) {
                wakes.wake();
            }
            log.moved();
        }
        return true;
    }

    private boolean sequence(
            ByteBuf batches, @Nullable MarkerAppend marker, int expectedEpoch, Placement into) {
        EngineWriter target = writer;
        if (phase != Phase.LEADING || target == null) {
            return into.refused(unavailable);
        }
        if (expectedEpoch >= 0 && expectedEpoch != leaderEpoch) {
            return into.refused(
                    new Refusal(
                            Reason.FENCED_EPOCH,
                            id + ": epoch is " + leaderEpoch + ", not " + expectedEpoch));
        }
        if (AppendCheck.produced(batches, batches.readerIndex())) {
            Verdict verdict = judge(batches, marker);
            if (verdict != Verdict.IN_ORDER) {
                return judged(verdict, batches, into);
            }
        }
        if (!target.admits(batches.readableBytes())) {
            return into.refused(writerBehind);
        }
        if (logEnd + batches.readableBytes() > offsetBound) {
            return into.refused(offsetsSpent); // a record has more bytes than it takes offsets
        }
        RingChunk chunk = ring.reserve(batches.readableBytes(), logEnd);
        return chunk == null ? into.refused(ringFull) : place(chunk, batches, marker, target, into);
    }

    private Verdict judge(ByteBuf batch, @Nullable MarkerAppend marker) {
        return marker == null
                ? state.judge(batch, batch.readerIndex())
                : state.judge(marker.marker(), marker.transactionVersion());
    }

    /** Of a batch that is not its producer's next. */
    private boolean judged(Verdict verdict, ByteBuf batch, Placement into) {
        if (verdict != Verdict.DUPLICATE) {
            String message = id + ": " + describe(batch, batch.readerIndex());
            return into.refused(new Refusal(verdict.reason(), message));
        }
        DuplicateBatch earlier = state.duplicate();
        return into.placed(
                earlier.baseOffset, earlier.endOffset, earlier.logAppendTimeMillis, true);
    }

    private static String describe(ByteBuf batch, int at) {
        return "producer "
                + batch.getLong(at + BatchHeader.PRODUCER_ID)
                + " epoch "
                + batch.getShort(at + BatchHeader.PRODUCER_EPOCH)
                + " sequence "
                + batch.getInt(at + BatchHeader.BASE_SEQUENCE);
    }

    private boolean place(
            RingChunk chunk,
            ByteBuf batches,
            @Nullable MarkerAppend marker,
            EngineWriter target,
            Placement into) {
        int bytes = batches.readableBytes();
        int first = chunk.limit();
        long base = logEnd;
        long time = log.settings().logAppendTime() ? context.clock().wallMillis() : -1;
        chunk.memory.setBytes(first, batches, batches.readerIndex(), bytes);
        long next = stamp.stamp(chunk, first, first + bytes, base, leaderEpoch, time);
        if (marker != null) {
            state.remember(marker.marker(), base, context.clock().wallMillis());
        } else if (AppendCheck.produced(batches, batches.readerIndex())) {
            state.remember(chunk.view, first, time, context.clock().wallMillis());
        }
        state.placed(leaderEpoch, base, bytes);
        chunk.publish(first + bytes, next, context.clock().nanoTime());
        logEnd = next;
        if (log.settings().durability() == Durability.MEMORY) {
            highWatermark = next;
        }
        lastStable = state.transactions().lastStable(highWatermark, logStart);
        target.addUnwritten(bytes);
        if (!queued && !heldBack) {
            queued = true;
            target.enqueue(this);
        }
        return into.placed(base, next, time, false);
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

    /** Puts {@code lane} back into its completer's queue if it has more to tell. */
    void touch(CompletionLane lane) {
        lock.lock();
        try {
            if (lane.ready(writtenOffset, highWatermark)) {
                lane.completer.add(lane);
            }
        } finally {
            lock.unlock();
        }
    }

    // The writer's side.

    /** Fills {@code run} with what is not written yet; false if there is nothing. */
    boolean gather(WriteRun run) {
        IOException failure = takeFailure();
        if (failure != null) {
            List<Completer> touched = new ArrayList<>();
            failed(failure, touched);
            touched.forEach(Completer::fire);
            return false;
        }
        lock.lock();
        try {
            queued = false;
            LogStorage target = storage;
            EngineWriter self = writer;
            if ((phase != Phase.LEADING && phase != Phase.CLOSING)
                    || heldBack
                    || target == null
                    || self == null) {
                return false;
            }
            run.begin(this, target, log.settings().durability(), leaderEpoch);
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

    private @Nullable IOException takeFailure() {
        lock.lock();
        try {
            IOException taken = failure;
            failure = null;
            if (taken != null) {
                queued = false;
            }
            return taken;
        } finally {
            lock.unlock();
        }
    }

    /**
     * The engine says, outside of a round, that {@code of} must be opened anew; the writer sees to
     * it between two rounds.
     */
    void failed(LogStorage of, IOException cause) {
        EngineWriter target;
        lock.lock();
        try {
            target = writer;
            if (phase != Phase.LEADING || target == null || !of.equals(storage)) {
                return;
            }
            failure = cause;
            if (!queued) {
                queued = true;
                target.enqueue(this);
            }
        } finally {
            lock.unlock();
        }
        target.wake();
    }

    /** The operating system has the run. */
    void flushed(WriteRun run, List<Completer> touched) {
        boolean advanced;
        lock.lock();
        try {
            run.written();
            writtenOffset = run.endOffset();
            // At level MEMORY it was visible already, unless the level was another one then.
            advanced = run.durability != Durability.DISK && advance(writtenOffset);
            proven |= run.durability != Durability.DISK;
            lanes.touchReady(touched, writtenOffset, highWatermark);
        } finally {
            lock.unlock();
        }
        if (advanced) {
            log.moved();
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
            log.moved();
        }
        snapshotIfDue();
    }

    private boolean advance(long offset) {
        if (offset <= highWatermark) {
            return false;
        }
        highWatermark = offset;
        lastStable = state.transactions().lastStable(highWatermark, logStart);
        return true;
    }

    private void snapshotIfDue() {
        boolean due;
        boolean spent;
        lock.lock();
        try {
            due = state.pictureDue(highWatermark);
            spent = !reserving && logEnd > offsetBound - Generations.RESERVED / 2;
            reserving |= spent;
        } finally {
            lock.unlock();
        }
        if (spent) {
            Tell.on(context.scheduler()::execute, log.control()::reserve);
        }
        if (due) {
            Tell.on(context.scheduler()::execute, log.control()::snapshot);
        }
    }

    /** A round that held this log failed: it leads no more until it is opened again. */
    void failed(Throwable cause, List<Completer> touched) {
        var why = new Refusal(Reason.STORAGE_UNAVAILABLE, id + ": writing failed: " + cause);
        boolean wasProven;
        lock.lock();
        try {
            wasProven = proven;
            state.damage();
            if (phase == Phase.LEADING) {
                phase = Phase.RECOVERING;
                unavailable = why;
            }
            // What level MEMORY acknowledged is kept, whatever the level is by now.
            if (phase == Phase.CLOSING || highWatermark <= writtenOffset) {
                giveUpUnwritten(why);
            }
            lanes.touchReady(touched, writtenOffset, highWatermark);
        } finally {
            lock.unlock();
        }
        context.scheduler().execute(() -> log.control().failed(why, wasProven));
    }

    private void giveUpUnwritten(Refusal why) {
        lanes.fail(why, writtenOffset, highWatermark);
        EngineWriter target = writer;
        if (target != null) {
            target.addUnwritten(-unwrittenBytes());
        }
        ring.clear();
        highWatermark = Math.min(highWatermark, writtenOffset);
        lastStable = Math.min(lastStable, highWatermark);
        logEnd = highWatermark;
        writtenOffset = highWatermark;
    }

    private long unwrittenBytes() {
        long unwritten = 0;
        for (RingChunk chunk : ring.chunks()) {
            unwritten += chunk.limit() - chunk.writtenPosition();
        }
        return unwritten;
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
     *
     * @param moves whether what is sequenced waits for another engine, as after {@link #holdBack}
     */
    void lead(
            EngineWriter through,
            LogStorage opened,
            PartitionState found,
            int epoch,
            boolean moves) {
        lock.lock();
        try {
            writer = through;
            storage = opened;
            leaderEpoch = epoch;
            logStart = opened.startOffset();
            boolean goesOn = logEnd > writtenOffset && writtenOffset == opened.endOffset();
            if (!goesOn) {
                startAt(opened.endOffset(), found);
            }
            state.lead(leaderEpoch, logEnd);
            lastStable = state.transactions().lastStable(highWatermark, logStart);
            proven = false;
            failure = null;
            heldBack = moves;
            phase = Phase.LEADING;
            if (goesOn && !queued && !heldBack) {
                queued = true;
                through.enqueue(this);
            }
        } finally {
            lock.unlock();
        }
        through.wake();
        log.moved();
    }

    /**
     * Keeps in the ring what is sequenced from now on, beside what the round under way has.
     *
     * @return the writer to wait for; null if this does not lead
     */
    @Nullable EngineWriter holdBack() {
        lock.lock();
        try {
            heldBack = phase == Phase.LEADING;
            return heldBack ? writer : null;
        } finally {
            lock.unlock();
        }
    }

    /** What was held back is written by {@code target}, and what comes. */
    void goOn(EngineWriter target) {
        lock.lock();
        try {
            heldBack = false;
            EngineWriter before = writer;
            if (before == null) {
                return;
            }
            long unwritten = unwrittenBytes();
            before.addUnwritten(-unwritten);
            target.addUnwritten(unwritten);
            writer = target;
            boolean writes = phase == Phase.LEADING || phase == Phase.CLOSING;
            if (writes && !queued && logEnd > writtenOffset) {
                queued = true;
                target.enqueue(this);
            }
        } finally {
            lock.unlock();
        }
        target.wake();
    }

    /** Whether appends are taken. */
    boolean isLeading() {
        lock.lock();
        try {
            return phase == Phase.LEADING;
        } finally {
            lock.unlock();
        }
    }

    /** Offsets below may be given. */
    void reserved(long bound) {
        lock.lock();
        try {
            offsetBound = bound;
            reserving = false;
        } finally {
            lock.unlock();
        }
    }

    private void startAt(long end, PartitionState found) {
        giveUpUnwritten(unavailable);
        state.become(found);
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
            heldBack = false;
            giveUpUnwritten(unavailable);
            writer = null;
            storage = null;
            lanes.touchReady(touched, writtenOffset, highWatermark);
            lanes.clear();
        } finally {
            lock.unlock();
        }
        touched.forEach(Completer::fire);
        log.moved();
    }

    /** The failed log is closed; until {@link #lead} there is none. */
    void withoutStorage(Refusal why) {
        storage = null;
        unavailable = why;
        log.moved();
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

    void startAdvanced(long offset) {
        lock.lock();
        try {
            logStart = Math.max(logStart, offset);
            state.advanceStart(offset);
            lastStable = state.transactions().lastStable(highWatermark, logStart);
        } finally {
            lock.unlock();
        }
        log.moved();
    }

    void expireProducers(long beforeMillis) {
        lock.lock();
        try {
            state.expireProducers(beforeMillis);
        } finally {
            lock.unlock();
        }
    }

    /** What the state file is to hold now; null for no change. See {@link LogState#picture}. */
    byte @Nullable [] picture(boolean last) {
        lock.lock();
        try {
            return state.picture(last, logEnd, highWatermark);
        } finally {
            lock.unlock();
        }
    }
}
