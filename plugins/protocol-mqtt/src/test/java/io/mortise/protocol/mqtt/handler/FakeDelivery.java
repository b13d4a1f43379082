// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.mqtt.handler;

import io.mortise.spi.broker.Address;
import io.mortise.spi.broker.Delivery;
import io.mortise.spi.record.Header;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.ReferenceCounted;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.util.List;

/** A message for a client, plain unless a test changes it. */
final class FakeDelivery implements Delivery {
    String address = "factory/line1/temp";
    ByteBuf payload = Unpooled.copiedBuffer("21.5", StandardCharsets.UTF_8);
    List<Header> headers = List.of();
    int qos;
    boolean retained;
    boolean duplicate;
    int deliveryId;
    int[] subscriptionIdentifiers = {};
    long remainingExpirySeconds = -1;
    boolean utf8Payload;
    int attachments;
    private final @Nullable ReferenceCounted[] attached = new @Nullable ReferenceCounted[16];

    static FakeDelivery qos(int qos, int deliveryId) {
        FakeDelivery delivery = new FakeDelivery();
        delivery.qos = qos;
        delivery.deliveryId = deliveryId;
        return delivery;
    }

    @Override
    public Address address() {
        return Address.of(address);
    }

    @Override
    public ByteBuf payload() {
        return payload;
    }

    @Override
    public List<Header> headers() {
        return headers;
    }

    @Override
    public int qos() {
        return qos;
    }

    @Override
    public boolean retained() {
        return retained;
    }

    @Override
    public boolean duplicate() {
        return duplicate;
    }

    @Override
    public int deliveryId() {
        return deliveryId;
    }

    @Override
    public int[] subscriptionIdentifiers() {
        return subscriptionIdentifiers;
    }

    @Override
    public long remainingExpirySeconds() {
        return remainingExpirySeconds;
    }

    @Override
    public boolean utf8Payload() {
        return utf8Payload;
    }

    @Override
    public long timestampMillis() {
        return 0;
    }

    @Override
    public @Nullable ReferenceCounted attachment(int kind) {
        return attached[kind];
    }

    @Override
    public void attach(int kind, ReferenceCounted encoding) {
        attachments++;
        attached[kind] = encoding;
    }
}
