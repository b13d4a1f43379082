// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.tests.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mortise.protocol.mqtt.codec.Acknowledgement;
import io.mortise.protocol.mqtt.codec.ConnAck;
import io.mortise.protocol.mqtt.codec.Disconnect;
import io.mortise.protocol.mqtt.codec.Packet;
import io.mortise.protocol.mqtt.codec.PacketType;
import io.mortise.protocol.mqtt.codec.Properties;
import io.mortise.protocol.mqtt.codec.Property;
import io.mortise.protocol.mqtt.codec.PropertyCursor;
import io.mortise.protocol.mqtt.codec.Publish;
import io.mortise.protocol.mqtt.codec.ReasonCode;
import io.mortise.protocol.mqtt.codec.SubAck;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;

/** Exchanges that client libraries hide, packet by packet. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ProtocolTest {
    private static final byte[] BODY = "body".getBytes(UTF_8);

    private MqttBroker broker;
    private int port;

    @BeforeAll
    void start(@TempDir Path data) throws Exception {
        broker = MqttBroker.start(data);
        port = broker.mqttPort();
    }

    @AfterAll
    void stop() {
        broker.close();
    }

    @Test
    void receiveMaximumHoldsDeliveriesBack() throws IOException {
        Properties two = Properties.builder().number(Property.RECEIVE_MAXIMUM, 2).build();
        try (CodecClient client = CodecClient.connectV5(port)) {
            client.open("receive-maximum", true, 0, two);
            client.subscribe("receive/maximum", 1);
            for (int i = 1; i <= 4; i++) {
                client.publish("receive/maximum", 1, i, new byte[] {(byte) i});
            }
            int answers = 0;
            int first = 0;
            int deliveries = 0;
            while (answers < 4 || deliveries < 2) {
                switch (client.receive()) {
                    case Publish publish -> {
                        deliveries++;
                        first = first == 0 ? publish.packetId() : first;
                    }
                    default -> answers++;
                }
            }
            assertThat(client.receive(300)).isNull();
            client.acknowledge(PacketType.PUBACK, first);
            Publish third = (Publish) client.receive();
            assertThat(third.frame().getByte(third.payloadIndex())).isEqualTo((byte) 3);
            assertThat(client.receive(300)).isNull();
        }
    }

    @Test
    void unacknowledgedDeliveryComesAgainMarked() throws IOException {
        int id;
        try (CodecClient client = CodecClient.connect(port)) {
            client.open("again", false);
            client.subscribe("again/#", 1);
            client.publish("again/a", 1, 1, BODY);
            Publish first = publish(client);
            assertThat(first.isDuplicate()).isFalse();
            id = first.packetId();
        }
        try (CodecClient client = CodecClient.connect(port)) {
            assertThat(client.open("again", false)).isTrue();
            Publish again = (Publish) client.receive();
            assertThat(again.packetId()).isEqualTo(id);
            assertThat(again.isDuplicate()).isTrue();
            client.acknowledge(PacketType.PUBACK, id);
            assertThat(client.receive(300)).isNull();
        }
        try (CodecClient client = CodecClient.connect(port)) {
            assertThat(client.open("again", false)).isTrue();
            assertThat(client.receive(300)).isNull();
        }
    }

    @Test
    void receivedDeliveryGoesOnWithItsRelease() throws IOException {
        int id;
        try (CodecClient client = CodecClient.connect(port)) {
            client.open("release", false);
            client.subscribe("release/#", 2);
            client.publish("release/a", 1, 1, BODY);
            client.publish("release/a", 2, 2, BODY);
            Publish delivery = publish(client);
            while (delivery.qos() != 2) {
                client.acknowledge(PacketType.PUBACK, delivery.packetId());
                delivery = publish(client);
            }
            id = delivery.packetId();
            client.acknowledge(PacketType.PUBREC, id);
            assertThat(acknowledgement(client, PacketType.PUBREL)).isEqualTo(id);
        }
        try (CodecClient client = CodecClient.connect(port)) {
            assertThat(client.open("release", false)).isTrue();
            assertThat(acknowledgement(client, PacketType.PUBREL)).isEqualTo(id);
            client.acknowledge(PacketType.PUBCOMP, id);
            assertThat(client.receive(300)).isNull();
        }
    }

    @Test
    void repeatedQos2PublishIsOneMessage() throws IOException {
        try (CodecClient watcher = CodecClient.connect(port)) {
            watcher.open("once-watcher", true);
            watcher.subscribe("once/#", 0);
            try (CodecClient client = CodecClient.connect(port)) {
                client.open("once", false);
                client.publish("once/a", 2, 5, BODY);
                assertThat(acknowledgement(client, PacketType.PUBREC)).isEqualTo(5);
            }
            try (CodecClient client = CodecClient.connect(port)) {
                assertThat(client.open("once", false)).isTrue();
                client.send(Publish.of("once/a", 2, true, false, 5, Properties.EMPTY, BODY));
                assertThat(acknowledgement(client, PacketType.PUBREC)).isEqualTo(5);
                client.acknowledge(PacketType.PUBREL, 5);
                assertThat(acknowledgement(client, PacketType.PUBCOMP)).isEqualTo(5);
                client.publish("once/b", 2, 5, BODY); // released: a new message
                assertThat(acknowledgement(client, PacketType.PUBREC)).isEqualTo(5);
            }
            assertThat(((Publish) watcher.receive()).topic()).isEqualTo("once/a");
            assertThat(((Publish) watcher.receive()).topic()).isEqualTo("once/b");
            assertThat(watcher.receive(300)).isNull();
        }
    }

    @Test
    void releaseOfAnUnknownIdentifierIsTold() throws IOException {
        try (CodecClient client = CodecClient.connectV5(port)) {
            client.open("unknown", true, 0, Properties.EMPTY);
            client.acknowledge(PacketType.PUBREL, 77);
            Acknowledgement answer = (Acknowledgement) client.receive();
            assertThat(answer.reason()).isEqualTo(ReasonCode.PACKET_IDENTIFIER_NOT_FOUND);
        }
    }

    @Test
    void identifiersOfAllMatchingSubscriptionsAreTold() throws IOException {
        try (CodecClient client = CodecClient.connectV5(port)) {
            client.open("identifiers", true, 0, Properties.EMPTY);
            client.subscribe("identifiers/+", 0, 11);
            client.subscribe("identifiers/#", 0, 222);
            client.publish("identifiers/a", 0, 0, BODY);
            Set<Long> identifiers = new TreeSet<>();
            Packet packet = client.receive();
            while (packet != null) {
                PropertyCursor cursor = ((Publish) packet).properties().cursor();
                while (cursor.next()) {
                    assertThat(cursor.property()).isEqualTo(Property.SUBSCRIPTION_IDENTIFIER);
                    identifiers.add(cursor.number());
                }
                packet = client.receive(300);
            }
            assertThat(identifiers).containsExactly(11L, 222L);
        }
    }

    @Test
    void silentClientIsDisconnected() throws IOException {
        try (CodecClient client = CodecClient.connectV5(port)) {
            client.open("silent", true, 1, Properties.EMPTY);
            long begun = System.nanoTime();
            Disconnect goodbye = (Disconnect) client.receive();
            assertThat(goodbye.reason()).isEqualTo(ReasonCode.KEEP_ALIVE_TIMEOUT);
            assertThat(System.nanoTime() - begun)
                    .isGreaterThan(TimeUnit.MILLISECONDS.toNanos(1_400));
        }
    }

    @Test
    void sessionEndsWhenItExpires() throws Exception {
        Properties second =
                Properties.builder().number(Property.SESSION_EXPIRY_INTERVAL, 1).build();
        try (CodecClient client = CodecClient.connectV5(port)) {
            client.open("expiring", true, 0, second);
            client.subscribe("expiring/#", 1);
        }
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        boolean present = true;
        while (present) {
            TimeUnit.MILLISECONDS.sleep(2_500); // longer than the session lives
            try (CodecClient client = CodecClient.connectV5(port)) {
                present = client.open("expiring", false, 0, second).sessionPresent();
            }
            assertThat(System.nanoTime()).isLessThan(deadline);
        }
    }

    @Test
    void topicAliasIsAnError() throws IOException {
        try (CodecClient client = CodecClient.connectV5(port)) {
            ConnAck answer = client.open("alias", true, 0, Properties.EMPTY);
            assertThat(answer.properties().has(Property.TOPIC_ALIAS_MAXIMUM)).isFalse();
            Properties alias = Properties.builder().number(Property.TOPIC_ALIAS, 1).build();
            client.send(Publish.of("alias/a", 0, false, false, 0, alias, BODY));
            assertThat(((Disconnect) client.receive()).reason())
                    .isEqualTo(ReasonCode.TOPIC_ALIAS_INVALID);
        }
    }

    @Test
    void sharedSubscriptionIsRefusedAmongOthers() throws IOException {
        try (CodecClient client = CodecClient.connect(port)) {
            client.open("mixed", true);
            SubAck answer = client.subscribe("$share/group/a", 1);
            assertThat(answer.reasons()).containsExactly(ReasonCode.UNSPECIFIED_ERROR);
            assertThat(client.subscribe("mixed/a", 1).reasons())
                    .containsExactly(ReasonCode.GRANTED_QOS_1);
        }
    }

    /** The next delivery, over the answers to publishes. */
    private static Publish publish(CodecClient client) throws IOException {
        while (true) {
            if (client.receive() instanceof Publish publish) {
                return publish;
            }
        }
    }

    /** Identifier of the next acknowledgement of that type, over everything else. */
    private static int acknowledgement(CodecClient client, PacketType type) throws IOException {
        while (true) {
            if (client.receive() instanceof Acknowledgement answer && answer.type() == type) {
                return answer.packetId();
            }
        }
    }
}
