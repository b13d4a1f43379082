// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import io.mortise.kernel.compaction.LastBatches;
import io.mortise.spi.LogId;
import io.mortise.spi.Reason;
import io.mortise.spi.Refusal;
import io.mortise.spi.broker.Partition.AbortedTransaction;
import io.mortise.spi.broker.Partition.EpochEnd;
import io.mortise.spi.storage.LogStorage;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Where the log of one partition stands: its ends, who writes it, and what is known of it. All of
 * it changes under one lock that never covers I/O; what is volatile may be read without. Changed by
 * {@link Sequencer} as batches come, by {@link LogRounds} as they are written, and by {@link
 * LogLeadership} as the log is opened, moved and closed.
 */
final class LogStanding {
    /** What may be done with the log. */
    enum Phase {
        /** Not open: not yet, not any more, or for want of an engine. */
        DOWN,
        LEADING,
        /** A round failed; it is being opened again. */
        RECOVERING,
        /** Takes no more; what is sequenced is still written. */
        CLOSING
    }

    final LogId id;
    final ReentrantLock lock = new ReentrantLock();

    volatile int leaderEpoch;
    volatile long logStart;
    volatile long highWatermark;
    volatile long lastStable;
    volatile long logEnd;
    volatile long writtenOffset;

    /** The open log, or null while there is none. */
    volatile @Nullable LogStorage storage;

    /** Why there is no open log. */
    volatile Refusal unavailable;

    // Guarded by the lock.
    final Ring ring;
    final LogState state;
    final CompletionLanes lanes;
    Phase phase = Phase.DOWN;
    @Nullable EngineWriter writer;

    /** Offsets from here on are not given yet. */
    long offsetBound = Long.MAX_VALUE;

    /** More offsets were asked for. */
    boolean reserving;

    /** A round of this leadership reached what the topic asks for. */
    boolean proven;

    LogStanding(LogId id, PartitionContext context, int leaderEpoch) {
        PartitionOptions options = context.options();
        this.id = id;
        this.leaderEpoch = leaderEpoch;
        this.ring =
                new Ring(
                        this,
                        context.memory(),
                        options.smallestChunkBytes(),
                        options.largestChunkBytes());
        this.state = new LogState(options.snapshotBytes());
        this.lanes = new CompletionLanes(this, context.completers());
        this.unavailable = new Refusal(Reason.NOT_READY, id + " is being opened");
    }

    // What others ask.

    EpochEnd endOf(int epoch) {
        lock.lock();
        try {
            return state.endOf(epoch, logEnd);
        } finally {
            lock.unlock();
        }
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

    /** What the state file is to hold now; null for no change. See {@link LogState#picture}. */
    byte @Nullable [] picture(boolean last) {
        lock.lock();
        try {
            return state.picture(last, logEnd, highWatermark);
        } finally {
            lock.unlock();
        }
    }

    // What others tell.

    /** Nothing is left of the aborted transactions with these markers. */
    void forget(Set<Long> markerOffsets) {
        lock.lock();
        try {
            state.transactions().forget(markerOffsets);
        } finally {
            lock.unlock();
        }
    }

    void expireProducers(long beforeMillis) {
        lock.lock();
        try {
            state.expireProducers(beforeMillis);
        } finally {
            lock.unlock();
        }
    }

    /** What lies below {@code offset} is gone. */
    void startAdvanced(long offset) {
        lock.lock();
        try {
            logStart = Math.max(logStart, offset);
            state.advanceStart(offset);
            restable();
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

    /** Drops {@code chunk} if it is the oldest and written. Not under another partition's lock. */
    boolean giveUp(RingChunk chunk) {
        lock.lock();
        try {
            return ring.giveUp(chunk);
        } finally {
            lock.unlock();
        }
    }

    // Under the lock.

    /** Whether that is past the high watermark, which it is from now on. */
    boolean advance(long offset) {
        if (offset <= highWatermark) {
            return false;
        }
        highWatermark = offset;
        restable();
        return true;
    }

    /** The start, the high watermark or a transaction moved. */
    void restable() {
        lastStable = state.transactions().lastStable(highWatermark, logStart);
    }

    /** Begins anew where the engine ends. */
    void startAt(long end, PartitionState found) {
        giveUpUnwritten(unavailable);
        state.become(found);
        logEnd = end;
        writtenOffset = end;
        highWatermark = end;
    }

    /** Whoever waits for what is not written hears {@code why}. */
    void giveUpUnwritten(Refusal why) {
        lanes.fail(why);
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

    long unwrittenBytes() {
        long unwritten = 0;
        for (RingChunk chunk : ring.chunks()) {
            unwritten += chunk.limit() - chunk.writtenPosition();
        }
        return unwritten;
    }
}
