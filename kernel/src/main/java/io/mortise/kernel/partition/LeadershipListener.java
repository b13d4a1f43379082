// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import io.mortise.spi.Refusal;
import io.mortise.spi.broker.Partition;

/** Hears when a partition stops and starts to lead on this node. Called on the host's scheduler. */
public interface LeadershipListener {
    /** Appends are refused from now on, and pending ones were. */
    void lost(Partition partition, Refusal why);

    /** {@link Partition#leaderEpoch} is a new one. */
    void won(Partition partition);
}
