// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.topic;

import io.mortise.spi.Durability;

/**
 * The configs in force, parsed once.
 *
 * @param retentionMillis -1: for ever
 * @param retentionBytes per partition; -1: no bound
 * @param segmentBytes about how much retention drops at once
 * @param maxMessageBytes largest record batch
 * @param logAppendTime whether records get the broker's time
 * @param engine name of the storage engine
 */
public record TopicSettings(
        long retentionMillis,
        long retentionBytes,
        int segmentBytes,
        int maxMessageBytes,
        boolean logAppendTime,
        Durability durability,
        String engine) {
    static TopicSettings parse(TopicConfigs configs) {
        return new TopicSettings(
                Long.parseLong(configs.inForce(TopicConfigKey.RETENTION_MS)),
                Long.parseLong(configs.inForce(TopicConfigKey.RETENTION_BYTES)),
                Integer.parseInt(configs.inForce(TopicConfigKey.SEGMENT_BYTES)),
                Integer.parseInt(configs.inForce(TopicConfigKey.MAX_MESSAGE_BYTES)),
                configs.inForce(TopicConfigKey.MESSAGE_TIMESTAMP_TYPE).equals("LogAppendTime"),
                TopicConfigKey.durability(configs.inForce(TopicConfigKey.DURABILITY)),
                configs.inForce(TopicConfigKey.STORAGE_ENGINE));
    }
}
