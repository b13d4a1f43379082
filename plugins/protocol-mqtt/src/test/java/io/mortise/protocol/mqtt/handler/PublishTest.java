// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.mqtt.handler;

import static io.mortise.protocol.mqtt.codec.ProtocolVersion.V3_1_1;
import static io.mortise.protocol.mqtt.codec.ProtocolVersion.V5;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.protocol.mqtt.codec.Acknowledgement;
import io.mortise.protocol.mqtt.codec.Disconnect;
import io.mortise.protocol.mqtt.codec.PacketType;
import io.mortise.protocol.mqtt.codec.Properties;
import io.mortise.protocol.mqtt.codec.Property;
import io.mortise.protocol.mqtt.codec.ProtocolVersion;
import io.mortise.protocol.mqtt.codec.Publish;
import io.mortise.protocol.mqtt.codec.ReasonCode;
import io.mortise.spi.Reason;
import io.mortise.spi.broker.Message;
import io.mortise.spi.broker.Session;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import java.nio.charset.StandardCharsets;

class PublishTest {
    @ParameterizedTest
    @EnumSource(ProtocolVersion.class)
    void qos0IsPublishedAndNotAnswered(ProtocolVersion version) {
        try (TestClient client = TestClient.connected(version)) {
            byte[] payload = "21.5".getBytes(StandardCharsets.UTF_8);
            client.send(
                    Publish.of("a/b", 0, false, true, 0, Properties.EMPTY, payload),
                    TestClient.publish("a/b", 0, 0, Properties.EMPTY));
            assertThat(client.receiveBytes()).isEmpty();
            assertThat(client.session().published).hasSize(2);
            Message message = client.session().published.getFirst();
            assertThat(message.address()).hasToString("a/b");
            assertThat(message.payload().toString(StandardCharsets.UTF_8)).isEqualTo("21.5");
            assertThat(message.qos()).isZero();
            assertThat(message.retained()).isTrue();
            assertThat(message.expirySeconds()).isEqualTo(-1);
            assertThat(message.headers()).isEmpty();
            assertThat(client.session().published.getLast().address()).isSameAs(message.address());
            assertThat(client.session().published.getLast().retained()).isFalse();
            assertThat(client.count("publishes")).isEqualTo(2);
        }
    }

    @ParameterizedTest
    @EnumSource(ProtocolVersion.class)
    void qos1IsAnsweredWhenTheBrokerHasIt(ProtocolVersion version) {
        try (TestClient client = TestClient.connected(version)) {
            client.session().held = true;
            client.send(
                    TestClient.publish("a", 1, 7, Properties.EMPTY),
                    TestClient.publish("a", 1, 0xFFFF, Properties.EMPTY));
            assertThat(client.receiveBytes()).isEmpty();

            client.session().proceed();

            assertThat(client.receiveBytes()).containsExactly(0x40, 2, 0, 7, 0x40, 2, 0xFF, 0xFF);
        }
    }

    @ParameterizedTest
    @EnumSource(ProtocolVersion.class)
    void qos2TakesFourPackets(ProtocolVersion version) {
        try (TestClient client = TestClient.connected(version)) {
            client.send(TestClient.publish("a", 2, 9, Properties.EMPTY));
            assertThat(client.receiveBytes()).containsExactly(0x50, 2, 0, 9);
            assertThat(client.session().exactlyOnce).containsExactly(9);
            assertThat(client.session().published.getFirst().qos()).isEqualTo((byte) 2);

            client.send(
                    new Acknowledgement(
                            PacketType.PUBREL, 9, ReasonCode.SUCCESS, Properties.EMPTY));
            assertThat(client.receiveBytes()).containsExactly(0x70, 2, 0, 9);
            assertThat(client.session().released).containsExactly(9);
        }
    }

