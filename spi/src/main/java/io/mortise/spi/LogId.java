// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi;

/**
 * Names one log: one partition of one topic.
 *
 * @param tenant the topic's tenant
 * @param topicId the topic
 * @param partition from 0
 * @param shard the shard that owns the partition; fixed when the partition is created
 */
public record LogId(TenantId tenant, TopicId topicId, int partition, int shard) {
    public LogId {
        if (partition < 0 || shard < 0) {
            throw new IllegalArgumentException(
                    "partition " + partition + " and shard " + shard + " must not be negative");
        }
    }

    @Override
    public String toString() {
        return tenant + "/" + topicId + "-" + partition;
    }
}
