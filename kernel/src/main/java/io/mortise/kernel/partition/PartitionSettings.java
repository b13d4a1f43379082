// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import io.mortise.kernel.topic.GenerationalTopic;
import io.mortise.spi.Durability;
import io.mortise.spi.broker.Topic;
import io.mortise.spi.storage.LogConfig;

import org.jspecify.annotations.Nullable;

/**
 * The configs of a topic that its partitions go by.
 *
 * @param generation counts the changes of engine
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
        int generation,
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
        int generation = topic instanceof GenerationalTopic it ? it.generation() : 0;
        return new PartitionSettings(
                generation,
                engine(topic, generation),
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

    /** What a partition consisted of at first. */
    static Generation first(Topic topic, int partition) {
        int first = topic instanceof GenerationalTopic it ? it.firstGeneration(partition) : 0;
        return new Generation(first, engine(topic, first), 0);
    }

    private static String engine(Topic topic, int generation) {
        return topic instanceof GenerationalTopic it
                ? it.engineOf(generation)
                : topic.config("storage.engine");
    }

    LogConfig logConfig(Durability level, long startOffset) {
        return new LogConfig(level, segmentBytes, startOffset);
    }
}
