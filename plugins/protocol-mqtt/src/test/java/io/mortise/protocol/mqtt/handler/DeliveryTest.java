// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.mqtt.handler;

import static io.mortise.protocol.mqtt.codec.ProtocolVersion.V3_1_1;
import static io.mortise.protocol.mqtt.codec.ProtocolVersion.V5;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.protocol.mqtt.codec.Acknowledgement;
import io.mortise.protocol.mqtt.codec.PacketType;
import io.mortise.protocol.mqtt.codec.Properties;
import io.mortise.protocol.mqtt.codec.Property;
import io.mortise.protocol.mqtt.codec.PropertyCursor;
import io.mortise.protocol.mqtt.codec.ProtocolVersion;
import io.mortise.protocol.mqtt.codec.Publish;
import io.mortise.protocol.mqtt.codec.ReasonCode;
import io.mortise.spi.broker.Message;
import io.mortise.spi.record.Header;
import io.netty.buffer.Unpooled;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

class DeliveryTest {
    @ParameterizedTest
    @EnumSource(ProtocolVersion.class)
    void packetHasWhatTheDeliverySays(ProtocolVersion version) {
        try (TestClient client = TestClient.connected(version)) {
            for (int qos = 0; qos <= 2; qos++) {
                FakeDelivery delivery = FakeDelivery.qos(qos, qos == 0 ? 0 : 40 + qos);
                delivery.retained = qos == 1;
                delivery.duplicate = qos == 2;
                assertThat(client.broker.receiver().deliver(delivery)).isTrue();
                Publish packet = client.receive(Publish.class);
                assertThat(packet.topic()).isEqualTo("factory/line1/temp");
                assertThat(packet.qos()).isEqualTo(qos);
                assertThat(packet.packetId()).isEqualTo(delivery.deliveryId);
                assertThat(packet.isRetain()).isEqualTo(delivery.retained);
                assertThat(packet.isDuplicate()).isEqualTo(delivery.duplicate);
                assertThat(payload(packet)).isEqualTo("21.5");
                assertThat(packet.properties().isEmpty()).isTrue();
                assertThat(delivery.attachments).isZero();
            }
            assertThat(client.count("deliveries")).isEqualTo(3);
        }
    }

    @Test
    void propertiesAreForV5Only() {
        FakeDelivery delivery = rich();
        try (TestClient client = TestClient.connected(V3_1_1)) {
            client.broker.receiver().deliver(delivery);
            assertThat(client.receive(Publish.class).properties().isEmpty()).isTrue();
            assertThat(delivery.attachments).isZero();
        }
        try (TestClient client = TestClient.connected(V5)) {
            client.broker.receiver().deliver(delivery);
            Properties properties = client.receive(Publish.class).properties();
            assertThat(properties.number(Property.PAYLOAD_FORMAT_INDICATOR, 0)).isEqualTo(1);
            assertThat(properties.number(Property.MESSAGE_EXPIRY_INTERVAL, 0)).isEqualTo(30);
            assertThat(properties.text(Property.CONTENT_TYPE)).isEqualTo("text/plain");
            assertThat(properties.text(Property.RESPONSE_TOPIC)).isEqualTo("answers/1");
            assertThat(properties.binary(Property.CORRELATION_DATA)).containsExactly(0, -1);
            assertThat(describe(properties))
                    .contains("USER_PROPERTY n=1", "USER_PROPERTY n=2", "SUBSCRIPTION_IDENTIFIER 2")
                    .containsSubsequence("USER_PROPERTY n=1", "USER_PROPERTY n=2");
        }
    }

    @Test
    void sharedPropertiesAreEncodedOnceForAFanOut() {
        FakeDelivery delivery = rich();
        for (int receiver = 1; receiver <= 3; receiver++) {
            try (TestClient client = TestClient.connected(V5)) {
                delivery.subscriptionIdentifiers = new int[] {receiver, 200 + receiver};
                client.broker.receiver().deliver(delivery);
                List<String> properties = describe(client.receive(Publish.class).properties());
                assertThat(properties)
                        .contains(
                                "SUBSCRIPTION_IDENTIFIER " + receiver,
                                "SUBSCRIPTION_IDENTIFIER " + (200 + receiver))
                        .hasSize(9);
            }
        }
        assertThat(delivery.attachments).isEqualTo(1);
    }

