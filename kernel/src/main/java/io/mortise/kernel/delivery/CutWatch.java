// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.delivery;

import io.mortise.spi.broker.Partition;

/** Notices that a log failed and was cut to its durable end: its offsets are given again. */
final class CutWatch {
    private final Partition partition;
    private int epoch;

    CutWatch(Partition partition) {
        this.partition = partition;
        this.epoch = partition.leaderEpoch();
    }

    /**
     * Where the epoch ended that was known at the last call, if that is over.
     *
     * @return {@link Long#MAX_VALUE} if nothing was cut
     */
    long cut() {
        int now = partition.leaderEpoch();
        if (now == epoch) {
            return Long.MAX_VALUE;
        }
        long end = partition.endOffsetOf(epoch).endOffset();
        epoch = now;
        return end < 0 ? Long.MAX_VALUE : end;
    }
}
