// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.tests.mqtt;

import static io.mortise.tests.mqtt.Clients.connected;
import static io.mortise.tests.mqtt.Clients.inbox;
import static io.mortise.tests.mqtt.Clients.publish;
import static io.mortise.tests.mqtt.Clients.subscribe;

import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;

import io.mortise.tests.mqtt.Clients.Inbox;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;

/** Clients that break the rules get their answer; others notice nothing. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HostileClientsTest {
    private static final int CONVERSATIONS = Boolean.getBoolean("mortise.deep") ? 100_000 : 5_000;
    private static final int FRAMES_EACH = 5;

    private MqttBroker broker;
    private int port;

    @BeforeAll
    void start(@TempDir Path data) throws Exception {
        broker = MqttBroker.start(data);
        port = broker.mqttPort();
    }

    @AfterAll
    void stop() throws Exception {
        broker.close();
    }

    @Test
    void mutatedFramesHarmNobodyElse() throws IOException {
        try (LeakWatch watch = new LeakWatch()) {
            sendMutatedFrames();
        }
        assertThat(broker.metric("mortise_mqtt_failures_total")).isZero();
        assertThat(broker.metric("mortise_mqtt_connections_faulty_total")).isPositive();
    }

    private void sendMutatedFrames() throws IOException {
        Mqtt5BlockingClient bystander = connected(port, "bystander");
        try (Inbox inbox = inbox(bystander)) {
            subscribe(bystander, "bystander/#", 1);
            for (int seed = 0; seed < CONVERSATIONS / FRAMES_EACH; seed++) {
                misbehave(new Random(seed), seed);
                if (seed % 100 == 0) {
                    publish(bystander, "bystander/a", 1, "seed " + seed);
                    assertThat(inbox.texts(1)).containsExactly("seed " + seed);
                }
            }
            assertThat(bystander.getState().isConnected()).isTrue();
        }
        bystander.disconnect();
    }

    @Test
    void oversizePacketIsRefusedByItsLength() throws IOException {
        try (RawClient client = RawClient.connect(port)) {
            client.send(RawClient.connect("oversize"));
            assertThat(client.read(4)).containsExactly(0x20, 2, 0, 0);
            client.send(new byte[] {0x30, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, 0x7F});
            assertThat(client.isClosedByPeer()).isTrue();
        }
    }

    @Test
    void wrongProtocolVersionGetsItsReturnCode() throws IOException {
        try (RawClient client = RawClient.connect(port)) {
            client.send(
                    new byte[] {0x10, 14, 0, 6, 'M', 'Q', 'I', 's', 'd', 'p', 3, 2, 0, 60, 0, 0});
            assertThat(client.read(4)).containsExactly(0x20, 2, 0, 1);
            assertThat(client.isClosedByPeer()).isTrue();
        }
    }

    @Test
    void badUtf8ClosesTheConnection() throws IOException {
        try (RawClient client = RawClient.connect(port)) {
            client.send(RawClient.connect("utf8"));
            assertThat(client.read(4)).containsExactly(0x20, 2, 0, 0);
            client.send(RawClient.packet(0x30, new byte[] {0, 2, (byte) 0xC3, '(', 'x'}));
            assertThat(client.isClosedByPeer()).isTrue();
        }
    }

    @Test
    void internalTopicsAreRefused() throws IOException {
        try (RawClient client = RawClient.connect(port)) {
            client.send(RawClient.connect("internal"));
            assertThat(client.read(4)).containsExactly(0x20, 2, 0, 0);
            byte[] publish = RawClient.publish("__consumer_offsets/x", "  body");
            publish[0] = 0x32; // QoS 1, the first two blanks being its packet identifier
            client.send(publish);
            assertThat(client.isClosedByPeer()).isTrue();
        }
    }

    private void misbehave(Random random, int seed) throws IOException {
        ByteArrayOutputStream frames = new ByteArrayOutputStream();
        frames.writeBytes(RawClient.connect("hostile" + seed));
        int connectLength = frames.size();
        frames.writeBytes(RawClient.packet(0x82, new byte[] {0, 1, 0, 3, 'h', '/', '#', 1}));
        for (int i = 0; i < FRAMES_EACH - 2; i++) {
            frames.writeBytes(RawClient.publish("hostile/" + i, "payload of some length"));
        }
        byte[] bytes = frames.toByteArray();
        int from = random.nextInt(4) == 0 ? 0 : connectLength;
        for (int i = 1 + random.nextInt(3); i > 0; i--) {
            bytes[from + random.nextInt(bytes.length - from)] = (byte) random.nextInt(256);
        }
        try (RawClient client = RawClient.connect(port)) {
            client.send(bytes);
            if (random.nextBoolean()) {
                client.read(4);
            }
        } catch (IOException closedByTheBroker) {
            assertThat(closedByTheBroker).isNotInstanceOf(java.net.SocketTimeoutException.class);
        }
    }
}
