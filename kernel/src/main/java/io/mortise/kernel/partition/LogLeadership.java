// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import io.mortise.kernel.partition.LogStanding.Phase;
import io.mortise.spi.Refusal;
import io.mortise.spi.storage.LogStorage;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/**
 * Has one partition lead, move from one engine to another, and stop, as {@link LogControl} sees to
 * its storage. Memory only, under the lock of {@link LogStanding}.
 */
final class LogLeadership {
    private final PartitionLog log;
    private final LogStanding standing;
    private final LogRounds rounds;

    LogLeadership(PartitionLog log) {
        this.log = log;
        this.standing = log.standing();
        this.rounds = log.rounds();
    }

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
        standing.lock.lock();
        try {
            standing.writer = through;
            standing.storage = opened;
            standing.leaderEpoch = epoch;
            standing.logStart = opened.startOffset();
            boolean goesOn = goesOn(opened);
            if (!goesOn) {
                standing.startAt(opened.endOffset(), found);
            }
            standing.state.lead(epoch, standing.logEnd);
            standing.restable();
            standing.proven = false;
            rounds.begin(moves);
            standing.phase = Phase.LEADING;
            if (goesOn) {
                rounds.enqueue(through);
            }
        } finally {
            standing.lock.unlock();
        }
        through.wake();
        log.moved();
    }

    private boolean goesOn(LogStorage opened) {
        return standing.logEnd > standing.writtenOffset
                && standing.writtenOffset == opened.endOffset();
    }

    /** Whether appends are taken. */
    boolean isLeading() {
        return is(Phase.LEADING);
    }

    /** Whether a round failed, or an engine is waited for. */
    boolean isRecovering() {
        return is(Phase.RECOVERING);
    }

    private boolean is(Phase phase) {
        standing.lock.lock();
        try {
            return standing.phase == phase;
        } finally {
            standing.lock.unlock();
        }
    }

    // From one engine to another.

    /**
     * Keeps in the ring what is sequenced from now on, beside what the round under way has.
     *
     * @return the writer to wait for; null if this does not lead
     */
    @Nullable EngineWriter holdBack() {
        standing.lock.lock();
        try {
            boolean leads = standing.phase == Phase.LEADING;
            rounds.holdBack(leads);
            return leads ? standing.writer : null;
        } finally {
            standing.lock.unlock();
        }
    }

    /** What was held back is written by {@code target}, and what comes. */
    void goOn(EngineWriter target) {
        standing.lock.lock();
        try {
            rounds.holdBack(false);
            EngineWriter before = standing.writer;
            if (before == null) {
                return;
            }
            long unwritten = standing.unwrittenBytes();
            before.addUnwritten(-unwritten);
            target.addUnwritten(unwritten);
            standing.writer = target;
            Phase phase = standing.phase;
            boolean writes = phase == Phase.LEADING || phase == Phase.CLOSING;
            if (writes && standing.logEnd > standing.writtenOffset) {
                rounds.enqueue(target);
            }
        } finally {
            standing.lock.unlock();
        }
        target.wake();
    }

    // Not to lead.

    /**
     * Takes no more appends; what is sequenced is still written.
     *
     * @return the writer to wait for, or null if nothing is open
     */
    @Nullable EngineWriter retire(Refusal why) {
        standing.lock.lock();
        try {
            standing.unavailable = why;
            Phase phase = standing.phase;
            boolean writes = phase == Phase.LEADING || phase == Phase.CLOSING;
            standing.phase = writes ? Phase.CLOSING : Phase.DOWN;
            return standing.writer;
        } finally {
            standing.lock.unlock();
        }
    }

    /** Nothing is open any more; whoever waits is told so. The writer holds nothing of it. */
    void down() {
        List<Completer> touched = new ArrayList<>();
        standing.lock.lock();
        try {
            standing.phase = Phase.DOWN;
            rounds.holdBack(false);
            standing.giveUpUnwritten(standing.unavailable);
            standing.writer = null;
            standing.storage = null;
            standing.lanes.touchReady(touched);
            standing.lanes.clear();
        } finally {
            standing.lock.unlock();
        }
        touched.forEach(Completer::fire);
        log.moved();
    }

    /** The failed log is closed; until {@link #lead} there is none. */
    void withoutStorage(Refusal why) {
        standing.storage = null;
        standing.unavailable = why;
        log.moved();
    }

    /** Waits for an engine or a retry from now on. */
    void recovering(Refusal why) {
        standing.lock.lock();
        try {
            standing.unavailable = why;
            if (standing.phase == Phase.DOWN) {
                standing.phase = Phase.RECOVERING;
            }
        } finally {
            standing.lock.unlock();
        }
    }
}
