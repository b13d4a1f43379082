// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.mqtt.mapping;

import io.mortise.protocol.mqtt.codec.PacketEncoder;
import io.mortise.protocol.mqtt.codec.Property;
import io.mortise.protocol.mqtt.codec.PropertyEncoder;
import io.mortise.protocol.mqtt.codec.ProtocolVersion;
import io.mortise.spi.broker.Delivery;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/**
 * Deliveries as PUBLISH packets: {@link #measure}, then {@link #writeHead}, then the payload. The
 * properties that all receivers of a record share are encoded once for a whole fan-out. On one
 * event loop.
 */
public final class DeliveryEncoder {
    /** The attachment that holds the shared properties of 5.0. */
    private static final int SHARED_PROPERTIES = 0;

    private final OutboundProperties properties;
    private ProtocolVersion version = ProtocolVersion.V3_1_1;
    private ByteBuf shared = Unpooled.EMPTY_BUFFER;
    private int propertiesLength;

    public DeliveryEncoder(OutboundProperties properties) {
        this.properties = properties;
    }

    /** Bytes of the whole packet, payload included. */
    public int measure(Delivery delivery, ProtocolVersion spoken) {
        version = spoken;
        shared = Unpooled.EMPTY_BUFFER;
        propertiesLength = 0;
        if (spoken.isV5()) {
            shared = shared(delivery);
            propertiesLength = shared.readableBytes();
            for (int identifier : delivery.subscriptionIdentifiers()) {
                propertiesLength += PropertyEncoder.subscriptionIdentifierLength(identifier);
            }
        }
        return PacketEncoder.publishLength(
                spoken,
                delivery.qos(),
                delivery.address().bytes().length,
                propertiesLength,
                delivery.payload().readableBytes());
    }

    /** Appends all of the delivery measured last but its payload. */
    public void writeHead(ByteBuf out, Delivery delivery) {
        byte[] topic = delivery.address().bytes();
        int qos = delivery.qos();
        PacketEncoder.publishHead(
                out,
                version,
                flags(delivery, qos),
                topic.length,
                propertiesLength,
                delivery.payload().readableBytes());
        out.writeBytes(topic);
        if (qos > 0) {
            out.writeShort(delivery.deliveryId());
        }
        if (version.isV5()) {
            writeProperties(out, delivery);
        }
        shared = Unpooled.EMPTY_BUFFER;
    }

    private void writeProperties(ByteBuf out, Delivery delivery) {
        PacketEncoder.propertyLength(out, propertiesLength);
        out.writeBytes(shared, shared.readerIndex(), shared.readableBytes());
        for (int identifier : delivery.subscriptionIdentifiers()) {
            PropertyEncoder.number(out, Property.SUBSCRIPTION_IDENTIFIER, identifier);
        }
    }

    private ByteBuf shared(Delivery delivery) {
        if (OutboundProperties.hasNone(delivery)) {
            return Unpooled.EMPTY_BUFFER;
        }
        if (delivery.attachment(SHARED_PROPERTIES) instanceof ByteBuf encoded) {
            return encoded;
        }
        ByteBuf encoded = properties.encode(delivery);
        delivery.attach(SHARED_PROPERTIES, encoded);
        return encoded;
    }

    private static int flags(Delivery delivery, int qos) {
        return (delivery.duplicate() ? 8 : 0) | qos << 1 | (delivery.retained() ? 1 : 0);
    }
}
