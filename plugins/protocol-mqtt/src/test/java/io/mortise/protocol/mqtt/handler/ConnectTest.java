// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.mqtt.handler;

import static io.mortise.protocol.mqtt.codec.ProtocolVersion.V3_1_1;
import static io.mortise.protocol.mqtt.codec.ProtocolVersion.V5;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.protocol.mqtt.codec.ConnAck;
import io.mortise.protocol.mqtt.codec.Connect;
import io.mortise.protocol.mqtt.codec.Disconnect;
import io.mortise.protocol.mqtt.codec.Ping;
import io.mortise.protocol.mqtt.codec.Properties;
import io.mortise.protocol.mqtt.codec.Property;
import io.mortise.protocol.mqtt.codec.ReasonCode;
import io.mortise.protocol.mqtt.codec.Will;
import io.mortise.protocol.mqtt.session.MqttSettings;
import io.mortise.spi.Reason;
import io.mortise.spi.broker.Session;
import io.mortise.spi.broker.Sessions;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

class ConnectTest {
    @Test
    void connAckTellsWhatIsNotTheDefault() {
        try (TestClient client = new TestClient(V5)) {
            client.send(TestClient.connect(V5));
            ConnAck answer = client.receive(ConnAck.class);
            assertThat(answer.reason()).isEqualTo(ReasonCode.SUCCESS);
            assertThat(answer.sessionPresent()).isFalse();
            Properties properties = answer.properties();
            assertThat(properties.number(Property.SHARED_SUBSCRIPTION_AVAILABLE, 1)).isZero();
            assertThat(properties.number(Property.MAXIMUM_PACKET_SIZE, 0)).isEqualTo(65_536);
            assertThat(properties.number(Property.RECEIVE_MAXIMUM, 0)).isEqualTo(3);
            assertThat(properties.has(Property.TOPIC_ALIAS_MAXIMUM)).isFalse();
            assertThat(properties.has(Property.ASSIGNED_CLIENT_IDENTIFIER)).isFalse();
            assertThat(properties.has(Property.SERVER_KEEP_ALIVE)).isFalse();
            assertThat(properties.has(Property.SESSION_EXPIRY_INTERVAL)).isFalse();
            assertThat(client.established).isTrue();
            assertThat(client.session().starts).isEqualTo(1);
        }
    }

    @Test
    void asksForTheSessionThatConnectDescribes() {
        try (TestClient client = new TestClient(V5)) {
            Properties properties =
                    Properties.builder()
                            .number(Property.SESSION_EXPIRY_INTERVAL, 3_600)
                            .number(Property.RECEIVE_MAXIMUM, 20)
                            .build();
            Properties willProperties =
                    Properties.builder()
                            .number(Property.WILL_DELAY_INTERVAL, 5)
                            .number(Property.MESSAGE_EXPIRY_INTERVAL, 9)
                            .text(Property.CONTENT_TYPE, "text/plain")
                            .build();
            byte[] payload = "gone".getBytes(StandardCharsets.UTF_8);
            Will will = new Will("state/device1", 1, true, payload, willProperties);
            client.send(
                    new Connect(V5, false, 60, "device1", properties, will, "ann", new byte[] {1}));
            client.receive(ConnAck.class);

            assertThat(client.broker.credentials.getFirst().username()).isEqualTo("ann");
            assertThat(client.broker.credentials.getFirst().password()).containsExactly(1);
            Sessions.SessionRequest request = client.broker.requests.getFirst();
            assertThat(request.clientId()).isEqualTo("device1");
            assertThat(request.cleanStart()).isFalse();
            assertThat(request.expirySeconds()).isEqualTo(3_600);
            assertThat(request.receiveMaximum()).isEqualTo(20);
            assertThat(request.host()).isEqualTo("127.0.0.1");
            Sessions.Will asked = request.will();
            assertThat(asked).isNotNull();
            assertThat(asked.delaySeconds()).isEqualTo(5);
            assertThat(asked.message().address()).hasToString("state/device1");
            assertThat(asked.message().qos()).isEqualTo((byte) 1);
            assertThat(asked.message().retained()).isTrue();
            assertThat(asked.message().expirySeconds()).isEqualTo(9);
            assertThat(asked.message().headers())
                    .singleElement()
                    .satisfies(header -> assertThat(header.name()).isEqualTo("content-type"));
        }
    }

