// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.tests.smoke;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;

import io.mortise.kernel.backup.BackupException;
import io.mortise.kernel.backup.BackupSummary;
import io.mortise.kernel.broker.EmbeddedBroker;
import io.mortise.kernel.config.UsersFile;
import io.mortise.spi.RefusedException;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.zip.CRC32C;

/** A backup made under load, and a broker on what is restored of it. */
class BackupTest {
    private static final String[] PLUGINS = {
        "storage-segment",
        "storage-memory",
        "storage-rocksdb",
        "auth-builtin",
        "protocol-mqtt",
        "protocol-kafka"
    };
    private static final int BEFORE = 300;
    private static final int IN_ROCKSDB = 40;
    private static final String USERS =
            """
            users:
              - {name: ann, password: change-me}
            rules:
              - {principal: "User:*", pattern: "*", operation: all}
              - {principal: "User:*", resource: group, pattern: "*", operation: all}
              - {principal: "User:*", resource: cluster, pattern: "*", operation: all}
            """;

    @TempDir private static Path folder;
    private static final Map<Long, String> acknowledged = new TreeMap<>();
    private static Path backup;
    private static String clusterId = "";
    private static String said = "";

    @BeforeAll
    static void makeOneUnderLoad() throws Exception {
        backup = folder.resolve("one.backup");
        Path data = folder.resolve("data");
        var builder = EmbeddedBroker.builder(data).plugins(PLUGINS);
        builder.users(UsersFile.read("users.yaml", USERS));
        try (var broker = builder.start()) {
            clusterId = broker.broker().clusterId();
            sleep(broker);
            prepare(broker, data);
            var loaded = new AtomicBoolean(true);
            Thread kafka = Thread.ofVirtual().start(() -> produce(broker, loaded));
            Thread mqtt = Thread.ofVirtual().start(() -> publish(broker, loaded));
            try {
                said = mortise(0, data, "backup", "create", backup.toString());
            } finally {
                loaded.set(false);
                kafka.join();
                mqtt.join();
            }
            assertThat(mortise(1, data, "backup", "create", backup.toString()))
                    .contains("one.backup exists already");
            assertThat(mortise(1, data, "backup", "create", folder + "/absent/two"))
                    .contains("there is no directory");
        }
    }

    /** Topics, a user, records, a group that has read some of them. */
    private static void prepare(EmbeddedBroker broker, Path data) throws Exception {
        mortise(0, data, "topic", "create", "orders");
        mortise(0, data, "topic", "create", "tiny", "--config", "storage.engine=rocksdb");
        mortise(
                0,
                data,
                "topic",
                "create",
                "quick",
                "--config",
                "storage.engine=memory",
                "--config",
                "durability=MEMORY");
        try (var producer = producer(broker)) {
            for (int i = 0; i < BEFORE; i++) {
                var sent = producer.send(new ProducerRecord<>("orders", 0, "k" + i, "v" + i));
                acknowledged.put(sent.get().offset(), "v" + i);
            }
            for (int i = 0; i < IN_ROCKSDB; i++) {
                producer.send(new ProducerRecord<>("tiny", 0, "k" + i, "t" + i)).get();
            }
        }
        try (var consumer = consumer(broker)) {
            consumer.subscribe(List.of("orders"));
            int read = 0;
            while (read < BEFORE / 2) {
                read += consumer.poll(Duration.ofMillis(200)).count();
            }
            consumer.commitSync(
                    Map.of(
                            new TopicPartition("orders", 0),
                            new org.apache.kafka.clients.consumer.OffsetAndMetadata(BEFORE / 2)));
        }
        Mqtt5BlockingClient sender = mqtt(broker, "sender");
        sender.connect();
        for (int i = 0; i < 20; i++) {
            send(sender, "device/a", "m" + i, false);
        }
        send(sender, "kept/a", "retained", true);
        sender.disconnect();
    }

    private static void sleep(EmbeddedBroker broker) {
        Mqtt5BlockingClient sleeper = mqtt(broker, "sleeper");
        sleeper.connectWith().cleanStart(true).sessionExpiryInterval(600).send();
        sleeper.subscribeWith().topicFilter("device/#").qos(MqttQos.AT_LEAST_ONCE).send();
        sleeper.disconnect();
    }