    @Test
    void releaseOfAnUnknownIdentifierIsToldInV5() {
        try (TestClient client = TestClient.connected(V5)) {
            client.session().known = false;
            client.send(
                    new Acknowledgement(
                            PacketType.PUBREL, 5, ReasonCode.SUCCESS, Properties.EMPTY));
            assertThat(client.receiveBytes()).containsExactly(0x70, 3, 0, 5, 0x92);
        }
        try (TestClient client = TestClient.connected(V3_1_1)) {
            client.session().known = false;
            client.send(
                    new Acknowledgement(
                            PacketType.PUBREL, 5, ReasonCode.SUCCESS, Properties.EMPTY));
            assertThat(client.receiveBytes()).containsExactly(0x70, 2, 0, 5);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "NOT_AUTHORIZED, NOT_AUTHORIZED",
        "INVALID_TOPIC_NAME, TOPIC_NAME_INVALID",
        "QUOTA_EXCEEDED, QUOTA_EXCEEDED",
        "TOO_LARGE, QUOTA_EXCEEDED",
        "METADATA_UNAVAILABLE, IMPLEMENTATION_SPECIFIC_ERROR",
        "STORAGE_FAILED, UNSPECIFIED_ERROR",
    })
    void refusedPublishIsToldInV5(Reason reason, ReasonCode expected) {
        try (TestClient client = TestClient.connected(V5)) {
            client.session().refusal = FakeBroker.refusal(reason);
            client.send(
                    TestClient.publish("a", 1, 1, Properties.EMPTY),
                    TestClient.publish("a", 2, 2, Properties.EMPTY));
            assertThat(client.receive())
                    .hasSize(2)
                    .allSatisfy(
                            packet -> {
                                Acknowledgement answer = (Acknowledgement) packet;
                                assertThat(answer.reason()).isEqualTo(expected);
                                assertThat(answer.properties().text(Property.REASON_STRING))
                                        .isEqualTo("because of the test");
                            });
            assertThat(client.isClosed()).isFalse();
            assertThat(client.count("publishes_refused")).isEqualTo(2);
        }
    }

    @Test
    void reasonStringIsLeftOutWhereTheClientDoesNotWantIt() {
        try (TestClient client = new TestClient(V5)) {
            Properties quiet =
                    Properties.builder().number(Property.REQUEST_PROBLEM_INFORMATION, 0).build();
            client.send(TestClient.connect(V5, quiet));
            client.receive();
            client.session().refusal = FakeBroker.refusal(Reason.NOT_AUTHORIZED);
            client.send(TestClient.publish("a", 1, 1, Properties.EMPTY));
            assertThat(client.receiveBytes()).containsExactly(0x40, 3, 0, 1, 0x87);
        }
    }

    @Test
    void refusedPublishEndsAConnectionOfV311() {
        try (TestClient client = TestClient.connected(V3_1_1)) {
            client.session().refusal = FakeBroker.refusal(Reason.NOT_AUTHORIZED);
            client.send(TestClient.publish("a", 1, 1, Properties.EMPTY));
            assertThat(client.receiveBytes()).isEmpty();
            assertThat(client.isClosed()).isTrue();
            assertThat(client.session().ends).containsExactly(Session.End.ABNORMAL);
        }
    }

    @Test
    void refusedQos0IsCounted() {
        try (TestClient client = TestClient.connected(V3_1_1)) {
            client.session().refusal = FakeBroker.refusal(Reason.NOT_AUTHORIZED);
            client.send(TestClient.publish("a", 0, 0, Properties.EMPTY));
            assertThat(client.isClosed()).isFalse();
            assertThat(client.count("publishes_refused")).isEqualTo(1);
        }
    }

    @Test
    void topicAliasIsInvalid() {
        Properties alias = Properties.builder().number(Property.TOPIC_ALIAS, 1).build();
        assertDisconnected(TestClient.publish("a", 0, 0, alias), ReasonCode.TOPIC_ALIAS_INVALID);
        assertDisconnected(TestClient.publish("", 0, 0, alias), ReasonCode.TOPIC_ALIAS_INVALID);
    }

