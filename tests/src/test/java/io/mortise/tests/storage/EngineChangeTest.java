// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.tests.storage;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mortise.kernel.broker.EmbeddedBroker;
import io.mortise.spi.admin.Administration.Request;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** A topic changes its storage engine while Kafka's clients write and read it. */
class EngineChangeTest {
    private static final int PARTITIONS = 3;

    @TempDir private Path folder;
    private Path data;

    @BeforeEach
    void chooseData() {
        data = folder.resolve("data");
    }

    private EmbeddedBroker start(int port) throws Exception {
        return builder(data).port("kafka", port).start();
    }

    private static EmbeddedBroker.Builder builder(Path place) {
        return EmbeddedBroker.builder(place)
                .plugins("storage-segment", "storage-rocksdb", "storage-memory", "protocol-kafka");
    }

    /** Writes numbers, each partition's in order, until it is told to stop. */
    private static final class Writer implements AutoCloseable {
        final AtomicInteger[] counts = new AtomicInteger[PARTITIONS];
        final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
        private final KafkaProducer<String, String> producer;
        private final Thread thread;
        private volatile boolean stopped;

        Writer(Map<String, Object> configs, String topic) {
            Map<String, Object> own = new HashMap<>(configs);
            own.put("linger.ms", 1);
            own.put("batch.size", 2_000);
            producer = new KafkaProducer<>(own, new StringSerializer(), new StringSerializer());
            for (int i = 0; i < PARTITIONS; i++) {
                counts[i] = new AtomicInteger();
            }
            thread = new Thread(() -> run(topic), "writer");
            thread.start();
        }

        private void run(String topic) {
            while (!stopped) {
                for (int i = 0; i < PARTITIONS; i++) {
                    String value = Integer.toString(counts[i].getAndIncrement());
                    producer.send(
                            new ProducerRecord<>(topic, i, null, value),
                            (_, e) -> {
                                if (e != null) {
                                    failures.add(e);
                                }
                            });
                }
                LockSupport.parkNanos(500_000);
            }
        }

        int written() {
            return counts[PARTITIONS - 1].get();
        }

        @Override
        public void close() throws InterruptedException {
            stopped = true;
            thread.join();
            producer.close();
        }
    }

    /** Reads as it comes, on a thread of its own. */
    private static final class Reader implements AutoCloseable {
        final Map<Integer, List<ConsumerRecord<String, String>>> found = new TreeMap<>();
        private final Map<String, Object> configs;
        private final String topic;
        private final Thread thread;
        private volatile int wanted = Integer.MAX_VALUE;
        private volatile long deadline = Long.MAX_VALUE;

        Reader(Map<String, Object> configs, String topic) {
            this.configs = configs;
            this.topic = topic;
            for (int i = 0; i < PARTITIONS; i++) {
                found.put(i, new ArrayList<>());
            }
            thread = new Thread(this::run, "reader");
            thread.start();
        }

        private void run() {
            try (var consumer =
                    new KafkaConsumer<>(
                            configs, new StringDeserializer(), new StringDeserializer())) {
                consumer.assign(
                        found.keySet().stream().map(it -> new TopicPartition(topic, it)).toList());
                consumer.seekToBeginning(consumer.assignment());
                while (!done() && System.nanoTime() - deadline < 0) {
                    consumer.poll(Duration.ofMillis(100))
                            .forEach(it -> found.get(it.partition()).add(it));
                }
            }
        }

        private boolean done() {
            return found.values().stream().allMatch(it -> it.size() >= wanted);
        }

        void await(int each) throws InterruptedException {
            deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
            wanted = each;
            thread.join();
        }

        @Override
        public void close() throws InterruptedException {
            await(0);
        }
    }

    private static Map<String, Object> clients(EmbeddedBroker broker) {
        return Map.of(
                "bootstrap.servers",
                "127.0.0.1:" + broker.port("kafka"),
                "auto.offset.reset",
                "none",
                "isolation.level",
                "read_committed");
    }

    private static void create(EmbeddedBroker broker, Map<String, String> configs)
            throws Exception {
        try (Admin admin = Admin.create(clients(broker))) {
            var topic = new NewTopic("orders", PARTITIONS, (short) 1).configs(configs);
            admin.createTopics(List.of(topic)).all().get(30, TimeUnit.SECONDS);
        }
    }

    private static void alter(EmbeddedBroker broker, Map<String, String> configs) throws Exception {
        List<AlterConfigOp> changes = new ArrayList<>();
        configs.forEach(
                (key, value) ->
                        changes.add(new AlterConfigOp(new ConfigEntry(key, value), OpType.SET)));
        var orders = new ConfigResource(ConfigResource.Type.TOPIC, "orders");
        try (Admin admin = Admin.create(clients(broker))) {
            admin.incrementalAlterConfigs(Map.of(orders, changes)).all().get(30, TimeUnit.SECONDS);
        }
    }