    private static void produce(EmbeddedBroker broker, AtomicBoolean loaded) {
        try (var producer = producer(broker)) {
            for (int i = 0; loaded.get(); i++) {
                producer.send(new ProducerRecord<>("orders", 0, "load", "load" + i));
            }
        }
    }

    private static void publish(EmbeddedBroker broker, AtomicBoolean loaded) {
        Mqtt5BlockingClient sender = mqtt(broker, "loader");
        sender.connect();
        for (int i = 0; loaded.get(); i++) {
            send(sender, "device/load", "l" + i, false);
        }
        sender.disconnect();
    }

    @Test
    void isTheOwnersAndSaysWhatItHolds() throws Exception {
        assertThat(said).contains("one.backup").contains("topic 'quick' are not in it");
        assertThat(Files.getPosixFilePermissions(backup))
                .isEqualTo(PosixFilePermissions.fromString("rw-------"));
        BackupSummary found = EmbeddedBroker.verify(backup);
        assertThat(found.about().clusterId()).isEqualTo(clusterId);
        assertThat(found.batches()).isGreaterThan(20);
        assertThat(Files.exists(folder.resolve("one.backup.part"))).isFalse();
        assertThat(said).contains("topic 'quick'").doesNotContain("'tiny'");
    }

    @Test
    void servesWhatWasAcknowledgedAndGoesOnWhereGroupsAndSessionsWere() throws Exception {
        Path data = folder.resolve("restored");
        var builder = EmbeddedBroker.builder(data).plugins(PLUGINS);
        builder.restore(backup);
        assertThatThrownBy(() -> builder.restore(backup))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("is not empty");
        try (var broker = builder.start()) {
            assertThat(broker.broker().clusterId()).isEqualTo(clusterId);
            assertThat(mortise(0, data, "topic", "list"))
                    .contains("orders", "quick", "device", "tiny");
            assertThat(mortise(0, data, "user", "list")).contains("ann");
            records(broker);
            rocksRecords(broker);
            session(broker);
            try (var producer = producer(broker)) {
                var sent = producer.send(new ProducerRecord<>("orders", 0, "k", "after"));
                assertThat(sent.get().offset()).isGreaterThanOrEqualTo(BEFORE);
            }
        }
    }

    private static void records(EmbeddedBroker broker) {
        try (var consumer = consumer(broker)) {
            var orders = new TopicPartition("orders", 0);
            consumer.assign(List.of(orders));
            consumer.seekToBeginning(List.of(orders));
            long end = consumer.endOffsets(List.of(orders)).get(orders);
            Map<Long, String> found = new TreeMap<>();
            while (found.size() < end) {
                consumer.poll(Duration.ofMillis(200))
                        .forEach(it -> found.put(it.offset(), it.value()));
            }
            assertThat(found).containsAllEntriesOf(acknowledged);
        }
        try (var consumer = consumer(broker)) {
            consumer.subscribe(List.of("orders"));
            List<ConsumerRecord<String, String>> read = new ArrayList<>();
            while (read.isEmpty()) {
                consumer.poll(Duration.ofMillis(200)).forEach(read::add);
            }
            assertThat(read.getFirst().offset()).isEqualTo(BEFORE / 2);
        }
    }

    private static void rocksRecords(EmbeddedBroker broker) throws Exception {
        var tiny = new TopicPartition("tiny", 0);
        try (var consumer = consumer(broker);
                var producer = producer(broker)) {
            consumer.assign(List.of(tiny));
            consumer.seekToBeginning(List.of(tiny));
            List<String> found = new ArrayList<>();
            while (found.size() < IN_ROCKSDB) {
                consumer.poll(Duration.ofMillis(200)).forEach(it -> found.add(it.value()));
            }
            assertThat(found).hasSize(IN_ROCKSDB).startsWith("t0", "t1").endsWith("t39");
            var sent = producer.send(new ProducerRecord<>("tiny", 0, "k", "after"));
            assertThat(sent.get().offset()).isEqualTo(IN_ROCKSDB);
        }
    }

