// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.tests.smoke;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;

import io.mortise.kernel.broker.EmbeddedBroker;
import io.mortise.spi.RefusedException;
import io.mortise.spi.admin.Administration.Request;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.LogDirDescription;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** A whole broker with real clients over two directories, one of which fails or is away. */
class LogDirectoriesTest {
    /** Of one partition each, made in this order: so they are kept in turn. */
    private static final List<String> TOPICS = List.of("a", "b", "c", "d");

    @TempDir private Path folder;
    private final AtomicBoolean failing = new AtomicBoolean();
    private final StringWriter out = new StringWriter();

    private Path data() {
        return folder.resolve("data");
    }

    private Path second() {
        return folder.resolve("second");
    }

    private EmbeddedBroker start() throws Exception {
        return builder(data()).config("logs:\n  directories: [second]\n").start();
    }

    private EmbeddedBroker.Builder builder(Path data) {
        return EmbeddedBroker.builder(data)
                .home(folder)
                .plugins("storage-segment", "storage-memory", "protocol-kafka", "protocol-mqtt")
                .aroundLogs(
                        (path, files) ->
                                path.equals(second()) ? new FailingFiles(files, failing) : files);
    }

    @Test
    void aFailingDirectoryTakesItsOwnTopicsAndComesBackWithoutARestart() throws Exception {
        try (var broker = start();
                var admin = Admin.create(config(broker));
                var producer = producer(broker)) {
            create(admin);
            assertThat(kept(admin, data())).containsExactlyInAnyOrder("a", "c");
            assertThat(kept(admin, second())).containsExactlyInAnyOrder("b", "d");
            for (String topic : TOPICS) {
                producer.send(new ProducerRecord<>(topic, "1")).get();
            }

            failing.set(true);
            for (String topic : TOPICS) {
                if (topic.equals("b") || topic.equals("d")) {
                    assertThatThrownBy(() -> producer.send(new ProducerRecord<>(topic, "x")).get())
                            .hasCauseInstanceOf(KafkaStorageException.class);
                } else {
                    producer.send(new ProducerRecord<>(topic, "2")).get();
                }
            }
            awaitOffline(broker, true);
            assertThat(describe(admin).get(logs(second())).error())
                    .isInstanceOf(KafkaStorageException.class);
            assertThat(describe(admin).get(logs(data())).error()).isNull();
            assertThat(broker.administration().metrics())
                    .contains(
                            "mortise_partition_directory_online{directory=\"" + second() + "\"} 0")
                    .contains("mortise_partition_directory_online{directory=\"data\"} 1");
            assertThat(broker.administration().health().ready()).isTrue();
            assertThat(mortise("status")).isZero();
            assertThat(out.toString()).contains("degraded  the log directory " + second());
            assertThat(mortise("storage", "check")).isEqualTo(1);
            assertThat(out.toString()).contains("segment in " + second() + ": not checked");
            assertThat(storage(broker))
                    .contains("\"directory\":\"data\"")
                    .containsPattern(
                            second() + "\",\"id\":\"[^\"]{22}\",\"online\":false,\"reason\"");
            assertThat(mqttTakes(broker, "a")).isTrue();
            assertThat(mqttTakes(broker, "b")).isFalse();
            admin.createTopics(List.of(new NewTopic("e", 3, (short) 1))).all().get();
            assertThat(kept(admin, data())).containsExactlyInAnyOrder("a", "c", "e");

            failing.set(false);
            awaitOffline(broker, false);
            awaitSent(producer, "b", "3");
            awaitSent(producer, "d", "3");
            assertThat(mortise("storage", "check")).as(out.toString()).isZero();
            assertThat(read(broker, "b")).startsWith("1").endsWith("3");
            assertThat(read(broker, "d")).containsExactly("1", "3");
            assertThat(read(broker, "c")).containsExactly("1", "2");
        }
    }

    @Test
    void aDirectoryThatIsAwayAtTheStartIsWaitedFor() throws Exception {
        try (var broker = start();
                var admin = Admin.create(config(broker));
                var producer = producer(broker)) {
            create(admin);
            for (String topic : TOPICS) {
                producer.send(new ProducerRecord<>(topic, "1")).get();
            }
        }
        Path away = folder.resolve("away");
        Files.move(second(), away);
        try (var broker = start();
                var producer = producer(broker)) {
            producer.send(new ProducerRecord<>("a", "2")).get();
            assertThat(read(broker, "c")).containsExactly("1");
            assertThat(broker.administration().health().degraded())
                    .anyMatch(it -> it.contains(second() + " is out of service"))
                    .anyMatch(it -> it.contains("(2 partitions)"));
            assertThat(second()).as("it is not made anew").doesNotExist();
            Files.move(away, second());
            awaitOffline(broker, false);
            awaitSent(producer, "b", "2");
            assertThat(read(broker, "b")).containsExactly("1", "2");
        }
    }

