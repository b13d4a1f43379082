// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import io.mortise.kernel.partition.LogStanding.Phase;
import io.mortise.spi.Durability;
import io.mortise.spi.Reason;
import io.mortise.spi.Refusal;
import io.mortise.spi.storage.LogStorage;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * One partition as its {@link EngineWriter} sees it: what a round takes of it, and what became of
 * that. Under the lock of {@link LogStanding}.
 */
final class LogRounds {
    private final PartitionLog log;
    private final PartitionContext context;
    private final LogStanding standing;

    // Guarded by the lock.
    private boolean queued;

    /** What is sequenced stays in the ring: the log goes from one engine to another. */
    private boolean heldBack;

    /** Why the open log must be opened anew, until the writer sees to it. */
    private @Nullable IOException failure;

    /** The writer's list of what is to be written. */
    @Nullable LogRounds nextDirty;

    LogRounds(PartitionLog log, PartitionContext context) {
        this.log = log;
        this.context = context;
        this.standing = log.standing();
    }

    // Under the lock.

    /** Something was sequenced, or may be written again. */
    void enqueue(EngineWriter target) {
        if (!heldBack) {
            enqueueAlways(target);
        }
    }

    private void enqueueAlways(EngineWriter target) {
        if (!queued) {
            queued = true;
            target.enqueue(this);
        }
    }

    /** A leadership begins: no failure of the one before counts. */
    void begin(boolean holdsBack) {
        failure = null;
        heldBack = holdsBack;
    }

    /** Whether what is sequenced stays in the ring. */
    void holdBack(boolean holds) {
        heldBack = holds;
    }

    // The writer.

    /** Fills {@code run} with what is not written yet; false if there is nothing. */
    boolean gather(WriteRun run) {
        IOException failure = takeFailure();
        if (failure != null) {
            List<Completer> touched = new ArrayList<>();
            failed(failure, touched);
            touched.forEach(Completer::fire);
            return false;
        }
        standing.lock.lock();
        try {
            queued = false;
            return gatherNow(run);
        } finally {
            standing.lock.unlock();
        }
    }

    private boolean gatherNow(WriteRun run) {
        LogStorage target = standing.storage;
        EngineWriter writer = standing.writer;
        Phase phase = standing.phase;
        boolean writes = phase == Phase.LEADING || phase == Phase.CLOSING;
        if (!writes || heldBack || target == null || writer == null) {
            return false;
        }
        run.begin(this, target, log.settings().durability(), standing.leaderEpoch);
        standing.ring.gather(run);
        if (!run.isEmpty() && run.endOffset() < standing.logEnd) {
            enqueue(writer);
        }
        return !run.isEmpty();
    }

    private @Nullable IOException takeFailure() {
        standing.lock.lock();
        try {
            IOException taken = failure;
            failure = null;
            if (taken != null) {
                queued = false;
            }
            return taken;
        } finally {
            standing.lock.unlock();
        }
    }

    /** The operating system has the run. */
    void flushed(WriteRun run, List<Completer> touched) {
        boolean advanced;
        standing.lock.lock();
        try {
            run.written();
            standing.writtenOffset = run.endOffset();
            // At level MEMORY it was visible already, unless the level was another one then.
            advanced = run.durability != Durability.DISK && standing.advance(run.endOffset());
            standing.proven |= run.durability != Durability.DISK;
            standing.lanes.touchReady(touched);
        } finally {
            standing.lock.unlock();
        }
        ended(advanced);
    }

    /** The device has the run. */
    void forced(WriteRun run, List<Completer> touched) {
        boolean advanced;
        standing.lock.lock();
        try {
            advanced = standing.advance(run.endOffset());
            standing.proven = true;
            standing.lanes.touchReady(touched);
        } finally {
            standing.lock.unlock();
        }
        ended(advanced);
    }

    private void ended(boolean advanced) {
        if (advanced) {
            log.moved();
        }
        boolean due;
        boolean spent;
        standing.lock.lock();
        try {
            due = standing.state.pictureDue(standing.highWatermark);
            long bound = standing.offsetBound - Generations.RESERVED / 2;
            spent = !standing.reserving && standing.logEnd > bound;
            standing.reserving |= spent;
        } finally {
            standing.lock.unlock();
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
        var why =
                new Refusal(Reason.STORAGE_UNAVAILABLE, standing.id + ": writing failed: " + cause);
        boolean wasProven;
        standing.lock.lock();
        try {
            wasProven = standing.proven;
            standing.state.damage();
            if (standing.phase == Phase.LEADING) {
                standing.phase = Phase.RECOVERING;
                standing.unavailable = why;
            }
            // What level MEMORY acknowledged is kept, whatever the level is by now.
            boolean keeps = standing.highWatermark > standing.writtenOffset;
            if (standing.phase == Phase.CLOSING || !keeps) {
                standing.giveUpUnwritten(why);
            }
            standing.lanes.touchReady(touched);
        } finally {
            standing.lock.unlock();
        }
        context.scheduler().execute(() -> log.control().failed(why, wasProven));
    }

    // Others.

    /**
     * The engine says, outside of a round, that {@code of} must be opened anew; the writer sees to
     * it between two rounds.
     */
    void failed(LogStorage of, IOException cause) {
        EngineWriter target;
        standing.lock.lock();
        try {
            target = standing.writer;
            boolean leads = standing.phase == Phase.LEADING;
            if (!leads || target == null || !of.equals(standing.storage)) {
                return;
            }
            failure = cause;
            enqueueAlways(target);
        } finally {
            standing.lock.unlock();
        }
        target.wake();
    }

    /** No round holds this log. */
    boolean isSettled() {
        standing.lock.lock();
        try {
            return !queued;
        } finally {
            standing.lock.unlock();
        }
    }
}
