// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.delivery;

import io.mortise.spi.broker.Partition;
import io.mortise.spi.broker.Topic;

/** Told where a record went, on the loop that appended it, before it is durable. */
@FunctionalInterface
public interface SequencedListener {
    void sequenced(Partition partition, long offset);

    /**
     * An exactly-once publish may now get its place; told before that.
     *
     * @param generation of the mark that covers it, see {@link ExactlyOnceGate}
     */
    default void entered(Topic topic, int partition, long generation) {}
}
