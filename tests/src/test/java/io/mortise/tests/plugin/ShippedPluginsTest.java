// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.tests.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import io.mortise.kernel.broker.EmbeddedBroker;
import io.mortise.kernel.plugin.PluginHost;
import io.mortise.kernel.plugin.PluginState;
import io.mortise.kernel.plugin.PluginStatus;
import io.mortise.spi.testing.HeapDump;
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
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Whole life cycles of the bundles that are shipped, beside MQTT clients that must not notice. */
@Timeout(value = 600, unit = TimeUnit.SECONDS)
class ShippedPluginsTest {
    private static final int CYCLES = Boolean.getBoolean("mortise.deep") ? 40 : 20;
    private static final long MEGABYTE = 1 << 20;

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
    void kafkaComesAndGoesWhileMqttClientsStay() throws Exception {
        try (EmbeddedBroker broker = start();
                MqttLoad load = new MqttLoad(broker.port("mqtt"))) {
            long metaspace = 0;
            for (int cycle = 0; cycle < CYCLES; cycle++) {
                serveKafka(broker, cycle);
                uninstall(broker.plugins(), "protocol-kafka", "io.mortise.protocol.kafka.");
                install(broker.plugins(), "protocol-kafka");
                if (cycle == 4) {
                    metaspace = metaspace();
                }
            }
            assertThat(metaspace() - metaspace).isLessThan(8 * MEGABYTE);
            serveKafka(broker, CYCLES);
            assertThat(load.sent()).isGreaterThan(100);
            assertThat(broker.plugins().doctor()).isEmpty();
        }
    }

    @Test
    void theOthersComeAndGoToo() throws Exception {
        try (EmbeddedBroker broker = start();
                MqttLoad load = new MqttLoad(broker.port("mqtt"))) {
            for (String id : new String[] {"auth-builtin", "connector-jdbc", "admin-http"}) {
                for (int cycle = 0; cycle < CYCLES; cycle++) {
                    if (id.equals("admin-http")) {
                        askHealth(broker.port("admin"));
                    }
                    uninstall(broker.plugins(), id, "io.mortise." + id.replace('-', '.') + ".");
                    install(broker.plugins(), id);
                }
            }
            assertThat(load.sent()).isGreaterThan(100);
        }
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

    private EmbeddedBroker start() throws IOException, InterruptedException {
        return EmbeddedBroker.builder(data).bundles(Shipped.home().resolve("plugins")).start();
    }

    /** 1 000 records in and out. */
    private static void serveKafka(EmbeddedBroker broker, int cycle) throws Exception {
        String topic = "cycle-" + cycle;
        Map<String, Object> config = Map.of("bootstrap.servers", bootstrap(broker));
        try (var producer =
                new KafkaProducer<>(config, new StringSerializer(), new StringSerializer())) {
            for (int i = 0; i < 1_000; i++) {
                producer.send(new ProducerRecord<>(topic, "k" + i, "v" + i));
            }
        }
        assertThat(KafkaRead.all(bootstrap(broker), topic)).hasSize(1_000);
    }

    private static void askHealth(int port) throws IOException, InterruptedException {
        URI health = URI.create("http://127.0.0.1:" + port + "/health/ready");
        try (HttpClient http = HttpClient.newHttpClient()) {
            HttpResponse<String> response =
                    http.send(
                            HttpRequest.newBuilder(health).build(),
                            HttpResponse.BodyHandlers.ofString());
            assertThat(response.statusCode()).isEqualTo(200);
        }
    }

    /** Nothing may be left: no thread, and no path to its classes. */
    private static void uninstall(PluginHost plugins, String id, String classPrefix)
            throws IOException {
        String note = plugins.uninstall(id).note();
        if (note != null) {
            fail(note + "\n  " + HeapDump.pathToLoaderOf(classPrefix));
        }
        assertThat(threads("mortise-" + id)).isZero();
    }

    private static void install(PluginHost plugins, String id) throws IOException {
        try (InputStream jar = Files.newInputStream(bundle(id))) {
            assertThat(plugins.install(plugins.receive(jar)).state()).isEqualTo(PluginState.ACTIVE);
        }
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

    private static long threads(String prefix) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith(prefix))
                .count();
    }

    private static long metaspace() {
        System.gc();
        return ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(pool -> pool.getName().equals("Metaspace"))
                .mapToLong(pool -> pool.getUsage().getUsed())
                .sum();
    }
}