    @Test
    void everyPropertyComesBackAsItWasSent() {
        Properties sent =
                Properties.builder()
                        .number(Property.PAYLOAD_FORMAT_INDICATOR, 1)
                        .text(Property.CONTENT_TYPE, "application/json")
                        .text(Property.RESPONSE_TOPIC, "a/b")
                        .binary(Property.CORRELATION_DATA, new byte[] {0, 1, -1})
                        .user("name", "värde")
                        .user("name", "second")
                        .user("", "")
                        .user("content-type", "of the user")
                        .user("m.q", "of the user")
                        .user("user.m.q", "of the user")
                        .user("user.name", "left alone")
                        .build();
        try (TestClient client = TestClient.connected(V5)) {
            client.send(TestClient.publish("a", 0, 0, sent));
            Message message = client.session().published.getFirst();
            assertThat(message.headers())
                    .extracting(Header::name)
                    .containsExactly(
                            "m.u",
                            "content-type",
                            "reply-to",
                            "correlation-id",
                            "name",
                            "name",
                            "",
                            "user.content-type",
                            "user.m.q",
                            "user.user.m.q",
                            "user.name");
            FakeDelivery delivery = new FakeDelivery();
            delivery.utf8Payload = true;
            delivery.headers = message.headers().subList(1, message.headers().size());
            client.broker.receiver().deliver(delivery);
            assertThat(describe(client.receive(Publish.class).properties()))
                    .isEqualTo(describe(sent));
        }
    }

    @Test
    void headersThatMqttCannotCarryAreLeftOutAndCounted() {
        FakeDelivery delivery = new FakeDelivery();
        delivery.headers =
                List.of(
                        new Header("binary", new byte[] {(byte) 0xFF}),
                        new Header("nul", new byte[] {0}),
                        new Header("long", new byte[65_536]),
                        new Header("content-type", new byte[] {(byte) 0xFF}),
                        new Header("reply-to", "a/#".getBytes(StandardCharsets.UTF_8)),
                        new Header("good", "1".getBytes(StandardCharsets.UTF_8)));
        try (TestClient client = TestClient.connected(V5)) {
            client.broker.receiver().deliver(delivery);
            assertThat(describe(client.receive(Publish.class).properties()))
                    .containsExactly("USER_PROPERTY reply-to=a/#", "USER_PROPERTY good=1");
            assertThat(client.count("headers_skipped")).isEqualTo(4);
        }
    }

    @Test
    void deliveriesOfOneTurnAreOneWrite() {
        try (TestClient client = TestClient.connected(V3_1_1)) {
            for (int i = 0; i < 100; i++) {
                client.broker.receiver().deliver(new FakeDelivery());
            }
            client.broker.receiver().flush();
            client.channel.runPendingTasks();
            assertThat(client.channel.outboundMessages()).hasSize(1);
            assertThat(client.receive()).hasSize(100);
        }
    }

    @Test
    void largePayloadsAreNotCopied() {
        try (TestClient client = TestClient.connected(V3_1_1)) {
            FakeDelivery large = new FakeDelivery();
            large.payload = Unpooled.buffer(5_000).writeZero(5_000);
            client.broker.receiver().deliver(new FakeDelivery());
            client.broker.receiver().deliver(large);
            client.broker.receiver().deliver(new FakeDelivery());
            client.channel.runPendingTasks();
            assertThat(client.channel.outboundMessages()).hasSize(3);
            assertThat(large.payload.refCnt()).isEqualTo(2);
            assertThat(client.receive()).hasSize(3);
            assertThat(large.payload.refCnt()).isEqualTo(1);
        }
    }

    @Test
    void slowClientIsLeftAloneUntilItReads() {
        try (TestClient client = TestClient.connected(V3_1_1)) {
            client.channel.unsafe().outboundBuffer().setUserDefinedWritability(1, false);
            assertThat(client.broker.receiver().deliver(new FakeDelivery())).isFalse();
            assertThat(client.session().resumes).isZero();
            client.channel.unsafe().outboundBuffer().setUserDefinedWritability(1, true);
            client.channel.runPendingTasks();
            assertThat(client.session().resumes).isEqualTo(1);
            assertThat(client.broker.receiver().deliver(new FakeDelivery())).isTrue();
        }
    }