    private static void session(EmbeddedBroker broker) throws Exception {
        Mqtt5BlockingClient sleeper = mqtt(broker, "sleeper");
        try (var inbox = sleeper.publishes(MqttGlobalPublishFilter.ALL)) {
            assertThat(
                            sleeper.connectWith()
                                    .cleanStart(false)
                                    .sessionExpiryInterval(600)
                                    .send()
                                    .isSessionPresent())
                    .isTrue();
            for (int i = 0; i < 20; i++) {
                assertThat(next(inbox)).isEqualTo("m" + i);
            }
            sleeper.subscribeWith().topicFilter("kept/#").qos(MqttQos.AT_LEAST_ONCE).send();
            String last = next(inbox);
            while (last.startsWith("l")) { // what was published beside the backup
                last = next(inbox);
            }
            assertThat(last).isEqualTo("retained");
        }
        sleeper.disconnect();
    }

    @Test
    void aFlippedBitIsFoundAndNamedAndNothingIsMade() throws Exception {
        byte[] bytes = Files.readAllBytes(backup);
        for (int at :
                new int[] {3, 9, 17, 60, bytes.length / 3, bytes.length / 2, bytes.length - 1}) {
            byte[] damaged = bytes.clone();
            damaged[at] ^= 4;
            Path file = Files.write(folder.resolve("damaged.backup"), damaged);
            assertThatThrownBy(() -> EmbeddedBroker.verify(file))
                    .isInstanceOf(BackupException.class)
                    .hasMessageContaining("damaged.backup");
            Path data = folder.resolve("of-damaged");
            assertThatThrownBy(() -> EmbeddedBroker.builder(data).plugins(PLUGINS).restore(file))
                    .isInstanceOf(BackupException.class);
            assertThat(Files.exists(data)).isFalse();
            assertThat(Files.exists(folder.resolve("of-damaged.restoring"))).isFalse();
        }
        Path cut =
                Files.write(
                        folder.resolve("cut.backup"),
                        java.util.Arrays.copyOf(bytes, bytes.length - 30));
        assertThatThrownBy(() -> EmbeddedBroker.verify(cut)).hasMessageContaining("not whole");
    }

    @Test
    void aNewerVersionIsRefusedWithBothNumbers() throws Exception {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(backup));
        var crc = new CRC32C();
        bytes.putInt(8, 7);
        crc.update(bytes.slice(0, 12));
        bytes.putInt(12, (int) crc.getValue());
        Path newer = Files.write(folder.resolve("newer.backup"), bytes.array());
        assertThatThrownBy(() -> EmbeddedBroker.verify(newer))
                .hasMessageContaining("version 7")
                .hasMessageContaining("understands 1");
    }

    private static String next(
            com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient.Mqtt5Publishes inbox)
            throws InterruptedException {
        Optional<Mqtt5Publish> publish = inbox.receive(20, TimeUnit.SECONDS);
        return new String(publish.orElseThrow().getPayloadAsBytes(), UTF_8);
    }

    private static void send(
            Mqtt5BlockingClient sender, String topic, String text, boolean retain) {
        sender.publishWith()
                .topic(topic)
                .qos(MqttQos.AT_LEAST_ONCE)
                .retain(retain)
                .payload(text.getBytes(UTF_8))
                .send();
    }

    private static Mqtt5BlockingClient mqtt(EmbeddedBroker broker, String id) {
        return Mqtt5Client.builder()
                .identifier(id)
                .serverHost("127.0.0.1")
                .serverPort(broker.port("mqtt"))
                .buildBlocking();
    }

    private static KafkaProducer<String, String> producer(EmbeddedBroker broker) {
        return new KafkaProducer<>(
                Map.of("bootstrap.servers", "127.0.0.1:" + broker.port("kafka"), "acks", "all"),
                new StringSerializer(),
                new StringSerializer());
    }

    private static KafkaConsumer<String, String> consumer(EmbeddedBroker broker) {
        return new KafkaConsumer<>(
                Map.of(
                        "bootstrap.servers", "127.0.0.1:" + broker.port("kafka"),
                        "group.id", "readers",
                        "enable.auto.commit", "false",
                        "auto.offset.reset", "earliest"),
                new StringDeserializer(),
                new StringDeserializer());
    }

    private static String mortise(int code, Path data, String... words) {
        var said = new StringWriter();
        var out = new PrintWriter(said, true);
        String[] arguments = java.util.Arrays.copyOf(words, words.length + 2);
        arguments[words.length] = "--data";
        arguments[words.length + 1] = data.toString();
        assertThat(io.mortise.cli.Main.run(out, out, arguments))
                .as(said.toString())
                .isEqualTo(code);
        return said.toString();
    }
}
