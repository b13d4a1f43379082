// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.protocol.kafka.handler;

import io.mortise.spi.broker.Topic;
import io.mortise.spi.broker.Topics.ConfigKey;

/** Topic configs in Kafka's terms. */
final class TopicConfigs {
    /** Codes of DescribeConfigs: where a value comes from. */
    static final byte DYNAMIC_TOPIC_CONFIG = 1;

    static final byte STATIC_BROKER_CONFIG = 4;
    static final byte DEFAULT_CONFIG = 5;

    /** Codes of DescribeConfigs: what a value is. */
    static final byte BOOLEAN = 1;

    static final byte STRING = 2;
    static final byte INT = 3;
    static final byte LONG = 5;
    static final byte DOUBLE = 6;
    static final byte LIST = 7;

    private TopicConfigs() {}

    static byte source(Topic topic, ConfigKey key) {
        if (topic.configs().containsKey(key.name())) {
            return DYNAMIC_TOPIC_CONFIG;
        }
        return topic.config(key.name()).equals(key.defaultValue())
                ? DEFAULT_CONFIG
                : STATIC_BROKER_CONFIG;
    }

    static byte type(ConfigKey key) {
        return switch (key.type()) {
            case "boolean" -> BOOLEAN;
            case "int" -> INT;
            case "long" -> LONG;
            case "double" -> DOUBLE;
            case "list" -> LIST;
            default -> STRING;
        };
    }
}
