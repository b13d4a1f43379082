// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.delivery;

import io.mortise.spi.broker.Partition;

/**
 * Keeps what is derived from a log in step with it: held while a batch gets its place and its
 * {@link SequencedListener}s hear of it, so that others see both or neither.
 */
public interface WriteGuard {
    /** Before a batch gets its place. */
    void lock();

    /** After its listeners heard of it. */
    void unlock();

    /**
     * Epoch that the derived state belongs to; the partition refuses the batch under another. -1
     * for any.
     */
    int expectedEpoch();

    /** The log has another epoch: what is derived from it may hold what it lost. */
    void fenced(Partition partition);
}
