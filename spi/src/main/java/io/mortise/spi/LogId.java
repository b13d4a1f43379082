// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi;

/**
 * Names one log: one partition of one topic, in one generation. A storage engine keeps logs that
 * differ in the generation only apart: a topic that left an engine and came back may have both.
 *
 * @param tenant the topic's tenant
 * @param topicId the topic
 * @param partition from 0
 * @param shard the shard that owns the partition, at most 65 535; fixed when the partition is
 *     created
 * @param generation how often the topic had changed its storage engine when this log was begun,
 *     from 0 to 65 535; 0 also where the partition as a whole is meant
 */
public record LogId(TenantId tenant, TopicId topicId, int partition, int shard, int generation) {
    private static final int MOST = 0xFFFF;

    public LogId {
        if (partition < 0 || shard < 0 || shard > MOST) {
            throw new IllegalArgumentException(
                    "partition " + partition + " and shard " + shard + " must not be negative");
        }
        if (generation < 0 || generation > MOST) {
            throw new IllegalArgumentException("generation " + generation + " is not 0 to " + MOST);
        }
    }

    /** The first generation. */
    public LogId(TenantId tenant, TopicId topicId, int partition, int shard) {
        this(tenant, topicId, partition, shard, 0);
    }

    /** The same partition's log of another generation. */
    public LogId inGeneration(int other) {
        return other == generation ? this : new LogId(tenant, topicId, partition, shard, other);
    }

    @Override
    public String toString() {
        String name = tenant + "/" + topicId + "-" + partition;
        return generation == 0 ? name : name + "@" + generation;
    }
}
