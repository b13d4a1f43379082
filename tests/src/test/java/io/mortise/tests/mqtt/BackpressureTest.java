// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.tests.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.protocol.mqtt.codec.Acknowledgement;
import io.mortise.protocol.mqtt.codec.Packet;
import io.mortise.protocol.mqtt.codec.PacketType;
import io.mortise.protocol.mqtt.codec.ProtocolVersion;
import io.mortise.protocol.mqtt.codec.Publish;
import io.netty.buffer.PooledByteBufAllocator;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** A subscriber that does not read costs no memory and misses nothing of QoS 1. */
class BackpressureTest {
    private static final int PAYLOAD_BYTES = 10_000;
    private static final int MESSAGES = Boolean.getBoolean("mortise.deep") ? 20_000 : 4_000;
    private static final int QOS0_BYTES = 1_000;
    private static final int QOS0_MESSAGES = 30_000;
    private static final int WINDOW = 50;
    private static final long MOST_MORE_BYTES = 8L << 20;

    @Test
    void backlogOfASlowSubscriberIsReadFromTheLog(@TempDir Path data) throws Exception {
        try (MqttBroker broker = MqttBroker.start(data);
                CodecClient slow = slow(broker);
                CodecClient sender = CodecClient.connect(broker.mqttPort())) {
            slow.open("slow", true);
            slow.subscribe("slow/#", 1);
            sender.open("sender", true);
            publish(sender, 0, 500); // the subscriber is behind already, buffers have their size
            long before = usedBytes();
            publish(sender, 500, MESSAGES);
            assertThat(usedBytes() - before).isLessThan(MOST_MORE_BYTES);
            for (int i = 0; i < MESSAGES; i++) {
                assertThat(number(slow)).isEqualTo(i);
            }
            assertThat(slow.receive(300)).isNull();
        }
    }

    @Test
    void qos0BeyondTheBoundIsDroppedAndCounted(@TempDir Path data) throws Exception {
        try (MqttBroker broker = MqttBroker.start(data);
                CodecClient slow = slow(broker);
                CodecClient quick = CodecClient.connect(broker.mqttPort());
                CodecClient sender = CodecClient.connect(broker.mqttPort())) {
            slow.open("slow", true);
            slow.subscribe("quick/#", 0);
            quick.open("quick", true);
            quick.subscribe("quick/#", 0);
            sender.open("sender", true);
            publishQos0(sender, quick);
            int last = -1;
            int received = 0;
            while (last < QOS0_MESSAGES - 1) { // the newest are within the bound
                int number = number((Publish) slow.receive());
                assertThat(number).isGreaterThan(last);
                last = number;
                received++;
            }
            assertThat(broker.metric("mortise_session_qos0_dropped_messages_total"))
                    .isEqualTo(QOS0_MESSAGES - received)
                    .isPositive();
        }
    }

    private static CodecClient slow(MqttBroker broker) throws IOException {
        return CodecClient.connect(ProtocolVersion.V3_1_1, broker.mqttPort(), 65_536, 16_384);
    }

    /** Publishes one after the other, a window of them unanswered. */
    private static void publish(CodecClient sender, int from, int to) throws IOException {
        int answered = from;
        for (int i = from; i < to; i++) {
            byte[] payload = ByteBuffer.allocate(PAYLOAD_BYTES).putInt(i).array();
            sender.publish("slow/same", 1, 1 + i % 1000, payload);
            if (i - answered >= WINDOW) {
                assertThat(sender.receive()).isInstanceOf(Acknowledgement.class);
                answered++;
            }
        }
        for (; answered < to; answered++) {
            assertThat(sender.receive()).isInstanceOf(Acknowledgement.class);
        }
    }

    /** In runs short enough for the quick subscriber never to fall behind. */
    private static void publishQos0(CodecClient sender, CodecClient quick) throws IOException {
        byte[] payload = new byte[QOS0_BYTES];
        for (int from = 0; from < QOS0_MESSAGES; from += WINDOW) {
            for (int i = from; i < from + WINDOW; i++) {
                ByteBuffer.wrap(payload).putInt(i);
                sender.publish("quick/same", 0, 0, payload);
            }
            for (int i = from; i < from + WINDOW; i++) {
                assertThat(number((Publish) quick.receive())).isEqualTo(i);
            }
        }
    }

    private static int number(CodecClient receiver) throws IOException {
        Packet packet = receiver.receive();
        assertThat(packet).isInstanceOf(Publish.class);
        Publish publish = (Publish) packet;
        int number = number(publish);
        receiver.acknowledge(PacketType.PUBACK, publish.packetId());
        return number;
    }

    private static int number(Publish publish) {
        return publish.frame().getInt(publish.payloadIndex());
    }

    private static long usedBytes() {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        long heap = runtime.totalMemory() - runtime.freeMemory();
        return heap + PooledByteBufAllocator.DEFAULT.pinnedDirectMemory();
    }
}
