// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.protocol.kafka.handler;

import io.mortise.spi.broker.Partition;
import io.mortise.spi.broker.Topic;

import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/** A partition, or why there is none: exactly one of the two says so. */
record PartitionLookup(@Nullable Partition partition, Errors error) {
    static PartitionLookup of(@Nullable Topic topic, int index) {
        if (topic == null || index < 0 || index >= topic.partitionCount()) {
            return new PartitionLookup(null, Errors.UNKNOWN_TOPIC_OR_PARTITION);
        }
        Partition partition = topic.partition(index);
        return new PartitionLookup(
                partition, partition == null ? Errors.NOT_LEADER_OR_FOLLOWER : Errors.NONE);
    }

    /** Checks the epoch that a client believes in; -1 for any. */
    static Errors epochError(Partition partition, int epoch) {
        if (epoch == -1 || epoch == partition.leaderEpoch()) {
            return Errors.NONE;
        }
        return epoch < partition.leaderEpoch()
                ? Errors.FENCED_LEADER_EPOCH
                : Errors.UNKNOWN_LEADER_EPOCH;
    }
}
