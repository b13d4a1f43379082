// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.tests.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.kernel.broker.EmbeddedBroker;
import io.mortise.kernel.plugin.PluginState;
import io.mortise.kernel.plugin.PluginStatus;
import io.mortise.tests.distribution.Shipped;
import io.mortise.tests.process.KafkaRead;
import io.netty.util.ResourceLeakDetector;

import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Upgrades of the bundles that are shipped, beside MQTT clients that must not notice. */
@Timeout(value = 600, unit = TimeUnit.SECONDS)
class ShippedUpgradesTest {
    @TempDir Path data;
    private final ResourceLeakDetector.Level level = ResourceLeakDetector.getLevel();

    /** Its records hold the classes on the stack of every access to a buffer. */
    @BeforeEach
    void withoutLeakRecords() {
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.DISABLED);
    }

    @AfterEach
    void withLeakRecords() {
        ResourceLeakDetector.setLevel(level);
    }

    @Test
    void upgradesKafkaWithoutRefusingAConnection() throws Exception {
        try (EmbeddedBroker broker = start();
                MqttLoad load = new MqttLoad(broker.port("mqtt"))) {
            int port = broker.port("kafka");
            serveKafka(broker, 0);
            for (int round = 0; round < 3; round++) {
                try (InputStream jar = Files.newInputStream(bundle("protocol-kafka"))) {
                    PluginStatus status = broker.plugins().upgrade(broker.plugins().receive(jar));
                    assertThat(status.state()).isEqualTo(PluginState.ACTIVE);
                    assertThat(status.note()).isNull();
                }
                assertThat(broker.port("kafka")).isEqualTo(port);
                serveKafka(broker, round + 1);
            }
            assertThat(load.sent()).isPositive();
        }
    }

    @Test
    void theStorageThatHoldsTopicsStays() throws Exception {
        try (EmbeddedBroker broker = start()) {
            serveKafka(broker, 0);
            assertThatThrownBy(() -> broker.plugins().uninstall("storage-segment"))
                    .hasMessageContaining("is not uninstalled: it is needed by")
                    .hasMessageContaining("topic 'cycle-0'");
            try (InputStream jar = Files.newInputStream(bundle("storage-segment"))) {
                PluginStatus status = broker.plugins().upgrade(broker.plugins().receive(jar));
                assertThat(status.note()).endsWith("takes effect at restart");
            }
        }
        try (EmbeddedBroker broker = start()) {
            assertThat(broker.plugins().status("storage-segment").bundle())
                    .startsWith("storage-segment-");
            assertThat(KafkaRead.all(bootstrap(broker), "cycle-0")).hasSize(1_000);
        }
    }

    @Test
    void topicsOfAStorageThatWasTakenAwayByForceWaitForIt() throws Exception {
        try (EmbeddedBroker broker = start()) {
            serveKafka(broker, 0);
            try (var producer = producer(broker)) {
                broker.plugins().uninstall("storage-segment", true);
                Future<?> waiting = producer.send(new ProducerRecord<>("cycle-0", "late", "late"));
                assertThatThrownBy(() -> waiting.get(2, TimeUnit.SECONDS))
                        .isInstanceOf(TimeoutException.class); // it is told to try again, and does
                try (InputStream jar = Files.newInputStream(bundle("storage-segment"))) {
                    broker.plugins().install(broker.plugins().receive(jar));
                }
                waiting.get(60, TimeUnit.SECONDS);
                assertThat(KafkaRead.all(bootstrap(broker), "cycle-0")).hasSize(1_001);
                serveKafka(broker, 1);
            }
        }
    }

    private EmbeddedBroker start() throws IOException, InterruptedException {
        return EmbeddedBroker.builder(data).bundles(Shipped.home().resolve("plugins")).start();
    }

    /** 1 000 records in and out. */
    private static void serveKafka(EmbeddedBroker broker, int cycle) throws Exception {
        String topic = "cycle-" + cycle;
        try (var producer = producer(broker)) {
            for (int i = 0; i < 1_000; i++) {
                producer.send(new ProducerRecord<>(topic, "k" + i, "v" + i));
            }
        }
        assertThat(KafkaRead.all(bootstrap(broker), topic)).hasSize(1_000);
    }

    private static KafkaProducer<String, String> producer(EmbeddedBroker broker) {
        Map<String, Object> config = Map.of("bootstrap.servers", bootstrap(broker));
        return new KafkaProducer<>(config, new StringSerializer(), new StringSerializer());
    }

    private static Path bundle(String id) {
        return Shipped.bundles().stream()
                .filter(jar -> jar.getFileName().toString().startsWith("mortise-" + id))
                .findFirst()
                .orElseThrow();
    }

    private static String bootstrap(EmbeddedBroker broker) {
        return "127.0.0.1:" + broker.port("kafka");
    }
}