    @Test
    void aBackupHoldsWhatEveryDirectoryKeeps() throws Exception {
        Path backup = folder.resolve("all.backup");
        try (var broker = start();
                var admin = Admin.create(config(broker));
                var producer = producer(broker)) {
            create(admin);
            for (String topic : TOPICS) {
                producer.send(new ProducerRecord<>(topic, "1")).get();
            }
            assertThat(mortise("backup", "create", backup.toString())).as(out.toString()).isZero();
        }
        Path restored = folder.resolve("restored");
        builder(restored).restore(backup);
        try (var broker = builder(restored).start()) {
            for (String topic : TOPICS) {
                assertThat(read(broker, topic)).containsExactly("1");
            }
        }
    }

    @Test
    void aDirectoryOfAnotherBrokerKeepsThisOneFromStarting() throws Exception {
        start().close();
        var other = builder(folder.resolve("other")).config("logs:\n  directories: [second]\n");
        assertThatThrownBy(other::start)
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining(second().toString())
                .hasMessageContaining("belongs to node 0 of cluster")
                .hasMessageContaining("this is node 0 of cluster");
        assertThatThrownBy(() -> builder(second()).start())
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("is a log directory of node 0");
        assertThatThrownBy(() -> builder(data()).config("logs:\n  directories: [data/x]\n").start())
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("one lies in the other");
    }

    // Clients.

    private static Map<String, Object> config(EmbeddedBroker broker) {
        return new HashMap<>(Map.of("bootstrap.servers", "127.0.0.1:" + broker.port("kafka")));
    }

    /** Says each refusal at once. */
    private static KafkaProducer<String, String> producer(EmbeddedBroker broker) {
        Map<String, Object> config = config(broker);
        config.put("retries", 0);
        config.put("enable.idempotence", false);
        config.put("max.block.ms", 2_000);
        return new KafkaProducer<>(config, new StringSerializer(), new StringSerializer());
    }

    private static void create(Admin admin) throws Exception {
        for (String topic : TOPICS) {
            admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1))).all().get();
        }
    }

    private static Map<String, LogDirDescription> describe(Admin admin) throws Exception {
        return admin.describeLogDirs(List.of(0)).allDescriptions().get().get(0);
    }

    private static String logs(Path directory) {
        return directory.resolve("logs/segment").toString();
    }

    private static List<String> kept(Admin admin, Path directory) throws Exception {
        return describe(admin).get(logs(directory)).replicaInfos().keySet().stream()
                .map(TopicPartition::topic)
                .distinct()
                .toList();
    }

    private static List<String> read(EmbeddedBroker broker, String topic) {
        List<String> values = new ArrayList<>();
        var partition = new TopicPartition(topic, 0);
        try (var consumer =
                new KafkaConsumer<>(
                        config(broker), new StringDeserializer(), new StringDeserializer())) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).get(partition);
            while (consumer.position(partition) < end) {
                consumer.poll(Duration.ofMillis(100)).forEach(it -> values.add(it.value()));
            }
        }
        return values;
    }

    /** Whether a publish is acknowledged as taken, within seconds. */
    private static boolean mqttTakes(EmbeddedBroker broker, String topic) throws Exception {
        Mqtt5BlockingClient client =
                Mqtt5Client.builder()
                        .serverHost("127.0.0.1")
                        .serverPort(broker.port("mqtt"))
                        .buildBlocking();
        client.connect();
        try {
            var answer =
                    client.toAsync()
                            .publishWith()
                            .topic(topic)
                            .qos(MqttQos.AT_LEAST_ONCE)
                            .payload("2".getBytes(UTF_8))
                            .send()
                            .orTimeout(3, TimeUnit.SECONDS);
            return answer.handle((done, failed) -> failed == null && done.getError().isEmpty())
                    .join();
        } finally {
            client.disconnect();
        }
    }

    private static String storage(EmbeddedBroker broker) {
        var request = new Request("GET", "/api/v1/storage", Map.of(), null, new byte[0]);
        return new String(
                broker.administration().handle(request).toCompletableFuture().join().body(), UTF_8);
    }

    private static void awaitOffline(EmbeddedBroker broker, boolean offline) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (broker.administration().health().degraded().isEmpty() == offline) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            Thread.sleep(20);
        }
    }

    private static void awaitSent(
            KafkaProducer<String, String> producer, String topic, String value) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (true) {
            try {
                producer.send(new ProducerRecord<>(topic, value)).get();
                return;
            } catch (ExecutionException notYet) {
                assertThat(System.nanoTime()).as(notYet.toString()).isLessThan(deadline);
                Thread.sleep(50);
            }
        }
    }

    private int mortise(String... words) {
        out.getBuffer().setLength(0);
        String[] arguments = Arrays.copyOf(words, words.length + 2);
        arguments[words.length] = "--data";
        arguments[words.length + 1] = data().toString();
        var writer = new PrintWriter(out, true);
        return io.mortise.cli.Main.run(writer, writer, arguments);
    }
}
