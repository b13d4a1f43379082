// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import io.mortise.spi.Durability;
import io.mortise.spi.broker.Topic;
import io.mortise.spi.storage.LogConfig;

import org.jspecify.annotations.Nullable;

/**
 * The configs of a topic that its partitions go by.
 *
 * @param engine name of the storage engine
 * @param maxMessageBytes of one batch
 * @param logAppendTime whether timestamps are the broker's
 * @param retentionMillis -1: for ever
 * @param retentionBytes of one partition; -1: no bound
 * @param retentionRecords of one partition; -1: no bound
 * @param delete whether retention applies
 * @param compact null: not at all
 */
record PartitionSettings(
        String engine,
        Durability durability,
        int maxMessageBytes,
        boolean logAppendTime,
        long retentionMillis,
        long retentionBytes,
        long retentionRecords,
        int segmentBytes,
        boolean delete,
        @Nullable CompactionSettings compact) {
    static PartitionSettings of(Topic topic) {
        String cleanup = topic.config("cleanup.policy");
        return new PartitionSettings(
                topic.config("storage.engine"),
                topic.durability(),
                Integer.parseInt(topic.config("max.message.bytes")),
                topic.config("message.timestamp.type").equals("LogAppendTime"),
                Long.parseLong(topic.config("retention.ms")),
                Long.parseLong(topic.config("retention.bytes")),
                Long.parseLong(topic.config("retention.records")),
                Integer.parseInt(topic.config("segment.bytes")),
                cleanup.contains("delete"),
                cleanup.contains("compact") ? CompactionSettings.of(topic) : null);
    }

    LogConfig logConfig() {
        return new LogConfig(durability, segmentBytes, 0);
    }
}
