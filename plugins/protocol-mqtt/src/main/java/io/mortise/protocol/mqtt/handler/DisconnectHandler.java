// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.mqtt.handler;

import io.mortise.protocol.mqtt.codec.Disconnect;
import io.mortise.protocol.mqtt.codec.Property;
import io.mortise.protocol.mqtt.codec.ReasonCode;
import io.mortise.protocol.mqtt.session.ClientConnection;
import io.mortise.protocol.mqtt.session.MqttSettings;
import io.mortise.spi.broker.Session;

import org.jspecify.annotations.Nullable;

/** DISCONNECT (MQTT 5.0, 3.14). */
final class DisconnectHandler {
    private static final long UNCHANGED = -1;

    private final MqttSettings settings;

    DisconnectHandler(MqttSettings settings) {
        this.settings = settings;
    }

    void onDisconnect(ClientConnection connection, Disconnect packet) {
        long expiry = packet.properties().number(Property.SESSION_EXPIRY_INTERVAL, UNCHANGED);
        Fault fault = fault(packet, connection.sessionExpirySeconds(), expiry);
        if (fault != null) {
            connection.fault(fault.reason(), fault.text());
            return;
        }
        if (expiry != UNCHANGED) {
            long granted = Math.min(expiry, settings.maxSessionExpirySeconds());
            connection.session().updateExpiry(granted);
        }
        boolean normal = packet.reason() == ReasonCode.SUCCESS;
        connection.shut(normal ? Session.End.NORMAL : Session.End.WITH_WILL);
    }

    private static @Nullable Fault fault(Disconnect packet, long expiryBefore, long expiry) {
        if (packet.properties().has(Property.SERVER_REFERENCE)) {
            return new Fault(ReasonCode.PROTOCOL_ERROR, "server reference from a client");
        }
        if (expiryBefore == 0 && expiry > 0) { // 3.14.2.2.2
            return new Fault(ReasonCode.PROTOCOL_ERROR, "session expiry where CONNECT had none");
        }
        return null;
    }
}