    private static String describe(EmbeddedBroker broker) throws Exception {
        return call(broker, "GET", "/topics/orders");
    }

    private static String call(EmbeddedBroker broker, String method, String path) throws Exception {
        var request =
                new Request(method, "/api/v1" + path, Map.of(), "application/json", new byte[0]);
        var response = broker.administration().handle(request).toCompletableFuture();
        return new String(response.get(30, TimeUnit.SECONDS).body(), UTF_8);
    }

    private String mortise(String... words) {
        var out = new StringWriter();
        var writer = new PrintWriter(out, true);
        String[] arguments = Arrays.copyOf(words, words.length + 2);
        arguments[words.length] = "--data";
        arguments[words.length + 1] = data.toString();
        assertThat(io.mortise.cli.Main.run(writer, writer, arguments)).as("%s", out).isZero();
        return out.toString();
    }

    private static void awaitWritten(Writer writer, int more) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        int wanted = writer.written() + more;
        while (writer.written() < wanted && System.nanoTime() < deadline) {
            LockSupport.parkNanos(1_000_000);
        }
    }

    /** Every record once, in order, without a gap in values or offsets. */
    private static void check(Map<Integer, List<ConsumerRecord<String, String>>> found, int each) {
        found.forEach(
                (partition, records) -> {
                    assertThat(records).as("partition %d", partition).hasSize(each);
                    for (int i = 0; i < each; i++) {
                        assertThat(records.get(i).value()).isEqualTo(Integer.toString(i));
                        assertThat(records.get(i).offset()).isEqualTo(i);
                    }
                });
    }

    @Test
    void everyRecordOnceInOrderFromSegmentsToRocksAndBackAndOverARestart() throws Exception {
        int written;
        int port;
        Path backup = folder.resolve("engines.backup");
        try (EmbeddedBroker broker = start(0)) {
            port = broker.port("kafka");
            create(broker, Map.of());
            try (var reader = new Reader(clients(broker), "orders");
                    var writer = new Writer(clients(broker), "orders")) {
                awaitWritten(writer, 200);
                alter(broker, Map.of("storage.engine", "rocksdb"));
                awaitWritten(writer, 200);
                alter(broker, Map.of("storage.engine", "segment"));
                alter(broker, Map.of("storage.engine", "rocksdb"));
                awaitWritten(writer, 200);
                writer.close();
                assertThat(writer.failures).isEmpty();
                written = writer.written();
                reader.await(written);
                check(reader.found, written);
            }
            assertThat(describe(broker))
                    .contains("\"engine\":\"segment\"", "\"engine\":\"rocksdb\"");
            assertThat(call(broker, "POST", "/plugins/storage-segment/stop"))
                    .contains("topic 'orders'"); // for its older generations
            assertThat(mortise("topic", "describe", "orders"))
                    .contains("GENERATION")
                    .containsPattern("0 +0 +segment +0 ");
            assertThat(mortise("backup", "create", backup.toString())).contains("logs");
        }
        try (EmbeddedBroker broker = start(port)) {
            try (var reader = new Reader(clients(broker), "orders")) {
                reader.await(written);
                check(reader.found, written);
            }
            try (var writer = new Writer(clients(broker), "orders")) {
                awaitWritten(writer, 10);
                alter(broker, Map.of("storage.engine", "segment"));
                awaitWritten(writer, 10);
                writer.close();
                assertThat(writer.failures).isEmpty();
            }
        }
        Path elsewhere = folder.resolve("restored");
        builder(elsewhere).restore(backup);
        for (int i = 0; i < 2; i++) {
            try (EmbeddedBroker broker = builder(elsewhere).start();
                    var reader = new Reader(clients(broker), "orders")) {
                reader.await(written);
                check(reader.found, written);
                assertThat(describe(broker)).contains("\"number\":3", "\"engine\":\"rocksdb\"");
            }
        }
    }

    @Test
    void fromMemoryToSegments() throws Exception {
        try (EmbeddedBroker broker = start(0)) {
            create(broker, Map.of("storage.engine", "memory", "durability", "MEMORY"));
            try (var reader = new Reader(clients(broker), "orders");
                    var writer = new Writer(clients(broker), "orders")) {
                awaitWritten(writer, 100);
                alter(broker, Map.of("storage.engine", "segment", "durability", "DISK"));
                awaitWritten(writer, 100);
                writer.close();
                assertThat(writer.failures).isEmpty();
                reader.await(writer.written());
                check(reader.found, writer.written());
            }
        }
        try (EmbeddedBroker broker = start(0)) {
            var partitions = describe(broker);
            assertThat(partitions).contains("\"engine\":\"segment\"");
            assertThat(partitions).doesNotContain("\"number\":0").contains("\"number\":1");
        }
    }
}
