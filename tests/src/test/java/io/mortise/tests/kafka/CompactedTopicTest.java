// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.tests.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.kernel.broker.EmbeddedBroker;
import io.mortise.spi.admin.Administration;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Compacted topics as Kafka's clients create, change, write and read them. */
@Timeout(value = 180, unit = TimeUnit.SECONDS)
final class CompactedTopicTest {
    private static final String CONFIG =
            """
            logs:
              compactionCheckSeconds: 1
            """;
    private static final int KEYS = 50;
    private static final TopicPartition PARTITION = new TopicPartition("t", 0);

    @TempDir Path data;

    @Test
    void aTopicIsCompactedWhileItIsWritten() throws Exception {
        Map<String, String> expected = new TreeMap<>();
        try (var broker = new KafkaBroker(data, CONFIG);
                var admin = broker.admin();
                var producer = broker.producer("compression.type", "lz4", "linger.ms", 5)) {
            create(admin, Map.of("cleanup.policy", "compact"));
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
            long written = 0;
            do {
                written += write(producer, expected);
            } while (count(broker) > written / 2 && System.nanoTime() < deadline);
            assertThat(count(broker)).isLessThanOrEqualTo(written / 2);
            assertThat(read(broker)).isEqualTo(expected);
        }
        try (var broker = new KafkaBroker(data, CONFIG);
                var producer = broker.producer()) {
            assertThat(read(broker)).isEqualTo(expected);
            write(producer, expected);
            assertThat(read(broker)).isEqualTo(expected);
        }
    }

    @Test
    void aBackupKeepsOffsetsAcrossGaps(@TempDir Path elsewhere) throws Exception {
        Path backup = elsewhere.resolve("one.backup");
        Map<Long, String> expected = new TreeMap<>();
        long end;
        try (var broker = new KafkaBroker(data, CONFIG);
                var admin = broker.admin();
                var producer = broker.producer("linger.ms", 5)) {
            create(admin, Map.of("cleanup.policy", "compact"));
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
            end = 0;
            do {
                end += write(producer, new TreeMap<>());
            } while (count(broker) > end / 2 && System.nanoTime() < deadline);
            forEach(broker, record -> expected.put(record.offset(), record.value()));
            assertThat(expected).hasSizeLessThan((int) end);
            var body = "{\"file\": \"" + backup + "\"}";
            var request =
                    new Administration.Request(
                            "POST",
                            "/api/v1/backups",
                            Map.of(),
                            "application/json",
                            body.getBytes(StandardCharsets.UTF_8));
            var made = broker.broker().administration().handle(request);
            var answer = made.toCompletableFuture().get(60, TimeUnit.SECONDS);
            assertThat(answer.status())
                    .as(new String(answer.body(), StandardCharsets.UTF_8))
                    .isEqualTo(200);
        }
        Path restored = elsewhere.resolve("data");
        EmbeddedBroker.builder(restored)
                .plugins("storage-segment", "storage-memory", "protocol-kafka")
                .restore(backup);
        try (var broker = new KafkaBroker(restored);
                var producer = broker.producer()) {
            Map<Long, String> found = new TreeMap<>();
            forEach(broker, record -> found.put(record.offset(), record.value()));
            assertThat(expected).containsAllEntriesOf(found); // compacted further in between
            assertThat(producer.send(new ProducerRecord<>("t", 0, "k", "v")).get().offset())
                    .isEqualTo(end);
        }
    }

    private static long write(KafkaProducer<String, String> producer, Map<String, String> expected)
            throws Exception {
        for (int i = 0; i < 2_000; i++) {
            String key = "key-" + i % KEYS;
            String value = "value-" + expected.size() + "-" + System.nanoTime();
            producer.send(new ProducerRecord<>("t", 0, key, value));
            expected.put(key, value);
        }
        producer.flush();
        return 2_000;
    }

    private static long count(KafkaBroker broker) {
        long[] count = {0};
        forEach(broker, record -> count[0]++);
        return count[0];
    }

    private static Map<String, String> read(KafkaBroker broker) {
        Map<String, String> found = new TreeMap<>();
        forEach(broker, record -> found.put(record.key(), record.value()));
        return found;
    }

    private static void forEach(
            KafkaBroker broker, Consumer<ConsumerRecord<String, String>> visitor) {
        try (KafkaConsumer<String, String> consumer = broker.consumer()) {
            consumer.assign(List.of(PARTITION));
            consumer.seekToBeginning(List.of(PARTITION));
            long end = consumer.endOffsets(List.of(PARTITION)).get(PARTITION);
            long last = -1;
            while (consumer.position(PARTITION) < end) {
                for (var record : consumer.poll(Duration.ofMillis(100))) {
                    assertThat(record.offset()).isGreaterThan(last);
                    last = record.offset();
                    visitor.accept(record);
                }
            }
        }
    }

    @Test
    void keysAreNeededAndThePolicyChangesLive() throws Exception {
        try (var broker = new KafkaBroker(data, CONFIG);
                var admin = broker.admin();
                var producer = broker.producer()) {
            create(admin, Map.of("cleanup.policy", "compact,delete", "delete.retention.ms", "5"));
            assertThat(config(admin, "cleanup.policy")).isEqualTo("delete,compact");
            assertThat(config(admin, "delete.retention.ms")).isEqualTo("5");
            assertThat(config(admin, "min.cleanable.dirty.ratio")).isEqualTo("0.5");
            assertThatThrownBy(() -> producer.send(new ProducerRecord<>("t", "no key")).get())
                    .hasCauseInstanceOf(InvalidRecordException.class)
                    .hasMessageContaining("no key");
            set(admin, "cleanup.policy", "delete");
            assertThat(config(admin, "cleanup.policy")).isEqualTo("delete");
            producer.send(new ProducerRecord<>("t", "no key")).get();
            assertThatThrownBy(() -> set(admin, "cleanup.policy", "tidy"))
                    .hasMessageContaining("one or more of delete, compact");
        }
    }

    private static void create(Admin admin, Map<String, String> configs) throws Exception {
        admin.createTopics(List.of(new NewTopic("t", 1, (short) 1).configs(configs))).all().get();
    }

    private static String config(Admin admin, String name) throws Exception {
        var topic = new ConfigResource(ConfigResource.Type.TOPIC, "t");
        return admin.describeConfigs(List.of(topic)).all().get().get(topic).get(name).value();
    }

    private static void set(Admin admin, String name, String value) throws Exception {
        var topic = new ConfigResource(ConfigResource.Type.TOPIC, "t");
        var change = new AlterConfigOp(new ConfigEntry(name, value), OpType.SET);
        admin.incrementalAlterConfigs(Map.of(topic, List.of(change))).all().get();
    }
}
