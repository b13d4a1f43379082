// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.topic;

import io.mortise.spi.Reason;
import io.mortise.spi.RefusedException;

import java.util.Map;

/**
 * What the section {@code topics} of mortise.yaml says.
 *
 * @param partitions of a topic that asks for no number
 * @param defaults configs in force where a topic has none of its own
 * @param autoCreate whether using a topic creates it
 * @param autoCreateLimit how many such topics a tenant may have
 */
public record TopicPolicy(
        int partitions, Map<String, String> defaults, boolean autoCreate, int autoCreateLimit) {
    /** Bound on the partitions of one topic. */
    public static final int MAX_PARTITIONS = 10_000;

    /** What holds without a line in mortise.yaml. */
    public static final TopicPolicy DEFAULT = new TopicPolicy(4, Map.of(), true, 1_000);

    /**
     * @throws RefusedException a key or value that no topic may have
     */
    public TopicPolicy {
        defaults = Map.copyOf(TopicConfigs.checked(defaults));
        checkPartitions(partitions);
        if (autoCreateLimit < 0) {
            throw new RefusedException(
                    Reason.INVALID_CONFIG,
                    "topics.autoCreate.limit is " + autoCreateLimit + "; allowed: 0 and more");
        }
    }

    /**
     * @throws RefusedException not a default that a topic may have
     */
    public static void checkDefault(String key, String value) {
        TopicConfigKey.of(key).checked(value);
    }

    /** What holds for a key that mortise.yaml gives no default. */
    public static String builtIn(String key) {
        return TopicConfigKey.of(key).defaultValue;
    }

    static void checkPartitions(int partitions) {
        if (partitions < 1 || partitions > MAX_PARTITIONS) {
            throw new RefusedException(
                    Reason.INVALID_REQUEST,
                    "partitions: "
                            + partitions
                            + " is not allowed; allowed: 1 to "
                            + MAX_PARTITIONS);
        }
    }
}
