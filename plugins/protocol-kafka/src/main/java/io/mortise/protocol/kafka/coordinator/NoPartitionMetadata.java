// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.protocol.kafka.coordinator;

import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.server.util.PartitionMetadataClient;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** Only share groups ask for offsets, and those are not offered. */
final class NoPartitionMetadata implements PartitionMetadataClient {
    @Override
    public Map<TopicPartition, CompletableFuture<OffsetResponse>> listLatestOffsets(
            Set<TopicPartition> topicPartitions) {
        Map<TopicPartition, CompletableFuture<OffsetResponse>> answers = new HashMap<>();
        for (TopicPartition partition : topicPartitions) {
            answers.put(
                    partition,
                    CompletableFuture.completedFuture(
                            new OffsetResponse(-1, Errors.UNSUPPORTED_VERSION)));
        }
        return answers;
    }

    @Override
    public void close() {}
}