    @Test
    void sessionOfV311LivesAsCleanSessionSays() {
        try (TestClient client = new TestClient(V3_1_1)) {
            client.send(new Connect(V3_1_1, false, 0, "d", Properties.EMPTY, null, null, null));
            assertThat(client.receiveBytes()).containsExactly(0x20, 2, 0, 0);
            assertThat(client.broker.requests.getFirst().expirySeconds()).isEqualTo(0xFFFFFFFFL);
        }
        try (TestClient client = TestClient.connected(V3_1_1)) {
            assertThat(client.broker.requests.getFirst().expirySeconds()).isZero();
        }
    }

    @Test
    void sessionPresentIsTold() {
        try (TestClient client = new TestClient(V3_1_1)) {
            client.broker.present = true;
            client.send(TestClient.connect(V3_1_1));
            assertThat(client.receiveBytes()).containsExactly(0x20, 2, 1, 0);
        }
    }

    @Test
    void emptyClientIdIsReplaced() {
        try (TestClient client = new TestClient(V5)) {
            client.send(new Connect(V5, false, 0, "", Properties.EMPTY, null, null, null));
            String assigned =
                    client.receive(ConnAck.class)
                            .properties()
                            .text(Property.ASSIGNED_CLIENT_IDENTIFIER);
            assertThat(assigned).startsWith("auto-").hasSize(29);
            assertThat(client.broker.requests.getFirst().clientId()).isEqualTo(assigned);
        }
    }

    @Test
    void emptyClientIdOfV311NeedsCleanSession() {
        try (TestClient client = new TestClient(V3_1_1)) {
            client.send(new Connect(V3_1_1, false, 0, "", Properties.EMPTY, null, null, null));
            assertThat(client.receiveBytes()).containsExactly(0x20, 2, 0, 2);
            assertThat(client.isClosed()).isTrue();
        }
        try (TestClient client = new TestClient(V3_1_1)) {
            client.send(new Connect(V3_1_1, true, 0, "", Properties.EMPTY, null, null, null));
            assertThat(client.receiveBytes()).containsExactly(0x20, 2, 0, 0);
        }
    }

    @Test
    void limitsOfTheServerAreTold() {
        MqttSettings settings = new MqttSettings(1_000, 65_535, 10, 600, 30, 10);
        try (TestClient client = new TestClient(V5, settings)) {
            Properties wish =
                    Properties.builder().number(Property.SESSION_EXPIRY_INTERVAL, 601).build();
            client.send(TestClient.connect(V5, wish));
            Properties properties = client.receive(ConnAck.class).properties();
            assertThat(properties.number(Property.SESSION_EXPIRY_INTERVAL, 0)).isEqualTo(600);
            assertThat(properties.number(Property.SERVER_KEEP_ALIVE, 0)).isEqualTo(30);
            assertThat(properties.has(Property.RECEIVE_MAXIMUM)).isFalse();
            assertThat(client.broker.requests.getFirst().receiveMaximum()).isEqualTo(10);
        }
    }

    @Test
    void enhancedAuthenticationIsRefused() {
        try (TestClient client = new TestClient(V5)) {
            Properties method =
                    Properties.builder().text(Property.AUTHENTICATION_METHOD, "SCRAM").build();
            client.send(TestClient.connect(V5, method));
            assertThat(client.receive(ConnAck.class).reason())
                    .isEqualTo(ReasonCode.BAD_AUTHENTICATION_METHOD);
            assertThat(client.isClosed()).isTrue();
            assertThat(client.broker.credentials).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "BAD_CREDENTIALS, BAD_USER_NAME_OR_PASSWORD, 4",
        "NOT_AUTHENTICATED, NOT_AUTHORIZED, 5",
        "NOT_AUTHORIZED, NOT_AUTHORIZED, 5",
        "BUSY, SERVER_BUSY, 3",
        "METADATA_UNAVAILABLE, SERVER_UNAVAILABLE, 3",
        "STORAGE_FAILED, UNSPECIFIED_ERROR, 3",
    })
    void refusalsAreToldInEachVersionsWords(Reason reason, ReasonCode v5, byte v311) {
        try (TestClient client = new TestClient(V5)) {
            client.broker.authentication = FakeBroker.refusal(reason);
            client.send(TestClient.connect(V5));
            ConnAck answer = client.receive(ConnAck.class);
            assertThat(answer.reason()).isEqualTo(v5);
            assertThat(answer.properties().text(Property.REASON_STRING)).contains("test");
            assertThat(client.isClosed()).isTrue();
            assertThat(client.count("connects_refused")).isEqualTo(1);
        }
        try (TestClient client = new TestClient(V3_1_1)) {
            client.broker.opening = FakeBroker.refusal(reason);
            client.send(TestClient.connect(V3_1_1));
            assertThat(client.receiveBytes()).containsExactly(0x20, 2, 0, v311);
            assertThat(client.isClosed()).isTrue();
        }
    }

