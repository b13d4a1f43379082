// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.mqtt.handler;

import io.mortise.protocol.mqtt.codec.Acknowledgement;
import io.mortise.protocol.mqtt.codec.PacketType;
import io.mortise.protocol.mqtt.codec.ReasonCode;
import io.mortise.protocol.mqtt.mapping.DeliveryEncoder;
import io.mortise.protocol.mqtt.mapping.OutboundProperties;
import io.mortise.protocol.mqtt.session.ClientConnection;
import io.mortise.protocol.mqtt.session.Counters;
import io.mortise.protocol.mqtt.session.Outbox;
import io.mortise.spi.broker.Delivery;
import io.netty.buffer.ByteBuf;

/** PUBLISH to a client and what it answers (MQTT 5.0, 3.3 to 3.7, 4.3). On one loop. */
final class DeliveryHandler {
    private final DeliveryEncoder encoder;
    private final Answers answers = new Answers();

    DeliveryHandler(Counters counters) {
        encoder = new DeliveryEncoder(new OutboundProperties(counters.skippedHeaders()));
    }

    /** False if the client cannot take it now. */
    boolean deliver(ClientConnection connection, Delivery delivery) {
        Outbox outbox = connection.outbox();
        if (!connection.isConnected() || !outbox.isWritable()) {
            return false;
        }
        int length = encoder.measure(delivery, connection.version());
        if (length > connection.maxPacketBytes()) {
            discard(connection, delivery);
            return true;
        }
        ByteBuf payload = delivery.payload();
        int payloadLength = payload.readableBytes();
        if (payloadLength <= Outbox.COPY_BYTES) {
            ByteBuf out = outbox.reserve(length);
            encoder.writeHead(out, delivery);
            out.writeBytes(payload, payload.readerIndex(), payloadLength);
        } else {
            encoder.writeHead(outbox.reserve(length - payloadLength), delivery);
            outbox.append(payload.retainedSlice());
        }
        connection.loop().countDelivery();
        return true;
    }

    void onAcknowledgement(ClientConnection connection, Acknowledgement packet) {
        int deliveryId = packet.packetId();
        boolean done = packet.type() != PacketType.PUBREC || packet.reason().isError();
        if (done) {
            connection.session().acknowledge(deliveryId); // 4.3.3: an error ends it too
        } else {
            connection
                    .session()
                    .received(deliveryId, answers.take(connection, PacketType.PUBREL, deliveryId));
        }
    }

    void release(ClientConnection connection, int deliveryId) {
        if (connection.isConnected()) {
            connection.acknowledge(PacketType.PUBREL, deliveryId, ReasonCode.SUCCESS, null);
        }
    }

    /** Larger than the client takes: as if it had been sent and answered [MQTT-3.1.2-25]. */
    private static void discard(ClientConnection connection, Delivery delivery) {
        connection.loop().counters().oversize().add(1);
        if (delivery.qos() == 0) {
            return;
        }
        int deliveryId = delivery.deliveryId();
        connection
                .loop()
                .executor()
                .execute(
                        () -> {
                            if (connection.isConnected()) {
                                connection.session().acknowledge(deliveryId);
                            }
                        });
    }
}
