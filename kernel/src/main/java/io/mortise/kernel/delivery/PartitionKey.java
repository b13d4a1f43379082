// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.delivery;

import io.mortise.spi.TopicId;
import io.mortise.spi.broker.Partition;

/** Names a partition for as long as its topic lives. */
public record PartitionKey(TopicId topic, int index) {
    /** The name of a partition. */
    public static PartitionKey of(Partition partition) {
        return new PartitionKey(partition.topic().id(), partition.index());
    }
}
