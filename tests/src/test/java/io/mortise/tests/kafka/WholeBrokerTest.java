// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.tests.kafka;

import static io.mortise.tests.kafka.KafkaBroker.poll;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** Kafka's Java client of the broker's own version against kernel, engines and plugin together. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class WholeBrokerTest {
    private static final TopicPartition T0 = new TopicPartition("t", 0);

    @TempDir Path data;

    @ParameterizedTest
    @ValueSource(strings = {"NONE", "MEMORY", "OS", "DISK"})
    void recordsComeBackAtEveryDurability(String durability) throws Exception {
        try (var broker = new KafkaBroker(data);
                var admin = broker.admin();
                var producer = broker.producer("linger.ms", 5, "compression.type", "lz4");
                var consumer = broker.consumer()) {
            NewTopic topic = new NewTopic("t", 2, (short) 1);
            var created =
                    admin.createTopics(List.of(topic.configs(Map.of("durability", durability))));
            if (durability.equals("NONE")) {
                assertThatThrownBy(() -> created.all().get())
                        .hasCauseInstanceOf(InvalidConfigurationException.class);
                return;
            }
            created.all().get();
            List<Future<RecordMetadata>> sent = new ArrayList<>();
            for (int i = 0; i < 2000; i++) {
                sent.add(producer.send(new ProducerRecord<>("t", 0, "k" + i, "value " + i)));
            }
            for (int i = 0; i < 2000; i++) {
                assertThat(sent.get(i).get().offset()).isEqualTo(i);
            }
            consumer.assign(List.of(T0));
            List<ConsumerRecord<String, String>> records = poll(consumer, 2000);
            assertThat(records).hasSize(2000);
            for (int i = 0; i < 2000; i++) {
                assertThat(records.get(i).value()).isEqualTo("value " + i);
            }
        }
    }

    @Test
    void recordsAndCommittedOffsetsSurviveARestart() throws Exception {
        try (var broker = new KafkaBroker(data);
                var producer = broker.producer();
                var consumer = broker.consumer("group.id", "g", "enable.auto.commit", false)) {
            for (int i = 0; i < 100; i++) {
                producer.send(new ProducerRecord<>("t", 0, "k", "" + i));
            }
            producer.flush();
            consumer.subscribe(List.of("t"));
            assertThat(poll(consumer, 100)).hasSize(100);
            consumer.commitSync(Map.of(T0, new OffsetAndMetadata(60, "note")));
        }
        try (var broker = new KafkaBroker(data);
                var producer = broker.producer();
                var consumer = broker.consumer("group.id", "g")) {
            assertThat(consumer.committed(Set.of(T0)).get(T0))
                    .isEqualTo(new OffsetAndMetadata(60, "note"));
            RecordMetadata next = producer.send(new ProducerRecord<>("t", 0, "k", "100")).get();
            assertThat(next.offset()).isEqualTo(100);
            consumer.subscribe(List.of("t"));
            List<ConsumerRecord<String, String>> records = poll(consumer, 41);
            assertThat(records).hasSize(41);
            assertThat(records.getFirst().value()).isEqualTo("60");
        }
    }

    @Test
    void aGroupOfTheNewProtocolResumesAfterARestart() throws Exception {
        try (var broker = new KafkaBroker(data);
                var producer = broker.producer()) {
            producer.send(new ProducerRecord<>("t", 0, "k", "1")).get();
            try (var consumer = broker.consumer("group.id", "n", "group.protocol", "consumer")) {
                consumer.subscribe(List.of("t"));
                assertThat(poll(consumer, 1)).hasSize(1);
                consumer.commitSync();
            }
        }
        try (var broker = new KafkaBroker(data);
                var producer = broker.producer();
                var consumer = broker.consumer("group.id", "n", "group.protocol", "consumer")) {
            producer.send(new ProducerRecord<>("t", 0, "k", "2")).get();
            consumer.subscribe(List.of("t"));
            assertThat(poll(consumer, 1)).extracting(ConsumerRecord::value).containsExactly("2");
        }
    }

    @Test
    void topicsChangeWhileTheyAreUsed() throws Exception {
        try (var broker = new KafkaBroker(data);
                var admin = broker.admin();
                var producer = broker.producer("metadata.max.age.ms", 200)) {
            admin.createTopics(List.of(new NewTopic("t", 1, (short) 1))).all().get();
            producer.send(new ProducerRecord<>("t", 0, "k", "v")).get();
            admin.createPartitions(Map.of("t", NewPartitions.increaseTo(3))).all().get();
            assertThat(producer.send(new ProducerRecord<>("t", 2, "k", "v")).get().offset())
                    .isZero();
            ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, "t");
            alter(admin, resource, "max.message.bytes", "2000");
            assertThatThrownBy(
                            () ->
                                    producer.send(
                                                    new ProducerRecord<>(
                                                            "t", 0, "k", "x".repeat(9000)))
                                            .get())
                    .hasCauseInstanceOf(RecordTooLargeException.class);
            assertThatThrownBy(() -> alter(admin, resource, "no.such.config", "1"))
                    .hasCauseInstanceOf(InvalidConfigurationException.class);
            assertThat(
                            admin.describeConfigs(List.of(resource))
                                    .all()
                                    .get()
                                    .get(resource)
                                    .get("max.message.bytes")
                                    .value())
                    .isEqualTo("2000");
            producer.close(); // or it would make the topic anew as soon as that is gone
            admin.deleteTopics(List.of("t")).all().get();
            assertThat(admin.listTopics().names().get()).doesNotContain("t");
            admin.createTopics(List.of(new NewTopic("t", 1, (short) 1))).all().get();
            assertThat(offset(admin, OffsetSpec.latest())).isZero();
        }
    }

    private static void alter(
            org.apache.kafka.clients.admin.Admin admin,
            ConfigResource resource,
            String key,
            String value)
            throws Exception {
        AlterConfigOp set =
                new AlterConfigOp(new ConfigEntry(key, value), AlterConfigOp.OpType.SET);
        admin.incrementalAlterConfigs(Map.of(resource, List.of(set))).all().get();
    }

    @Test
    void offsetsByTimestampAreExactInsideBatches() throws Exception {
        try (var broker = new KafkaBroker(data);
                var admin = broker.admin();
                var producer = broker.producer("linger.ms", 50, "compression.type", "gzip")) {
            for (int i = 0; i < 100; i++) {
                producer.send(new ProducerRecord<>("t", 0, 1000L + 10L * i, "k", "v"));
            }
            producer.flush();
            assertThat(offset(admin, OffsetSpec.forTimestamp(1395))).isEqualTo(40);
            assertThat(offset(admin, OffsetSpec.forTimestamp(1400))).isEqualTo(40);
            assertThat(offset(admin, OffsetSpec.forTimestamp(9000))).isEqualTo(-1);
            assertThat(offset(admin, OffsetSpec.maxTimestamp())).isEqualTo(99);
            assertThat(offset(admin, OffsetSpec.latest())).isEqualTo(100);
            admin.deleteRecords(Map.of(T0, RecordsToDelete.beforeOffset(50))).all().get();
            assertThat(offset(admin, OffsetSpec.earliest())).isEqualTo(50);
        }
    }

    private static long offset(org.apache.kafka.clients.admin.Admin admin, OffsetSpec spec)
            throws Exception {
        return admin.listOffsets(Map.of(T0, spec)).partitionResult(T0).get().offset();
    }
}
