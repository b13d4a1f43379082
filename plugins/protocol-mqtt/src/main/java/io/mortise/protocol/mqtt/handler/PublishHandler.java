// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.mqtt.handler;

import io.mortise.protocol.mqtt.codec.PacketType;
import io.mortise.protocol.mqtt.codec.Publish;
import io.mortise.protocol.mqtt.codec.ReasonCode;
import io.mortise.protocol.mqtt.mapping.AddressCache;
import io.mortise.protocol.mqtt.mapping.InboundMapping;
import io.mortise.protocol.mqtt.session.ClientConnection;
import io.mortise.protocol.mqtt.session.MqttSettings;
import io.mortise.spi.broker.Message;
import io.mortise.spi.broker.Session;

/** PUBLISH from a client (MQTT 5.0, 3.3), and the answer once the broker has it. On one loop. */
final class PublishHandler {
    private final MqttSettings settings;
    private final AddressCache addresses = new AddressCache();
    private final Answers answers = new Answers();

    PublishHandler(MqttSettings settings) {
        this.settings = settings;
    }

    void onPublish(ClientConnection connection, Publish packet) {
        Fault fault = PublishRules.fault(packet);
        if (fault != null) {
            connection.fault(fault.reason(), fault.text());
            return;
        }
        if (packet.qos() > 0 && isOneTooMany(connection)) {
            connection.fault(
                    ReasonCode.RECEIVE_MAXIMUM_EXCEEDED,
                    "more than " + settings.receiveMaximum() + " publishes without an answer");
            return;
        }
        connection.loop().countPublish();
        publish(connection, packet);
    }

    void onRelease(ClientConnection connection, int packetId) {
        connection
                .session()
                .release(packetId, answers.take(connection, PacketType.PUBCOMP, packetId));
    }

    private void publish(ClientConnection connection, Publish packet) {
        Session session = connection.session();
        Message message = InboundMapping.message(packet, addresses.of(packet));
        int packetId = packet.packetId();
        switch (packet.qos()) {
            case 0 -> session.publish(message, answers.unwanted(connection));
            case 1 ->
                    session.publish(message, answers.take(connection, PacketType.PUBACK, packetId));
            default ->
                    session.publishExactlyOnce(
                            packetId,
                            message,
                            answers.take(connection, PacketType.PUBREC, packetId));
        }
    }

    /** In 3.1.1 the client knows of no maximum. */
    private boolean isOneTooMany(ClientConnection connection) {
        int unanswered = connection.countUnanswered();
        return connection.version().isV5() && unanswered > settings.receiveMaximum();
    }
}
