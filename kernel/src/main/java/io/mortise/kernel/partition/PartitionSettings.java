// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import io.mortise.spi.Durability;
import io.mortise.spi.broker.Topic;
import io.mortise.spi.storage.LogConfig;

/**
 * The configs of a topic that its partitions go by.
 *
 * @param engine name of the storage engine
 * @param maxMessageBytes of one batch
 * @param logAppendTime whether timestamps are the broker's
 * @param retentionMillis -1: for ever
 * @param retentionBytes of one partition; -1: no bound
 * @param delete whether retention applies
 */
record PartitionSettings(
        String engine,
        Durability durability,
        int maxMessageBytes,
        boolean logAppendTime,
        long retentionMillis,
        long retentionBytes,
        int segmentBytes,
        boolean delete) {
    static PartitionSettings of(Topic topic) {
        return new PartitionSettings(
                topic.config("storage.engine"),
                topic.durability(),
                Integer.parseInt(topic.config("max.message.bytes")),
                topic.config("message.timestamp.type").equals("LogAppendTime"),
                Long.parseLong(topic.config("retention.ms")),
                Long.parseLong(topic.config("retention.bytes")),
                Integer.parseInt(topic.config("segment.bytes")),
                topic.config("cleanup.policy").contains("delete"));
    }

    LogConfig logConfig() {
        return new LogConfig(durability, segmentBytes, 0);
    }
}
