// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.topic;

import io.mortise.kernel.metadata.PartitionEntry;

import java.util.concurrent.CompletionStage;

/**
 * Keeps the partitions that this node leads. Called on the metadata thread, in the order of the
 * metadata, so nothing here may block: logs are opened and deleted aside.
 */
public interface PartitionHost {
    /**
     * This node leads the partition: open its log, then hand the partition to {@link
     * BrokerTopic#lead}. If the engine is not there (yet), the host opens it when it comes.
     *
     * @return completes when the partition serves, or with what prevents it; {@link
     *     io.mortise.spi.broker.Topics#create} waits for that
     */
    CompletionStage<Void> open(BrokerTopic topic, PartitionEntry partition);

    /** The row of a partition that is open changed, usually its leader epoch. */
    void assigned(BrokerTopic topic, PartitionEntry partition);

    /** {@link BrokerTopic#settings} changed, for all partitions. */
    void reconfigured(BrokerTopic topic);

    /** Another node leads the partition now: close its log and keep it. */
    void close(BrokerTopic topic, PartitionEntry partition);

    /** The topic is deleted: close the log and delete it. */
    void delete(BrokerTopic topic, PartitionEntry partition);
}
