// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.tests.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;

import io.mortise.tests.mqtt.Clients.Inbox;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** A flipped bit in one of the broker's own logs costs what lies there, is said, and no more. */
class DamagedStateTest {
    private static final int COUNT = 12;

    @TempDir private Path data;

    @Test
    void neighboursOfDamagedStateAreRestored() throws Exception {
        try (MqttBroker broker = MqttBroker.start(data)) {
            fill(broker);
            assertThat(degraded(broker)).isEmpty();
        }
        flip("default/sleeper-5", 2); // its subscription,
        flip("default/sleeper-5", 3); // and what it was in the end
        flip("default/sleeper-8", 1); // which of this one is there
        flip("default/damaged/kept-2", 1);
        flip("damaged-group-5", 1);
        try (MqttBroker broker = MqttBroker.start(data)) {
            assertThat(broker.ready()).isTrue();
            assertThat(degraded(broker))
                    .hasSize(5)
                    .anyMatch(it -> it.contains("topic '__mortise_sessions' partition "))
                    .anyMatch(it -> it.contains("topic '__mortise_retained' partition "))
                    .anyMatch(it -> it.contains("topic '__consumer_offsets' partition "))
                    .allMatch(it -> it.contains("damaged and refused (file commit/"));
            assertThat(broker.metric("mortise_partition_damaged_ranges_total")).isEqualTo(5);
            assertThat(broker.metric("mortise_session_lost_states_total")).isEqualTo(1);
            sessionsButOne(broker);
            retainedButOne(broker);
            offsetsButOne(broker);
        }
    }

    private static List<String> degraded(MqttBroker broker) {
        return broker.health().degraded();
    }

    private static void fill(MqttBroker broker) throws Exception {
        Mqtt5BlockingClient sender = Clients.connected(broker.mqttPort(), "sender");
        for (int i = 0; i < COUNT; i++) {
            Mqtt5BlockingClient sleeper = Clients.v5(broker.mqttPort(), "sleeper-" + i);
            sleeper.connectWith().cleanStart(true).sessionExpiryInterval(600).send();
            Clients.subscribe(sleeper, "damaged/topic", 1);
            sender.publishWith()
                    .topic("damaged/kept-" + i)
                    .qos(MqttQos.AT_LEAST_ONCE)
                    .retain(true)
                    .payload(("retained " + i).getBytes(UTF_8))
                    .send();
            sleeper.disconnect(); // its notes do not lie side by side
        }
        Clients.publish(sender, "damaged/topic", 1, "for all");
        sender.disconnect();
        try (Admin admin = admin(broker)) {
            for (int i = 0; i < COUNT; i++) {
                var offset = new OffsetAndMetadata(1);
                admin.alterConsumerGroupOffsets(group(i), Map.of(PARTITION, offset)).all().get();
            }
        }
    }

    private static final TopicPartition PARTITION = new TopicPartition("damaged", 0);

    private static Admin admin(MqttBroker broker) {
        return Admin.create(Map.of("bootstrap.servers", broker.kafkaBootstrap()));
    }

    private static String group(int i) {
        return "damaged-group-" + i;
    }

    private static void sessionsButOne(MqttBroker broker) throws Exception {
        for (int i = 0; i < COUNT; i++) {
            Mqtt5BlockingClient sleeper = Clients.v5(broker.mqttPort(), "sleeper-" + i);
            try (Inbox inbox = Clients.inbox(sleeper)) {
                boolean present =
                        sleeper.connectWith()
                                .cleanStart(false)
                                .sessionExpiryInterval(600)
                                .send()
                                .isSessionPresent();
                if (i != 5) {
                    assertThat(present).as("session %d", i).isTrue();
                    assertThat(inbox.texts(1)).containsExactly("for all");
                } else {
                    assertThat(present).as("what lacks a change begins anew").isFalse();
                }
            }
            sleeper.disconnect();
        }
    }

    private static void retainedButOne(MqttBroker broker) throws Exception {
        Mqtt5BlockingClient reader = Clients.connected(broker.mqttPort(), "reader");
        try (Inbox inbox = Clients.inbox(reader)) {
            Clients.subscribe(reader, "damaged/+", 1);
            assertThat(inbox.texts(COUNT - 1))
                    .hasSize(COUNT - 1)
                    .doesNotContain("retained 2")
                    .contains("retained 1", "retained 3", "retained 5", "retained 11");
        }
        reader.disconnect();
    }

    private static void offsetsButOne(MqttBroker broker) throws Exception {
        try (Admin admin = admin(broker)) {
            for (int i = 0; i < COUNT; i++) {
                var found =
                        admin.listConsumerGroupOffsets(group(i))
                                .partitionsToOffsetAndMetadata()
                                .get();
                assertThat(found).as("group %d", i).hasSize(i == 5 ? 0 : 1);
            }
        }
    }

    /** Flips a bit of the record that holds {@code text} for the {@code number}th time. */
    private void flip(String text, int number) throws IOException {
        byte[] wanted = text.getBytes(UTF_8);
        int seen = 0;
        for (Path file : files()) {
            byte[] bytes = Files.readAllBytes(file);
            for (int at = 0; at + wanted.length < bytes.length; at++) {
                boolean here =
                        Arrays.equals(bytes, at, at + wanted.length, wanted, 0, wanted.length);
                if (here && ++seen == number) {
                    int last = at + wanted.length - 1;
                    try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                        byte[] other = {(byte) (bytes[last] ^ 64)};
                        channel.write(ByteBuffer.wrap(other), last);
                    }
                    return;
                }
            }
        }
        throw new AssertionError("no file holds " + text);
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> all = Files.walk(data.resolve("logs/segment"))) {
            return all.filter(Files::isRegularFile).sorted().toList();
        }
    }
}
