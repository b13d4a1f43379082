// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.tests.storage;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient.Mqtt5Publishes;

import io.mortise.kernel.broker.EmbeddedBroker;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Topics in RocksDB beside others: both protocols, and what a restart leaves. */
class RocksTopicTest {
    @TempDir private Path data;

    private EmbeddedBroker start() throws Exception {
        return EmbeddedBroker.builder(data)
                .plugins("storage-segment", "storage-rocksdb", "protocol-kafka", "protocol-mqtt")
                .start();
    }

    private static Map<String, Object> kafka(EmbeddedBroker broker) {
        return new HashMap<>(
                Map.of(
                        "bootstrap.servers",
                        "127.0.0.1:" + broker.port("kafka"),
                        "auto.offset.reset",
                        "earliest",
                        "group.id",
                        "readers"));
    }

    private static Mqtt5BlockingClient mqtt(EmbeddedBroker broker) {
        Mqtt5BlockingClient client =
                MqttClient.builder()
                        .useMqttVersion5()
                        .serverHost("127.0.0.1")
                        .serverPort(broker.port("mqtt"))
                        .identifier("device")
                        .buildBlocking();
        client.connect();
        return client;
    }

    private static void createTopics(EmbeddedBroker broker) throws Exception {
        try (Admin admin = Admin.create(kafka(broker))) {
            admin.createTopics(
                            List.of(
                                    new NewTopic("tiny", 2, (short) 1)
                                            .configs(Map.of("storage.engine", "rocksdb")),
                                    new NewTopic("usual", 2, (short) 1)))
                    .all()
                    .get(30, TimeUnit.SECONDS);
        }
    }

    private static void produce(EmbeddedBroker broker, String topic, int count) throws Exception {
        try (var producer =
                new KafkaProducer<>(
                        kafka(broker), new StringSerializer(), new StringSerializer())) {
            for (int i = 0; i < count; i++) {
                producer.send(new ProducerRecord<>(topic, "key-" + i, topic + "-" + i))
                        .get(30, TimeUnit.SECONDS);
            }
        }
    }

    private static List<String> consume(EmbeddedBroker broker, String topic, int count) {
        var found = new ArrayList<String>();
        try (var consumer =
                new KafkaConsumer<>(
                        kafka(broker), new StringDeserializer(), new StringDeserializer())) {
            consumer.assign(
                    consumer.partitionsFor(topic).stream()
                            .map(
                                    each ->
                                            new org.apache.kafka.common.TopicPartition(
                                                    topic, each.partition()))
                            .toList());
            consumer.seekToBeginning(consumer.assignment());
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
            while (found.size() < count && System.nanoTime() < deadline) {
                consumer.poll(Duration.ofMillis(200)).forEach(each -> found.add(each.value()));
            }
        }
        return found;
    }

    @Test
    void bothProtocolsReadItAndARestartKeepsIt() throws Exception {
        try (EmbeddedBroker broker = start()) {
            assertThat(data.resolve("logs/rocksdb/db"))
                    .as("an engine that nobody uses yet")
                    .doesNotExist();
            createTopics(broker);
            assertThat(data.resolve("logs/rocksdb/db")).isDirectory();
            Mqtt5BlockingClient device = mqtt(broker);
            try (Mqtt5Publishes inbox = device.publishes(MqttGlobalPublishFilter.ALL)) {
                device.subscribeWith().topicFilter("tiny/#").qos(MqttQos.AT_LEAST_ONCE).send();
                produce(broker, "tiny", 20);
                produce(broker, "usual", 5);
                for (int i = 0; i < 20; i++) {
                    var publish = inbox.receive(30, TimeUnit.SECONDS).orElseThrow();
                    assertThat(publish.getTopic().toString()).startsWith("tiny/key-");
                }
                device.publishWith()
                        .topic("tiny/device")
                        .qos(MqttQos.AT_LEAST_ONCE)
                        .payload("from mqtt".getBytes(UTF_8))
                        .send();
            }
            device.disconnect();
            assertThat(consume(broker, "tiny", 21)).hasSize(21).contains("from mqtt");
        }
        try (EmbeddedBroker broker = start()) {
            assertThat(consume(broker, "tiny", 21)).hasSize(21).contains("from mqtt", "tiny-19");
            produce(broker, "tiny", 1);
            assertThat(consume(broker, "tiny", 22)).hasSize(22);
            assertThat(consume(broker, "usual", 5)).hasSize(5);
        }
        assertThat(Files.exists(data.resolve("logs/rocksdb/db/CURRENT"))).isTrue();
    }
}
