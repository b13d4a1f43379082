// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.mqtt.handler;

import io.mortise.protocol.mqtt.codec.Properties;
import io.mortise.protocol.mqtt.codec.Property;
import io.mortise.protocol.mqtt.codec.Publish;
import io.mortise.protocol.mqtt.codec.ReasonCode;

import org.jspecify.annotations.Nullable;

/** What a client's PUBLISH may hold beyond being well formed. Pure. */
final class PublishRules {
    private static final Fault ALIAS =
            new Fault(ReasonCode.TOPIC_ALIAS_INVALID, "topic aliases are not supported");
    private static final Fault IDENTIFIER =
            new Fault(ReasonCode.PROTOCOL_ERROR, "subscription identifier from a client");

    private PublishRules() {}

    static @Nullable Fault fault(Publish packet) {
        Properties properties = packet.properties();
        if (properties.isEmpty()) {
            return null;
        }
        if (properties.has(Property.TOPIC_ALIAS)) {
            return ALIAS; // Topic Alias Maximum is 0 (3.3.2.3.4)
        }
        return properties.has(Property.SUBSCRIPTION_IDENTIFIER) ? IDENTIFIER : null; // 3.3.4-6
    }
}
