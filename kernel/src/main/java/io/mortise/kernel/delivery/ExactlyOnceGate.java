// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.delivery;

import io.mortise.spi.broker.Topic;

import java.util.function.LongConsumer;

/** What must be durable before an exactly-once publish may get its place. */
public interface ExactlyOnceGate {
    /**
     * Runs {@code then} on the turn's loop, at once if nothing is missing; in the order of calls
     * for one partition.
     *
     * @param then given the generation that this publish is counted in
     */
    void before(LoopTurn turn, Topic topic, int partition, LongConsumer then);
}