    @Test
    void subscriptionIdentifierFromAClientIsAProtocolError() {
        Properties identifier =
                Properties.builder().number(Property.SUBSCRIPTION_IDENTIFIER, 1).build();
        assertDisconnected(TestClient.publish("a", 0, 0, identifier), ReasonCode.PROTOCOL_ERROR);
    }

    @Test
    void wildcardInATopicNameIsInvalid() {
        assertDisconnected(
                TestClient.publish("a/+", 0, 0, Properties.EMPTY), ReasonCode.TOPIC_NAME_INVALID);
    }

    @Test
    void receiveMaximumCountsWhatIsNotAnswered() {
        try (TestClient client = TestClient.connected(V5)) {
            client.session().held = true;
            for (int id = 1; id <= 3; id++) {
                client.send(TestClient.publish("a", id == 2 ? 2 : 1, id, Properties.EMPTY));
            }
            client.session().proceed(); // two PUBACK give their place back, PUBREC does not
            assertThat(client.receive()).hasSize(3);
            client.send(
                    TestClient.publish("a", 1, 4, Properties.EMPTY),
                    TestClient.publish("a", 1, 5, Properties.EMPTY));
            assertThat(client.isClosed()).isFalse();
            client.send(TestClient.publish("a", 1, 6, Properties.EMPTY));
            assertThat(client.receive(Disconnect.class).reason())
                    .isEqualTo(ReasonCode.RECEIVE_MAXIMUM_EXCEEDED);
            assertThat(client.session().published).hasSize(5);
        }
    }

    @Test
    void reversedAnswersGoToTheirPublishes() {
        try (TestClient client = TestClient.connected(V5)) {
            client.session().held = true;
            client.send(
                    TestClient.publish("a", 1, 1, Properties.EMPTY),
                    TestClient.publish("a", 1, 2, Properties.EMPTY));
            client.session().proceed(1, 0);
            assertThat(client.receiveBytes()).containsExactly(0x40, 2, 0, 2, 0x40, 2, 0, 1);
        }
    }

    @Test
    void answerAfterTheEndIsDropped() {
        try (TestClient client = TestClient.connected(V5)) {
            client.session().held = true;
            client.send(TestClient.publish("a", 1, 1, Properties.EMPTY));
            client.channel.close();
            client.session().proceed();
            assertThat(client.receiveBytes()).isEmpty();
        }
    }

    @Test
    void readingStopsUntilPublishesAreWelcome() {
        try (TestClient client = TestClient.connected(V5)) {
            client.session().publishable = false;
            client.send(TestClient.publish("a", 0, 0, Properties.EMPTY));
            assertThat(client.channel.config().isAutoRead()).isFalse();
            client.session().publishable = true;
            client.broker.receiver().publishable();
            assertThat(client.channel.config().isAutoRead()).isTrue();
        }
    }

    @Test
    void answersOfOneTurnAreOneWrite() {
        try (TestClient client = TestClient.connected(V3_1_1)) {
            client.send(
                    TestClient.publish("a", 1, 1, Properties.EMPTY),
                    TestClient.publish("a", 1, 2, Properties.EMPTY),
                    TestClient.publish("a", 1, 3, Properties.EMPTY));
            client.channel.runPendingTasks();
            assertThat(client.channel.outboundMessages()).hasSize(1);
        }
    }

    private static void assertDisconnected(Publish publish, ReasonCode reason) {
        try (TestClient client = TestClient.connected(V5)) {
            client.send(publish);
            Disconnect answer = client.receive(Disconnect.class);
            assertThat(answer.reason()).isEqualTo(reason);
            assertThat(answer.properties().text(Property.REASON_STRING)).isNotEmpty();
            assertThat(client.isClosed()).isTrue();
            assertThat(client.session().published).isEmpty();
            assertThat(client.session().ends).containsExactly(Session.End.ABNORMAL);
            assertThat(client.count("connections_faulty")).isEqualTo(1);
        }
    }
}
