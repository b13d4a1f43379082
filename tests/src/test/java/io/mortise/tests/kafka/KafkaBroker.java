// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.tests.kafka;

import io.mortise.kernel.broker.EmbeddedBroker;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A whole broker with the Kafka plugin, and clients of it. */
final class KafkaBroker implements AutoCloseable {
    private final EmbeddedBroker broker;

    KafkaBroker(Path data) throws IOException, InterruptedException {
        this(data, "");
    }

    KafkaBroker(Path data, String config) throws IOException, InterruptedException {
        broker =
                EmbeddedBroker.builder(data)
                        .config(config)
                        .plugins("storage-segment", "storage-memory", "protocol-kafka")
                        .start();
    }

    String bootstrap() {
        return "127.0.0.1:" + broker.port("kafka");
    }

    EmbeddedBroker broker() {
        return broker;
    }

    Admin admin() {
        return Admin.create(config());
    }

    KafkaProducer<String, String> producer(Object... overrides) {
        return new KafkaProducer<>(
                config(overrides), new StringSerializer(), new StringSerializer());
    }

    KafkaConsumer<String, String> consumer(Object... overrides) {
        Map<String, Object> config = config("auto.offset.reset", "earliest");
        config.putAll(config(overrides));
        return new KafkaConsumer<>(config, new StringDeserializer(), new StringDeserializer());
    }

    private Map<String, Object> config(Object... overrides) {
        Map<String, Object> config = new HashMap<>(Map.of("bootstrap.servers", bootstrap()));
        for (int i = 0; i < overrides.length; i += 2) {
            config.put((String) overrides[i], overrides[i + 1]);
        }
        return config;
    }

    static List<ConsumerRecord<String, String>> poll(
            KafkaConsumer<String, String> consumer, int count) {
        List<ConsumerRecord<String, String>> records = new ArrayList<>();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (records.size() < count && System.nanoTime() < deadline) {
            consumer.poll(Duration.ofMillis(200)).forEach(records::add);
        }
        return records;
    }

    @Override
    public void close() {
        broker.close();
    }
}
