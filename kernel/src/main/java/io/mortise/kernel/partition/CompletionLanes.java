// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

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

    private final Sequencer log;
    private final Completers completers;
    private CompletionLane[] lanes = {};

    CompletionLanes(Sequencer log, Completers completers) {
        this.log = log;
        this.completers = completers;
    }

    /** The completer to fire, or null if it is not yet time. */
    @Nullable Completer await(
            Executor executor,
            long endOffset,
            AckLevel level,
            AppendCallback callback,
            long writtenOffset,
            long durableOffset) {
        CompletionLane lane = of(executor);
        lane.add(executor, endOffset, level, callback);
        if (!lane.ready(writtenOffset, durableOffset)) {
            return null;
        }
        lane.completer.add(lane);
        return lane.completer;
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
        var lane = new CompletionLane(log, completers.of(executor));
        lanes = Arrays.copyOf(lanes, lanes.length + 1);
        lanes[lanes.length - 1] = lane;
        return lane;
    }

    /** Adds the completers that have something to tell now to {@code touched}. */
    void touchReady(List<Completer> touched, long writtenOffset, long durableOffset) {
        for (CompletionLane lane : lanes) {
            if (lane.ready(writtenOffset, durableOffset)) {
                lane.completer.add(lane);
                if (!touched.contains(lane.completer)) {
                    touched.add(lane.completer);
                }
            }
        }
    }

    /** Whoever has not reached its level never will; all are ready then. */
    void fail(Refusal why, long writtenOffset, long durableOffset) {
        for (CompletionLane lane : lanes) {
            lane.fail(why, writtenOffset, durableOffset);
        }
    }

    /** Nobody waits here any more, once those who are ready were touched. */
    void clear() {
        lanes = new CompletionLane[0];
    }
}
