// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.mqtt.handler;

import io.mortise.protocol.mqtt.codec.PacketType;
import io.mortise.protocol.mqtt.codec.ReasonCode;
import io.mortise.protocol.mqtt.mapping.ReasonMapping;
import io.mortise.protocol.mqtt.session.ClientConnection;
import io.mortise.protocol.mqtt.session.Counters;
import io.mortise.spi.Refusal;
import io.mortise.spi.broker.Session.PublishCallback;
import io.mortise.spi.broker.Session.ReleaseCallback;

import org.jspecify.annotations.Nullable;

/**
 * Callbacks that answer publishes, used again and again so that a publish makes no garbage here. On
 * one loop.
 */
final class Answers {
    private static final int MOST_KEPT = 1024;

    private @Nullable Answer free;
    private int kept;
    private @Nullable PublishCallback unwanted;

    /** A callback that sends a packet of that type. */
    Answer take(ClientConnection connection, PacketType type, int packetId) {
        Answer answer = free;
        if (answer == null) {
            answer = new Answer(this);
        } else {
            free = answer.next;
            kept--;
        }
        answer.begin(connection, type, packetId);
        return answer;
    }

    /** For QoS 0, where nobody waits: a refusal is counted. */
    PublishCallback unwanted(ClientConnection connection) {
        if (unwanted == null) {
            Counters counters = connection.loop().counters();
            unwanted =
                    refusal -> {
                        if (refusal != null) {
                            counters.refusedPublishes().add(1);
                        }
                    };
        }
        return unwanted;
    }

    private void giveBack(Answer answer) {
        if (kept < MOST_KEPT) {
            answer.next = free;
            free = answer;
            kept++;
        }
    }

    /** Sends PUBACK, PUBREC, PUBREL or PUBCOMP when the broker is done. */
    static final class Answer implements PublishCallback, ReleaseCallback {
        private final Answers owner;
        private @Nullable Answer next;
        private @Nullable ClientConnection connection;
        private PacketType type = PacketType.PUBACK;
        private int packetId;

        private Answer(Answers owner) {
            this.owner = owner;
        }

        private void begin(ClientConnection newConnection, PacketType newType, int newPacketId) {
            next = null;
            connection = newConnection;
            type = newType;
            packetId = newPacketId;
        }

        @Override
        public void completed(@Nullable Refusal refusal) {
            ClientConnection client = end();
            if (client == null || !client.isConnected()) {
                return;
            }
            if (refusal != null) {
                refuse(client, refusal);
                return;
            }
            client.acknowledge(type, packetId, ReasonCode.SUCCESS, null);
            if (type == PacketType.PUBACK) {
                client.answered();
            }
        }

        @Override
        public void completed(boolean known, @Nullable Refusal refusal) {
            ClientConnection client = end();
            if (client == null || !client.isConnected()) {
                return;
            }
            if (refusal != null) {
                client.disconnect(ReasonMapping.disconnect(refusal), refusal.message());
                return;
            }
            ReasonCode reason = known ? ReasonCode.SUCCESS : ReasonCode.PACKET_IDENTIFIER_NOT_FOUND;
            client.acknowledge(type, packetId, reason, null);
            if (type == PacketType.PUBCOMP) {
                client.answered();
            }
        }

        /** 3.1.1 has no negative answer: the connection ends (MQTT 3.1.1, [MQTT-3.3.5-2]). */
        private void refuse(ClientConnection client, Refusal refusal) {
            client.loop().counters().refusedPublishes().add(1);
            if (client.version().isV5()) {
                ReasonCode reason = ReasonMapping.publish(refusal);
                client.acknowledge(type, packetId, reason, refusal.message());
                client.answered();
            } else {
                client.disconnect(ReasonMapping.disconnect(refusal), refusal.message());
            }
        }

        private @Nullable ClientConnection end() {
            ClientConnection client = connection;
            connection = null;
            if (client != null) {
                owner.giveBack(this);
            }
            return client;
        }
    }
}
