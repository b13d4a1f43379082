// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.delivery;

import io.mortise.spi.Refusal;
import io.mortise.spi.broker.Topic;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;

/** Where addresses with one first level go. Used on one loop. */
final class TopicRoute {
    /** How far it is known. */
    enum State {
        READY,
        CREATING,
        UNSTORED,
        REFUSED
    }

    final String firstLevel;
    final ArrayDeque<Publish> waiting = new ArrayDeque<>(0);
    State state;
    boolean catchAll;
    @Nullable Topic topic;
    PartitionWriter[] writers = {};
    @Nullable Refusal refusal;

    TopicRoute(String firstLevel, State state) {
        this.firstLevel = firstLevel;
        this.state = state;
    }

    void ready(Topic found, boolean isCatchAll, PartitionWriter[] partitionWriters) {
        topic = found;
        catchAll = isCatchAll;
        writers = partitionWriters;
        state = State.READY;
    }

    void refused(Refusal why) {
        refusal = why;
        state = State.REFUSED;
    }
}
