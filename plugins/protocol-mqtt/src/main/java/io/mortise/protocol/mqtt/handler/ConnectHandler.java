// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.mqtt.handler;

import io.mortise.protocol.mqtt.codec.ConnAck;
import io.mortise.protocol.mqtt.codec.Connect;
import io.mortise.protocol.mqtt.codec.ReasonCode;
import io.mortise.protocol.mqtt.codec.Will;
import io.mortise.protocol.mqtt.mapping.InboundMapping;
import io.mortise.protocol.mqtt.mapping.ReasonMapping;
import io.mortise.protocol.mqtt.session.ClientConnection;
import io.mortise.protocol.mqtt.session.MqttSettings;
import io.mortise.spi.Refusal;
import io.mortise.spi.broker.Broker;
import io.mortise.spi.broker.Session;
import io.mortise.spi.broker.Sessions.SessionRequest;
import io.mortise.spi.security.Credentials;
import io.mortise.spi.security.Principal;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.net.InetSocketAddress;
import java.util.HexFormat;
import java.util.random.RandomGenerator;

/** CONNECT (MQTT 5.0, 3.1): who is it, may it, which session. */
final class ConnectHandler {
    private static final Logger LOG = LoggerFactory.getLogger(ConnectHandler.class);

    private final Broker broker;
    private final MqttSettings settings;
    private final RandomGenerator random;

    ConnectHandler(Broker broker, MqttSettings settings, RandomGenerator random) {
        this.broker = broker;
        this.settings = settings;
        this.random = random;
    }

    void onConnect(ClientConnection connection, Connect packet, MqttChannelHandler receiver) {
        if (connection.state() != ClientConnection.State.NEW) {
            connection.fault(ReasonCode.PROTOCOL_ERROR, "second CONNECT"); // [MQTT-3.1.0-2]
            return;
        }
        Fault fault = ConnectRules.fault(packet);
        if (fault != null) {
            connection.refuse(packet.version(), fault.reason(), fault.text());
            return;
        }
        String clientId = packet.clientId().isEmpty() ? assignedClientId() : packet.clientId();
        long expiry = ConnectRules.sessionExpirySeconds(packet, settings);
        connection.connecting(packet, clientId, expiry);
        InetSocketAddress remote = connection.connection().remote();
        Credentials credentials =
                new Credentials(packet.userName(), packet.password(), clientId, "mqtt", remote);
        broker.security()
                .authenticate(
                        credentials,
                        connection.loop().executor(),
                        (principal, refusal) ->
                                authenticated(connection, packet, receiver, principal, refusal));
    }

    private void authenticated(
            ClientConnection connection,
            Connect packet,
            MqttChannelHandler receiver,
            @Nullable Principal principal,
            @Nullable Refusal refusal) {
        if (connection.state() == ClientConnection.State.CLOSED) {
            return; // gone meanwhile
        }
        if (principal == null) {
            refuse(connection, refusal);
            return;
        }
        connection.authenticated(principal);
        Will will = packet.will();
        SessionRequest request =
                new SessionRequest(
                        principal,
                        host(connection.connection().remote()),
                        connection.clientId(),
                        connection.loop().executor(),
                        packet.cleanStart(),
                        connection.sessionExpirySeconds(),
                        ConnectRules.inflight(packet, settings),
                        will == null ? null : InboundMapping.will(will));
        broker.sessions()
                .open(
                        request,
                        receiver,
                        (session, failure) ->
                                opened(connection, packet, receiver, session, failure));
    }

    private void opened(
            ClientConnection connection,
            Connect packet,
            MqttChannelHandler receiver,
            @Nullable Session session,
            @Nullable Refusal refusal) {
        if (connection.state() == ClientConnection.State.CLOSED) {
            if (session != null) {
                session.close(Session.End.ABNORMAL);
            }
        } else if (session == null) {
            refuse(connection, refusal);
        } else {
            accept(connection, packet, session);
            receiver.connected();
        }
    }

    private void accept(ClientConnection connection, Connect packet, Session session) {
        connection.connected(session, ConnectRules.keepAliveSeconds(packet, settings));
        connection.send(
                new ConnAck(
                        session.present(),
                        ReasonCode.SUCCESS,
                        ConnectRules.answer(packet, connection.clientId(), settings)));
        LOG.debug("{} connected, session present {}", connection, session.present());
        session.start();
    }

    private static void refuse(ClientConnection connection, @Nullable Refusal refusal) {
        if (refusal == null) {
            throw new IllegalStateException("neither an answer nor a refusal");
        }
        LOG.debug("{} refused: {}", connection, refusal);
        connection.refuse(connection.version(), ReasonMapping.connect(refusal), refusal.message());
    }

    private String assignedClientId() {
        byte[] bytes = new byte[12];
        random.nextBytes(bytes);
        return "auto-" + HexFormat.of().formatHex(bytes);
    }

    private static String host(InetSocketAddress remote) {
        return remote.getAddress() == null
                ? remote.getHostString()
                : remote.getAddress().getHostAddress();
    }
}
