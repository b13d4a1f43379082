// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.tests.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.spi.TenantId;
import io.mortise.spi.broker.Partition;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** {@code __consumer_offsets} is compacted under the groups that use it. */
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class OffsetsCompactionTest {
    private static final int PARTITIONS = 100;
    private static final String CONFIG =
            """
            logs:
              compactionCheckSeconds: 1
            plugins:
              protocol-kafka:
                groups.partitions: 1
            """;

    @TempDir Path data;

    @Test
    void offsetsGroupsAndMembersSurviveIt() throws Exception {
        long committed = 0;
        try (var broker = new KafkaBroker(data, CONFIG);
                var admin = broker.admin()) {
            admin.createTopics(List.of(new NewTopic("t", PARTITIONS, (short) 1))).all().get();
            commitWithoutMembership(broker);
            try (var classic = new Member(broker, "classic");
                    var modern = new Member(broker, "consumer")) {
                do {
                    committed++;
                    classic.commit(committed);
                    modern.commit(committed);
                    assertThat(committed).as("rounds of commits").isLessThan(2_000);
                } while (committed < 50 || kept(broker) > logOf(broker).logEndOffset() / 2);
                for (int i = 0; i < 10; i++) {
                    committed++;
                    classic.commit(committed);
                    modern.commit(committed);
                }
                classic.assertUndisturbed(admin);
                modern.assertUndisturbed(admin);
            }
            assertCommitted(broker, committed);
            asEarlierVersionsMadeIt(broker);
        }
        try (var broker = new KafkaBroker(data, CONFIG)) {
            assertCommitted(broker, committed);
            assertThat(kept(broker)).isLessThan(logOf(broker).logEndOffset());
            assertThat(logOf(broker).logStartOffset()).isZero();
            assertThat(logOf(broker).topic().config("cleanup.policy")).isEqualTo("compact");
        }
    }

    private static void asEarlierVersionsMadeIt(KafkaBroker broker) throws Exception {
        Map<String, String> reset = new HashMap<>();
        reset.put("cleanup.policy", null);
        broker.broker()
                .broker()
                .topics()
                .alterConfig(logOf(broker).topic().id(), reset)
                .toCompletableFuture()
                .get();
        assertThat(logOf(broker).topic().config("cleanup.policy")).isEqualTo("delete");
    }

    private static void commitWithoutMembership(KafkaBroker broker) {
        try (var consumer = broker.consumer("group.id", "solo", "enable.auto.commit", false)) {
            consumer.commitSync(offsets(7));
        }
    }

    private static void assertCommitted(KafkaBroker broker, long offset) throws Exception {
        try (var admin = broker.admin()) {
            assertThat(committed(admin, "solo")).isEqualTo(offsets(7));
            assertThat(committed(admin, "of-classic")).isEqualTo(offsets(offset));
            assertThat(committed(admin, "of-consumer")).isEqualTo(offsets(offset));
            assertThat(admin.listGroups().all().get())
                    .extracting(group -> group.groupId())
                    .containsExactlyInAnyOrder("solo", "of-classic", "of-consumer");
        }
    }

    private static Map<TopicPartition, OffsetAndMetadata> committed(Admin admin, String group)
            throws Exception {
        return admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get();
    }

    private static Map<TopicPartition, OffsetAndMetadata> offsets(long offset) {
        Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
        for (int i = 0; i < PARTITIONS; i++) {
            offsets.put(new TopicPartition("t", i), new OffsetAndMetadata(offset, "at " + offset));
        }
        return offsets;
    }

    /** How many records are left. */
    private static long kept(KafkaBroker broker) {
        var partition = new TopicPartition("__consumer_offsets", 0);
        try (var reader = broker.consumer("enable.auto.commit", false)) {
            reader.assign(List.of(partition));
            reader.seekToBeginning(List.of(partition));
            long end = logOf(broker).highWatermark();
            long count = 0;
            while (reader.position(partition) < end) {
                count += reader.poll(Duration.ofMillis(100)).count();
            }
            return count;
        }
    }

    private static Partition logOf(KafkaBroker broker) {
        return broker.broker()
                .broker()
                .topics()
                .find(TenantId.DEFAULT, "__consumer_offsets")
                .partition(0);
    }

    /** The only member of its group, which counts how often its partitions change. */
    private static final class Member implements ConsumerRebalanceListener, AutoCloseable {
        private final String group;
        private final KafkaConsumer<String, String> consumer;
        private final AtomicInteger changes = new AtomicInteger();
        private final String memberId;
        private final int generation;

        Member(KafkaBroker broker, String protocol) {
            group = "of-" + protocol;
            consumer =
                    broker.consumer(
                            "group.id",
                            group,
                            "group.protocol",
                            protocol,
                            "enable.auto.commit",
                            false);
            consumer.subscribe(List.of("t"), this);
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
            while (consumer.assignment().size() < PARTITIONS && System.nanoTime() < deadline) {
                consumer.poll(Duration.ofMillis(100));
            }
            assertThat(consumer.assignment()).hasSize(PARTITIONS);
            memberId = consumer.groupMetadata().memberId();
            generation = consumer.groupMetadata().generationId();
            changes.set(0);
        }

        void commit(long offset) {
            consumer.commitSync(offsets(offset));
            consumer.poll(Duration.ofMillis(1));
        }

        void assertUndisturbed(Admin admin) throws Exception {
            assertThat(changes).hasValue(0);
            assertThat(consumer.groupMetadata().memberId()).isEqualTo(memberId);
            assertThat(consumer.groupMetadata().generationId()).isEqualTo(generation);
            var described = admin.describeConsumerGroups(List.of(group)).all().get().get(group);
            assertThat(described.members())
                    .extracting(member -> member.consumerId())
                    .containsExactly(memberId);
            assertThat(described.members())
                    .allSatisfy(
                            member ->
                                    assertThat(member.assignment().topicPartitions())
                                            .hasSize(PARTITIONS));
        }

        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
            changes.incrementAndGet();
        }

        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
            changes.incrementAndGet();
        }

        @Override
        public void close() {
            consumer.close();
        }
    }
}
