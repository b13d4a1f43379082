// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import io.mortise.spi.broker.Topic;

/**
 * The configs of a compacted topic.
 *
 * @param minDirtyRatio worth it from this share of what was appended since
 * @param minLagMillis records younger than that are left alone
 * @param maxLagMillis records older than that are compacted whatever the ratio
 * @param deleteRetentionMillis how long a tombstone stays once it is the last of its key
 */
record CompactionSettings(
        double minDirtyRatio, long minLagMillis, long maxLagMillis, long deleteRetentionMillis) {
    static CompactionSettings of(Topic topic) {
        return new CompactionSettings(
                Double.parseDouble(topic.config("min.cleanable.dirty.ratio")),
                Long.parseLong(topic.config("min.compaction.lag.ms")),
                Long.parseLong(topic.config("max.compaction.lag.ms")),
                Long.parseLong(topic.config("delete.retention.ms")));
    }
}
