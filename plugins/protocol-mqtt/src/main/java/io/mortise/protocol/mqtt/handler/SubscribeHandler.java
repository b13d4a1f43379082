// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.mqtt.handler;

import io.mortise.protocol.mqtt.codec.Properties;
import io.mortise.protocol.mqtt.codec.Property;
import io.mortise.protocol.mqtt.codec.ReasonCode;
import io.mortise.protocol.mqtt.codec.SubAck;
import io.mortise.protocol.mqtt.codec.Subscribe;
import io.mortise.protocol.mqtt.mapping.ReasonMapping;
import io.mortise.protocol.mqtt.mapping.SubscriptionMapping;
import io.mortise.protocol.mqtt.session.ClientConnection;
import io.mortise.spi.Refusal;
import io.mortise.spi.broker.Subscription;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/** SUBSCRIBE (MQTT 5.0, 3.8). */
final class SubscribeHandler {

    void onSubscribe(ClientConnection connection, Subscribe packet) {
        int identifier = (int) packet.properties().number(Property.SUBSCRIPTION_IDENTIFIER, 0);
        List<Subscription> asked = new ArrayList<>(packet.filters().size());
        for (io.mortise.protocol.mqtt.codec.Subscription wish : packet.filters()) {
            if (SubscriptionMapping.fault(wish.filter()) == null) {
                asked.add(SubscriptionMapping.of(wish, identifier));
            }
        }
        if (asked.isEmpty()) {
            answer(connection, packet, List.of());
            return;
        }
        connection.session().subscribe(asked, refusals -> answer(connection, packet, refusals));
    }

    /** Puts the broker's answers between our own, in the order of the filters [MQTT-3.8.4-6]. */
    private static void answer(
            ClientConnection connection, Subscribe packet, List<@Nullable Refusal> refusals) {
        if (!connection.isConnected()) {
            return;
        }
        List<ReasonCode> reasons = new ArrayList<>(packet.filters().size());
        int asked = 0;
        for (io.mortise.protocol.mqtt.codec.Subscription wish : packet.filters()) {
            ReasonCode fault = SubscriptionMapping.fault(wish.filter());
            reasons.add(fault != null ? fault : reason(wish.qos(), refusals.get(asked++)));
        }
        connection.send(new SubAck(packet.packetId(), Properties.EMPTY, reasons));
    }

    private static ReasonCode reason(int qos, @Nullable Refusal refusal) {
        return refusal == null ? ReasonCode.granted(qos) : ReasonMapping.subscribe(refusal);
    }
}