    @Test
    void olderProtocolGetsItsReturnCode() {
        try (TestClient client = new TestClient(V3_1_1)) {
            client.send(HexFormat.of().parseHex("100e00064d514973647003020000" + "0000"));
            assertThat(client.receiveBytes()).containsExactly(0x20, 2, 0, 1);
            assertThat(client.isClosed()).isTrue();
        }
    }

    @Test
    void malformedConnectIsAnsweredInV5Only() {
        try (TestClient client = new TestClient(V5)) {
            client.send(HexFormat.of().parseHex("100d00044d51545405030000" + "000000"));
            assertThat(client.receive(ConnAck.class).reason())
                    .isEqualTo(ReasonCode.MALFORMED_PACKET);
            assertThat(client.isClosed()).isTrue();
        }
        try (TestClient client = new TestClient(V3_1_1)) {
            client.send(HexFormat.of().parseHex("100c00044d51545404030000" + "0000"));
            assertThat(client.receiveBytes()).isEmpty();
            assertThat(client.isClosed()).isTrue();
        }
    }

    @Test
    void anythingBeforeConnectClosesWithoutAWord() {
        try (TestClient client = new TestClient(V5)) {
            client.send(Ping.REQUEST);
            assertThat(client.receiveBytes()).isEmpty();
            assertThat(client.isClosed()).isTrue();
            assertThat(client.established).isFalse();
        }
    }

    @Test
    void secondConnectIsAProtocolError() {
        try (TestClient client = TestClient.connected(V5)) {
            client.send(TestClient.connect(V5));
            assertThat(client.receive(Disconnect.class).reason())
                    .isEqualTo(ReasonCode.PROTOCOL_ERROR);
            assertThat(client.session().ends).containsExactly(Session.End.ABNORMAL);
        }
    }

    @Test
    void whatComesBehindConnectWaitsForTheSession() {
        try (TestClient client = new TestClient(V5)) {
            client.broker.held = true;
            client.send(
                    TestClient.connect(V5),
                    TestClient.publish("a", 1, 1, Properties.EMPTY),
                    Ping.REQUEST);
            assertThat(client.receive()).isEmpty();
            assertThat(client.channel.config().isAutoRead()).isFalse();
            client.send(TestClient.publish("b", 1, 2, Properties.EMPTY));

            client.broker.proceed(); // authenticated
            assertThat(client.receive()).isEmpty();
            client.broker.proceed(); // opened

            assertThat(client.receive()).hasSize(4); // CONNACK, PUBACK, PINGRESP, PUBACK
            assertThat(client.session().published).hasSize(2);
            assertThat(client.channel.config().isAutoRead()).isTrue();
        }
    }

    @Test
    void clientThatLeavesWhileItsSessionOpensLeavesNothingBehind() {
        try (TestClient client = new TestClient(V5)) {
            client.broker.held = true;
            client.send(TestClient.connect(V5));
            client.broker.proceed();
            client.channel.close();
            client.broker.proceed();
            assertThat(client.session().ends).containsExactly(Session.End.ABNORMAL);
        }
    }

    @Test
    void clientThatLeavesWhileItIsAuthenticatedOpensNoSession() {
        try (TestClient client = new TestClient(V5)) {
            client.broker.held = true;
            client.send(TestClient.connect(V5));
            client.channel.close();
            client.broker.proceed();
            assertThat(client.broker.requests).isEmpty();
        }
    }
}
