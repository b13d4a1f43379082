// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.tests.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.spi.TenantId;
import io.mortise.spi.broker.Partition;
import io.mortise.spi.broker.RetentionHold;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A log in memory that drops its oldest records, as everybody who reads it sees it. */
class DropOldestTest {
    private static final String CONFIG =
            """
            plugins:
              storage-memory:
                maxBytes: 1000000
                whenFull: drop-oldest
            """;
    private static final TopicPartition WHEEL = new TopicPartition("wheel", 0);

    @TempDir private Path data;

    @Test
    void readersGoOnWhereTheLogStartsNow() throws Exception {
        try (var broker = new KafkaBroker(data, CONFIG)) {
            create(broker);
            Partition partition = partition(broker);
            var lost = new CompletableFuture<Long>();
            partition.hold(
                    0,
                    RetentionHold.Policy.PIN,
                    (where, from, to) -> {
                        lost.complete(to);
                        return CompletableFuture.completedFuture(null);
                    });
            produce(broker, 400);
            long start = partition.logStartOffset();
            assertThat(start).isBetween(300L, 399L);
            assertThat(lost.get(10, TimeUnit.SECONDS)).isBetween(1L, start);
            assertThat(broker.broker().administration().metrics())
                    .containsPattern(
                            "mortise_partition_trimmed_offsets_total(\\{[^}]*})? " + start);
            followsFrom(broker, start);
            isRefused(broker);
        }
    }

    private static void followsFrom(KafkaBroker broker, long start) {
        try (KafkaConsumer<String, String> consumer = broker.consumer()) {
            assertThat(consumer.beginningOffsets(List.of(WHEEL))).containsEntry(WHEEL, start);
            consumer.assign(List.of(WHEEL));
            consumer.seek(WHEEL, 1);
            List<ConsumerRecord<String, String>> found =
                    KafkaBroker.poll(consumer, (int) (400 - start));
            assertThat(found).hasSize((int) (400 - start));
            assertThat(found.getFirst().offset()).isEqualTo(start);
            assertThat(found.getLast().offset()).isEqualTo(399);
        }
    }

    private static void isRefused(KafkaBroker broker) {
        try (KafkaConsumer<String, String> strict = broker.consumer("auto.offset.reset", "none")) {
            strict.assign(List.of(WHEEL));
            strict.seek(WHEEL, 1);
            assertThatThrownBy(() -> KafkaBroker.poll(strict, 1))
                    .isInstanceOf(OffsetOutOfRangeException.class);
        }
    }

    private static Partition partition(KafkaBroker broker) {
        return broker.broker().broker().topics().find(TenantId.DEFAULT, "wheel").partition(0);
    }

    private static void create(KafkaBroker broker) throws Exception {
        var topic = new NewTopic("wheel", 1, (short) 1);
        topic.configs(Map.of("storage.engine", "memory", "durability", "MEMORY"));
        try (Admin admin = broker.admin()) {
            admin.createTopics(List.of(topic)).all().get();
        }
    }

    private static void produce(KafkaBroker broker, int count) throws Exception {
        String value = "-".repeat(10_000);
        try (KafkaProducer<String, String> producer = broker.producer()) {
            for (int i = 0; i < count; i++) {
                producer.send(new ProducerRecord<>("wheel", 0, "k", value)).get();
            }
        }
    }
}
