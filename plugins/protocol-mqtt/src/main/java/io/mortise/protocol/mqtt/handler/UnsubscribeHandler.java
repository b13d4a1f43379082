// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.mqtt.handler;

import io.mortise.protocol.mqtt.codec.Properties;
import io.mortise.protocol.mqtt.codec.ReasonCode;
import io.mortise.protocol.mqtt.codec.UnsubAck;
import io.mortise.protocol.mqtt.codec.Unsubscribe;
import io.mortise.protocol.mqtt.mapping.ReasonMapping;
import io.mortise.protocol.mqtt.mapping.SubscriptionMapping;
import io.mortise.protocol.mqtt.session.ClientConnection;
import io.mortise.spi.Refusal;
import io.mortise.spi.broker.AddressFilter;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/** UNSUBSCRIBE (MQTT 5.0, 3.10). */
final class UnsubscribeHandler {

    void onUnsubscribe(ClientConnection connection, Unsubscribe packet) {
        List<AddressFilter> asked = new ArrayList<>(packet.filters().size());
        for (String filter : packet.filters()) {
            if (SubscriptionMapping.fault(filter) == null) {
                asked.add(new AddressFilter(filter));
            }
        }
        if (asked.isEmpty()) {
            answer(connection, packet, List.of(), null);
            return;
        }
        connection
                .session()
                .unsubscribe(
                        asked, (existed, refusal) -> answer(connection, packet, existed, refusal));
    }

    private static void answer(
            ClientConnection connection,
            Unsubscribe packet,
            List<Boolean> existed,
            @Nullable Refusal refusal) {
        if (!connection.isConnected()) {
            return;
        }
        if (refusal != null && !connection.version().isV5()) { // UNSUBACK says nothing there
            connection.disconnect(ReasonMapping.disconnect(refusal), refusal.message());
            return;
        }
        List<ReasonCode> reasons = new ArrayList<>(packet.filters().size());
        int asked = 0;
        for (String filter : packet.filters()) {
            if (SubscriptionMapping.fault(filter) != null) {
                reasons.add(ReasonCode.NO_SUBSCRIPTION_EXISTED); // could not be subscribed to
            } else if (refusal != null) {
                reasons.add(ReasonMapping.unsubscribe(refusal));
            } else {
                boolean there = existed.get(asked++);
                reasons.add(there ? ReasonCode.SUCCESS : ReasonCode.NO_SUBSCRIPTION_EXISTED);
            }
        }
        connection.send(new UnsubAck(packet.packetId(), Properties.EMPTY, reasons));
    }
}
