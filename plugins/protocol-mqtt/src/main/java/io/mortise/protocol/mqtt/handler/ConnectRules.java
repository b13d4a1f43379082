// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.mqtt.handler;

import io.mortise.protocol.mqtt.codec.Connect;
import io.mortise.protocol.mqtt.codec.Properties;
import io.mortise.protocol.mqtt.codec.Property;
import io.mortise.protocol.mqtt.codec.ReasonCode;
import io.mortise.protocol.mqtt.session.MqttSettings;

import org.jspecify.annotations.Nullable;

/** What a CONNECT may ask and what it gets. Pure. */
final class ConnectRules {
    private ConnectRules() {}

    /** Why the CONNECT is refused before anyone is asked, or null. */
    static @Nullable Fault fault(Connect packet) {
        if (packet.properties().has(Property.AUTHENTICATION_METHOD)) {
            return new Fault(
                    ReasonCode.BAD_AUTHENTICATION_METHOD,
                    "enhanced authentication is not supported"); // 4.12
        }
        if (packet.properties().has(Property.AUTHENTICATION_DATA)) {
            return new Fault(
                    ReasonCode.PROTOCOL_ERROR,
                    "authentication data without a method"); // 3.1.2.11.10
        }
        boolean nameless = packet.clientId().isEmpty() && !packet.version().isV5();
        if (nameless && !packet.cleanStart()) {
            return new Fault(
                    ReasonCode.CLIENT_IDENTIFIER_NOT_VALID,
                    "an empty client identifier needs Clean Session"); // 3.1.1, [MQTT-3.1.3-8]
        }
        return null;
    }

    /** The keep alive in force: a 5.0 client can be told of a shorter one. */
    static int keepAliveSeconds(Connect packet, MqttSettings settings) {
        int wished = packet.keepAliveSeconds();
        int most = settings.maxKeepAliveSeconds();
        boolean tooLong = wished == 0 || wished > most;
        return most > 0 && tooLong && packet.version().isV5() ? most : wished;
    }

    static long sessionExpirySeconds(Connect packet, MqttSettings settings) {
        return Math.min(packet.sessionExpirySeconds(), settings.maxSessionExpirySeconds());
    }

    /** Deliveries that may be under way at once. */
    static int inflight(Connect packet, MqttSettings settings) {
        long wished = packet.properties().number(Property.RECEIVE_MAXIMUM, 65_535);
        return (int) Math.min(wished, settings.maxInflight());
    }

    /** Properties of a good CONNACK; what is absent has the specification's default. */
    static Properties answer(Connect packet, String clientId, MqttSettings settings) {
        if (!packet.version().isV5()) {
            return Properties.EMPTY;
        }
        Properties.Builder answer = Properties.builder();
        if (packet.clientId().isEmpty()) {
            answer.text(Property.ASSIGNED_CLIENT_IDENTIFIER, clientId); // [MQTT-3.2.2-16]
        }
        long expiry = sessionExpirySeconds(packet, settings);
        if (expiry != packet.sessionExpirySeconds()) {
            answer.number(Property.SESSION_EXPIRY_INTERVAL, expiry);
        }
        int keepAlive = keepAliveSeconds(packet, settings);
        if (keepAlive != packet.keepAliveSeconds()) {
            answer.number(Property.SERVER_KEEP_ALIVE, keepAlive);
        }
        if (settings.receiveMaximum() < 65_535) {
            answer.number(Property.RECEIVE_MAXIMUM, settings.receiveMaximum());
        }
        return answer.number(Property.MAXIMUM_PACKET_SIZE, settings.maxPacketBytes())
                .number(Property.SHARED_SUBSCRIPTION_AVAILABLE, 0)
                .build();
    }
}