    @Test
    void packetsLargerThanTheClientTakesAreDropped() {
        try (TestClient client = new TestClient(V5)) {
            Properties small =
                    Properties.builder().number(Property.MAXIMUM_PACKET_SIZE, 40).build();
            client.send(TestClient.connect(V5, small));
            client.receive();
            FakeDelivery large = FakeDelivery.qos(1, 7);
            large.payload = Unpooled.buffer(40).writeZero(40);
            assertThat(client.broker.receiver().deliver(large)).isTrue();
            assertThat(client.session().acknowledged).isEmpty();
            assertThat(client.receive()).isEmpty();
            assertThat(client.session().acknowledged).containsExactly(7);
            assertThat(client.count("deliveries_oversize")).isEqualTo(1);
            client.broker.receiver().deliver(new FakeDelivery());
            client.receive(Publish.class);
        }
    }

    @Test
    void pubAckAndPubCompAcknowledge() {
        try (TestClient client = TestClient.connected(V5)) {
            client.send(answer(PacketType.PUBACK, 1, ReasonCode.SUCCESS));
            client.send(answer(PacketType.PUBACK, 2, ReasonCode.UNSPECIFIED_ERROR));
            client.send(answer(PacketType.PUBCOMP, 3, ReasonCode.SUCCESS));
            assertThat(client.session().acknowledged).containsExactly(1, 2, 3);
            assertThat(client.receive()).isEmpty();
        }
    }

    @Test
    void pubRecIsReleasedOnceItIsDurable() {
        try (TestClient client = TestClient.connected(V5)) {
            client.session().held = true;
            client.send(answer(PacketType.PUBREC, 5, ReasonCode.SUCCESS));
            assertThat(client.receive()).isEmpty();
            client.session().proceed();
            assertThat(client.receiveBytes()).containsExactly(0x62, 2, 0, 5);

            client.session().known = false;
            client.send(answer(PacketType.PUBREC, 6, ReasonCode.SUCCESS));
            client.session().proceed();
            assertThat(client.receiveBytes()).containsExactly(0x62, 3, 0, 6, 0x92);
        }
    }

    @Test
    void pubRecWithAnErrorEndsTheDelivery() {
        try (TestClient client = TestClient.connected(V5)) {
            client.send(answer(PacketType.PUBREC, 5, ReasonCode.QUOTA_EXCEEDED));
            assertThat(client.session().acknowledged).containsExactly(5);
            assertThat(client.session().received).isEmpty();
            assertThat(client.receive()).isEmpty();
        }
    }

    @Test
    void interruptedDeliveryGoesOnWithPubRel() {
        try (TestClient client = TestClient.connected(V3_1_1)) {
            client.broker.receiver().release(11);
            assertThat(client.receiveBytes()).containsExactly(0x62, 2, 0, 11);
        }
    }

    private static Acknowledgement answer(PacketType type, int id, ReasonCode reason) {
        return new Acknowledgement(type, id, reason, Properties.EMPTY);
    }

    private static FakeDelivery rich() {
        FakeDelivery delivery = new FakeDelivery();
        delivery.utf8Payload = true;
        delivery.remainingExpirySeconds = 30;
        delivery.subscriptionIdentifiers = new int[] {1, 2};
        delivery.headers =
                List.of(
                        new Header("n", "1".getBytes(StandardCharsets.UTF_8)),
                        new Header("content-type", "text/plain".getBytes(StandardCharsets.UTF_8)),
                        new Header("reply-to", "answers/1".getBytes(StandardCharsets.UTF_8)),
                        new Header("correlation-id", new byte[] {0, -1}),
                        new Header("n", "2".getBytes(StandardCharsets.UTF_8)));
        return delivery;
    }

    private static List<String> describe(Properties properties) {
        List<String> all = new ArrayList<>();
        PropertyCursor cursor = properties.cursor();
        while (cursor.next()) {
            String value =
                    switch (cursor.property()) {
                        case USER_PROPERTY -> cursor.name() + "=" + cursor.text();
                        case SUBSCRIPTION_IDENTIFIER -> Long.toString(cursor.number());
                        default -> HexFormat.of().formatHex(cursor.binary());
                    };
            all.add(cursor.property() + " " + value);
        }
        return all;
    }

    private static String payload(Publish packet) {
        return packet.frame()
                .toString(packet.payloadIndex(), packet.payloadLength(), StandardCharsets.UTF_8);
    }
}
