// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.tests.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.spi.testing.Await;

import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Real clients in fetch sessions (KIP-227): one each, that never has to begin anew. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class FetchSessionTest {
    private static final String OPEN = "mortise_kafka_fetch_sessions";
    private static final String OPENED = "mortise_kafka_fetch_sessions_opened_total";

    @TempDir Path data;

    private KafkaBroker broker;

    @BeforeEach
    void start() throws Exception {
        broker = new KafkaBroker(data);
    }

    @AfterEach
    void stop() {
        broker.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"classic", "consumer"})
    void aConsumerStaysInOneSessionWhateverItReads(String protocol) throws Exception {
        try (var producer = broker.producer();
                var consumer = broker.consumer("group.id", protocol, "group.protocol", protocol)) {
            consumer.subscribe(List.of("a", "b"));
            for (int round = 0; round < 3; round++) {
                produce(producer, "a", 100);
                produce(producer, "b", 50);
                List<ConsumerRecord<String, String>> records = KafkaBroker.poll(consumer, 150);
                assertThat(records).filteredOn(it -> it.topic().equals("a")).hasSize(100);
                assertThat(records).filteredOn(it -> it.topic().equals("b")).hasSize(50);
            }
            consumer.pause(consumer.assignment());
            consumer.poll(java.time.Duration.ofMillis(100));
            consumer.resume(consumer.assignment());
            produce(producer, "b", 10);
            assertThat(KafkaBroker.poll(consumer, 10)).hasSize(10);
            assertThat(metric(OPENED)).isEqualTo(1);
            assertThat(metric(OPEN)).isEqualTo(1);
        }
        awaitNoSession();
    }

    @Test
    void aTopicThatIsMadeAnewIsReadOn() throws Exception {
        try (var admin = broker.admin();
                var consumer =
                        broker.consumer(
                                "group.id",
                                "g",
                                "metadata.max.age.ms",
                                200,
                                "allow.auto.create.topics",
                                false)) {
            admin.createTopics(List.of(new NewTopic("t", 1, (short) 1))).all().get();
            produce("t", 10);
            produce("other", 10);
            consumer.subscribe(List.of("t", "other"));
            assertThat(KafkaBroker.poll(consumer, 20)).hasSize(20);
            admin.deleteTopics(List.of("t")).all().get();
            admin.createTopics(List.of(new NewTopic("t", 1, (short) 1))).all().get();
            produce("t", 4); // the consumer's offset is past its end
            assertThat(KafkaBroker.poll(consumer, 4)).hasSize(4);
        }
        awaitNoSession();
    }

    @Test
    void theOldJavaClientStaysInOneSession() throws Exception {
        try (var producer = broker.producer();
                var old = new OldKafkaClient(broker.bootstrap())) {
            for (int round = 1; round <= 3; round++) {
                produce(producer, "t", 100);
                assertThat(old.consume("t", "g", 100)).hasSize(100);
                assertThat(metric(OPENED)).isEqualTo(round);
                awaitNoSession();
            }
        }
    }

    private void produce(String topic, int count) {
        try (var producer = broker.producer()) {
            produce(producer, topic, count);
        }
    }

    private static void produce(KafkaProducer<String, String> producer, String topic, int count) {
        for (int i = 0; i < count; i++) {
            producer.send(new ProducerRecord<>(topic, "k" + i, "value " + i));
        }
        producer.flush();
    }

    private void awaitNoSession() {
        Await.until("no session is open", () -> metric(OPEN) == 0);
    }

    private double metric(String name) {
        Matcher line =
                Pattern.compile("(?m)^" + name + "(?:\\{[^}]*})? (\\S+)$")
                        .matcher(broker.broker().administration().metrics());
        assertThat(line.find()).as(name).isTrue();
        return Double.parseDouble(line.group(1));
    }
}
