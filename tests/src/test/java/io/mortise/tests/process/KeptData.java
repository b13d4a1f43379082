// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.tests.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Something of everything that a broker keeps: topics of two engines, a compacted one, records with
 * headers, compressed and not, a group's offsets, a session with its backlog, a retained message, a
 * user and rules. It is the same in every release, so that {@link #check} says whether it is all
 * there. Nothing in it expires.
 */
final class KeptData {
    private static final int ORDERS = 3_000;
    private static final int MORE_ORDERS = 500;
    private static final int SMALL = 100;
    private static final int VALUES = 400;
    private static final int KEYS = 10;
    private static final int BACKLOG = 50;
    private static final int COMMITTED = 700;
    private static final String PADDING = "0123456789abcdef".repeat(64);
    private static final String SESSION =
            "mosquitto_sub -V mqttv5 -i device -c -x 4294967295 -q 1 -t 'factory/+/set'";

    private final BrokerProcess broker;

    KeptData(BrokerProcess broker) {
        this.broker = broker;
    }

    /** The first life, which ends as it should. */
    void fill() throws Exception {
        create("orders", "--partitions", "2", "--config", "durability=OS");
        create("latest", "--config", "cleanup.policy=compact");
        create("small", "--partitions", "1", "--config", "storage.engine=rocksdb");
        create("factory");
        try (var producer = producer("zstd")) {
            IntStream.range(0, ORDERS).forEach(i -> producer.send(order(i)));
            for (int i = 0; i < VALUES; i++) {
                producer.send(new ProducerRecord<>("latest", "key" + i % KEYS, "value" + i));
            }
        }
        try (var producer = producer("none")) {
            for (int i = 0; i < SMALL; i++) {
                producer.send(new ProducerRecord<>("small", "key" + i, "small" + i));
            }
        }
        try (var consumer = consumer("readers")) {
            consumer.commitSync(
                    Map.of(
                            new TopicPartition("orders", 0), new OffsetAndMetadata(COMMITTED),
                            new TopicPartition("orders", 1), new OffsetAndMetadata(COMMITTED + 1)));
        }
        Tool.run(broker, SESSION + " -E");
        Tool.run(broker, "mosquitto_pub -t factory/line1/name -r -q 1 -m press");
    }

    /** The second life, which SIGKILL ends. */
    void fillMore() throws Exception {
        try (var producer = producer("lz4")) {
            IntStream.range(ORDERS, ORDERS + MORE_ORDERS).forEach(i -> producer.send(order(i)));
        }
        Tool.run(
                broker,
                "seq 0 "
                        + (BACKLOG - 1)
                        + " | mosquitto_pub -V mqttv5 -t factory/line1/set -q 1 -l"
                        + " -D publish user-property site Zürich");
        broker.command("acl", "add", "--user", "*", "*");
        broker.command("acl", "add", "--user", "*", "--resource", "group", "*");
        broker.command("acl", "add", "--deny", "--user", "*", "factory/secret");
        mortise("echo pass1word | ", "user put ann --password-stdin");
    }

    private void create(String topic, String... more) throws Exception {
        String[] words = new String[more.length + 5];
        List<String> start = List.of("topic", "create", topic, "--config", "retention.ms=-1");
        System.arraycopy(start.toArray(), 0, words, 0, start.size());
        System.arraycopy(more, 0, words, start.size(), more.length);
        broker.command(words);
    }

    private void mortise(String before, String words) throws IOException, InterruptedException {
        String java = System.getProperty("java.home");
        Tool.run(
                broker,
                before
                        + "JAVA_HOME='%s' MORTISE_DATA='%s' '%s/bin/mortise' "
                                .formatted(java, broker.data(), broker.home())
                        + words);
    }

    private static ProducerRecord<String, String> order(int i) {
        var record = new ProducerRecord<>("orders", i % 2, "key" + i, i + PADDING);
        record.headers().add("number", Integer.toString(i).getBytes(UTF_8));
        return record;
    }

    /** All of it, in the first life that a later build gives it. */
    void check() throws Exception {
        checkTopics();
        try (var consumer = consumer("readers")) {
            TopicPartition first = new TopicPartition("orders", 0);
            TopicPartition second = new TopicPartition("orders", 1);
            Map<TopicPartition, OffsetAndMetadata> committed =
                    consumer.committed(Set.of(first, second));
            assertThat(committed.get(first).offset()).isEqualTo(COMMITTED);
            assertThat(committed.get(second).offset()).isEqualTo(COMMITTED + 1);
        }
        assertThat(Tool.run(broker, SESSION + " -F '%p %P' -C " + BACKLOG))
                .isEqualTo(IntStream.range(0, BACKLOG).mapToObj(i -> i + " site:Zürich").toList());
        assertThat(broker.command("user", "list")).contains("ann");
        assertThat(broker.command("acl", "list").lines().filter(it -> it.contains("DENY")))
                .singleElement()
                .asString()
                .contains("factory/secret");
        Tool.run(broker, "mosquitto_pub -u ann -P pass1word -t factory/line1/set -q 1 -m later");
        assertThatThrownBy(
                        () ->
                                Tool.run(
                                        broker,
                                        "mosquitto_pub -u ann -P wrong -t factory/x -q 1 -m no"))
                .isInstanceOf(AssertionError.class);
    }

    /** And in its second life, with what {@link #check} added. */
    void checkAgain() throws Exception {
        checkTopics();
        assertThat(Tool.run(broker, SESSION + " -C 1")).containsExactly("later");
    }

    private void checkTopics() throws Exception {
        for (int partition = 0; partition < 2; partition++) {
            int remainder = partition;
            assertThat(
                            KafkaRead.all(broker.bootstrap(), "orders").stream()
                                    .filter(record -> record.partition() == remainder)
                                    .map(KeptData::text))
                    .isEqualTo(
                            IntStream.range(0, ORDERS + MORE_ORDERS)
                                    .filter(i -> i % 2 == remainder)
                                    .mapToObj(i -> "key" + i + "=" + i + PADDING + "/" + i)
                                    .toList());
        }
        assertThat(KafkaRead.all(broker.bootstrap(), "small").stream().map(KeptData::text))
                .isEqualTo(
                        IntStream.range(0, SMALL)
                                .mapToObj(i -> "key" + i + "=small" + i + "/")
                                .toList());
        Map<String, String> latest = new LinkedHashMap<>();
        KafkaRead.each(
                broker.bootstrap(), "latest", record -> latest.put(record.key(), record.value()));
        assertThat(latest).hasSize(KEYS);
        for (int i = VALUES - KEYS; i < VALUES; i++) {
            assertThat(latest).containsEntry("key" + i % KEYS, "value" + i);
        }
        assertThat(Tool.run(broker, "mosquitto_sub -t 'factory/+/name' -C 1 -F '%r %t %p'"))
                .containsExactly("1 factory/line1/name press");
    }

    private static String text(ConsumerRecord<String, String> record) {
        var header = record.headers().lastHeader("number");
        String number = header == null ? "" : new String(header.value(), UTF_8);
        return record.key() + "=" + record.value() + "/" + number;
    }

    private KafkaProducer<String, String> producer(String compression) {
        return new KafkaProducer<>(
                Map.of("bootstrap.servers", broker.bootstrap(), "compression.type", compression),
                new StringSerializer(),
                new StringSerializer());
    }

    private KafkaConsumer<String, String> consumer(String group) {
        return new KafkaConsumer<>(
                Map.of("bootstrap.servers", broker.bootstrap(), "group.id", group),
                new StringDeserializer(),
                new StringDeserializer());
    }
}
