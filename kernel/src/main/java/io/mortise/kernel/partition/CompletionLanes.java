// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import io.mortise.kernel.partition.CompletionLane.CallbackBatch;
import io.mortise.spi.Refusal;
import io.mortise.spi.broker.AckLevel;
import io.mortise.spi.broker.Partition.AppendCallback;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Executor;

/** Who waits for appends of one partition, by executor. Guarded by the partition's lock. */
final class CompletionLanes {
    private static final int FEW = 8;

    private final LogStanding log;
    private final Completers completers;
    private CompletionLane[] lanes = {};

    CompletionLanes(LogStanding log, Completers completers) {
        this.log = log;
        this.completers = completers;
    }

    /** The completer to fire, or null if it is not yet time. */
    @Nullable Completer await(
            Executor executor, long endOffset, AckLevel level, AppendCallback callback) {
        CompletionLane lane = of(executor);
        lane.add(executor, endOffset, level, callback);
        if (!isReady(lane)) {
            return null;
        }
        lane.completer.add(lane);
        return lane.completer;
    }

    private boolean isReady(CompletionLane lane) {
        return lane.ready(log.writtenOffset, log.highWatermark);
    }

    private CompletionLane of(Executor executor) {
        for (CompletionLane lane : lanes) {
            if (lane.completer.tellsOn(executor)) {
                return lane;
            }
        }
        if (lanes.length >= FEW) {
            lanes = Arrays.stream(lanes).filter(it -> !it.isEmpty()).toArray(CompletionLane[]::new);
        }
        var lane = new CompletionLane(this, completers.of(executor));
        lanes = Arrays.copyOf(lanes, lanes.length + 1);
        lanes[lanes.length - 1] = lane;
        return lane;
    }

    /** Adds the completers that have something to tell now to {@code touched}. */
    void touchReady(List<Completer> touched) {
        for (CompletionLane lane : lanes) {
            if (isReady(lane)) {
                lane.completer.add(lane);
                if (!touched.contains(lane.completer)) {
                    touched.add(lane.completer);
                }
            }
        }
    }

    /** Whoever has not reached its level never will; all are ready then. */
    void fail(Refusal why) {
        for (CompletionLane lane : lanes) {
            lane.fail(why, log.writtenOffset, log.highWatermark);
        }
    }

    /** Nobody waits here any more, once those who are ready were touched. */
    void clear() {
        lanes = new CompletionLane[0];
    }

    // On the executor, not under the lock.

    /** Takes out what can be told now. */
    void drain(CompletionLane lane, CallbackBatch batch) {
        log.lock.lock();
        try {
            lane.drain(batch, log.writtenOffset, log.highWatermark);
        } finally {
            log.lock.unlock();
        }
    }

    /** Puts {@code lane} back into its completer's queue if it has more to tell. */
    void touch(CompletionLane lane) {
        log.lock.lock();
        try {
            if (isReady(lane)) {
                lane.completer.add(lane);
            }
        } finally {
            log.lock.unlock();
        }
    }
}
