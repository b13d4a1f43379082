// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.topic;

import io.mortise.spi.broker.Topic;

/**
 * A topic whose storage engine may change: each change begins a generation, which its partitions
 * follow one by one.
 */
public interface GenerationalTopic extends Topic {
    /** The generation that is to be appended to; from 0. */
    int generation();

    /** The generation that a partition began with. */
    int firstGeneration(int partition);

    /** The storage engine of a generation, which is at most {@link #generation}. */
    String engineOf(int generation);
}
