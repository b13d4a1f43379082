// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.tests.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.kernel.broker.EmbeddedBroker;
import io.mortise.kernel.runtime.DiskFileLayer;
import io.mortise.spi.runtime.FileLayer;
import io.mortise.spi.testing.SimulatedFileLayer;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * The durability of a topic is changed through Kafka's Admin while a producer writes, then the
 * power goes: what was acknowledged at DISK is there. The logs lie on a simulated disk that forgets
 * what was not forced.
 */
class DurabilityChangeTest {
    private static final TopicPartition ORDERS = new TopicPartition("orders", 0);

    @TempDir private Path data;
    private final SimulatedFileLayer disk = new SimulatedFileLayer(11);

    private EmbeddedBroker start() throws Exception {
        return EmbeddedBroker.builder(data)
                .plugins("storage-segment", "protocol-kafka")
                .aroundLogs((_, files) -> isLogs(files) ? disk : files)
                .start();
    }

    private static boolean isLogs(FileLayer files) {
        return files instanceof DiskFileLayer it && it.root().endsWith("logs/segment");
    }

    private static Map<String, Object> clients(EmbeddedBroker broker) {
        return new HashMap<>(
                Map.of(
                        "bootstrap.servers",
                        "127.0.0.1:" + broker.port("kafka"),
                        "delivery.timeout.ms",
                        5_000,
                        "request.timeout.ms",
                        4_000));
    }

    /** Writes until it is stopped; notes what is acknowledged, with its offset. */
    private static final class Writer implements AutoCloseable {
        final Map<Long, String> acknowledged = new ConcurrentSkipListMap<>();
        private final AtomicLong sent = new AtomicLong();
        private final KafkaProducer<String, String> producer;
        private final Thread thread;
        private volatile boolean stopped;

        Writer(EmbeddedBroker broker) {
            producer =
                    new KafkaProducer<>(
                            clients(broker), new StringSerializer(), new StringSerializer());
            thread = new Thread(this::run, "writer");
            thread.start();
        }

        private void run() {
            while (!stopped) {
                String value = "v" + sent.getAndIncrement();
                producer.send(
                        new ProducerRecord<>("orders", 0, null, value),
                        (at, e) -> {
                            if (e == null) {
                                acknowledged.put(at.offset(), value);
                            }
                        });
                LockSupport.parkNanos(300_000);
            }
        }

        void awaitMore(int more) {
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
            int wanted = acknowledged.size() + more;
            while (acknowledged.size() < wanted && System.nanoTime() < deadline) {
                LockSupport.parkNanos(1_000_000);
            }
        }

        @Override
        public void close() throws InterruptedException {
            stopped = true;
            thread.join();
            producer.close(Duration.ofSeconds(1));
        }
    }

    private static void alter(Admin admin, String level) throws Exception {
        var change = new AlterConfigOp(new ConfigEntry("durability", level), OpType.SET);
        var topic = new ConfigResource(ConfigResource.Type.TOPIC, "orders");
        admin.incrementalAlterConfigs(Map.of(topic, List.of(change)))
                .all()
                .get(30, TimeUnit.SECONDS);
    }

    private static Map<Long, String> read(EmbeddedBroker broker) {
        Map<Long, String> found = new TreeMap<>();
        try (var consumer =
                new KafkaConsumer<>(
                        clients(broker), new StringDeserializer(), new StringDeserializer())) {
            consumer.assign(List.of(ORDERS));
            consumer.seekToBeginning(List.of(ORDERS));
            long end = consumer.endOffsets(List.of(ORDERS)).get(ORDERS);
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
            while (consumer.position(ORDERS) < end && System.nanoTime() < deadline) {
                consumer.poll(Duration.ofMillis(100))
                        .forEach(it -> found.put(it.offset(), it.value()));
            }
        }
        return found;
    }

    private static Writer writer(EmbeddedBroker broker, Admin admin) throws Exception {
        var topic = new NewTopic("orders", 1, (short) 1);
        admin.createTopics(List.of(topic)).all().get(30, TimeUnit.SECONDS);
        return new Writer(broker);
    }

    @Test
    void whatWasAcknowledgedAtDiskOutlivesThePowerLossAfterTwoChanges() throws Exception {
        Map<Long, String> promised;
        try (EmbeddedBroker broker = start();
                Admin admin = Admin.create(clients(broker));
                var writer = writer(broker, admin)) {
            writer.awaitMore(100);
            alter(admin, "OS");
            writer.awaitMore(100);
            alter(admin, "DISK");
            long settled = Collections.max(writer.acknowledged.keySet());
            writer.awaitMore(100);
            promised = new TreeMap<>(writer.acknowledged);
            assertThat(Collections.max(promised.keySet())).isGreaterThan(settled + 50);
            assertThat(disk.files()).isNotEmpty();
            disk.crash();
        }
        try (EmbeddedBroker broker = start()) {
            Map<Long, String> found = read(broker);
            assertThat(found).containsAllEntriesOf(promised);
            assertThat(new TreeSet<>(found.values())).hasSameSizeAs(found.values()); // none twice
            try (var writer = new Writer(broker)) {
                writer.awaitMore(10);
                assertThat(Collections.min(writer.acknowledged.keySet()))
                        .isGreaterThan(Collections.max(found.keySet()));
            }
        }
    }
}
