// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.tests.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.mortise.connector.jdbc.PostgresServer;
import io.mortise.kernel.broker.EmbeddedBroker;
import io.mortise.kernel.config.UsersFile;
import io.mortise.kernel.plugin.PluginState;
import io.mortise.spi.admin.Administration;
import io.mortise.tests.plugin.MqttLoad;
import io.netty.util.ResourceLeakDetector;

import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The plugins that may come and go do so again and again in one broker, each at the end of real
 * work: nothing of them stays, and no other connection notices.
 */
@Timeout(value = 900, unit = TimeUnit.SECONDS)
class ServedPluginsTest {
    private static final boolean DEEP = Boolean.getBoolean("mortise.deep");
    private static final int CYCLES = DEEP ? 20 : 7;
    private static final int SETTLED = 5; // cycles, after which nothing may grow
    private static final int SERVED = 1_000;

    /** Each costs a slow hash, on purpose: all of them only in the long run. */
    private static final int LOGINS = DEEP ? 1_000 : 100;

    private static final long MOST_MORE_BYTES = 8L << 20;
    private static final String CONFIG = "plugins:\n  auth-builtin:\n    iterations: 10000\n";
    private static final String USERS =
            """
            users:
              - {name: ann, password: change-me}
            rules:
              - {principal: "User:*", pattern: "*"}
            """;

    @TempDir private Path data;
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
    void nothingStaysOfPluginsThatServed() throws Exception {
        try (PostgresServer postgres = new PostgresServer();
                EmbeddedBroker broker = start();
                MqttLoad load = new MqttLoad(broker.port("mqtt"))) {
            postgres.execute("CREATE TABLE rows (id text NOT NULL, cycle integer NOT NULL)");
            createTopic(broker, "rows");
            createTopic(broker, "records");
            long heap = 0;
            long metaspace = 0;
            for (int cycle = 1; cycle <= CYCLES; cycle++) {
                serveKafka(broker, cycle);
                comeAndGo(broker, "protocol-kafka");
                fillTable(broker, postgres, cycle);
                comeAndGo(broker, "connector-jdbc");
                logIn(broker, cycle);
                comeAndGo(broker, "auth-builtin");
                ask(broker);
                comeAndGo(broker, "admin-http");
                if (cycle == SETTLED) {
                    heap = heap();
                    metaspace = metaspace();
                }
            }
            assertThat(heap() - heap).as("heap").isLessThan(MOST_MORE_BYTES);
            assertThat(metaspace() - metaspace).as("metaspace").isLessThan(MOST_MORE_BYTES);
            assertThat(load.sent()).isGreaterThan(100);
        }
    }

    private EmbeddedBroker start() throws Exception {
        return EmbeddedBroker.builder(data)
                .bundles(Shipped.home().resolve("plugins"))
                .config(CONFIG)
                .users(UsersFile.read("users.yaml", USERS))
                .start();
    }

    /** 1 000 records in, and the same out. */
    private static void serveKafka(EmbeddedBroker broker, int cycle) {
        produce(broker, "records", cycle);
        var partition = new TopicPartition("records", 0);
        try (var consumer =
                new KafkaConsumer<>(
                        Map.of("bootstrap.servers", bootstrap(broker)),
                        new StringDeserializer(),
                        new StringDeserializer())) {
            consumer.assign(List.of(partition));
            consumer.seek(partition, (long) (cycle - 1) * SERVED);
            int read = 0;
            long deadline = deadline();
            while (read < SERVED) {
                assertThat(System.nanoTime()).as("%d read", read).isLessThan(deadline);
                read += consumer.poll(Duration.ofMillis(200)).count();
            }
            assertThat(consumer.position(partition)).isEqualTo((long) cycle * SERVED);
        }
    }

    /** 1 000 rows in PostgreSQL, by a connector that lives for that long. */
    private static void fillTable(EmbeddedBroker broker, PostgresServer postgres, int cycle)
            throws Exception {
        administer(
                broker,
                "POST",
                "/api/v1/connectors",
                """
                {"name": "rows", "plugin": "connector-jdbc", "topics": ["rows"], "settings": {
                  "connection.url": "%s", "connection.user": "%s",
                  "insert.mode": "insert", "pk.fields": "id"}}
                """
                        .formatted(postgres.url(), postgres.user()));
        produce(broker, "rows", cycle);
        String expected = (long) cycle * SERVED + "|" + (long) cycle * SERVED;
        long deadline = deadline();
        String found = "";
        while (!found.equals(expected)) {
            assertThat(System.nanoTime()).as("rows: %s", found).isLessThan(deadline);
            TimeUnit.MILLISECONDS.sleep(20);
            found = postgres.rows("SELECT count(*), count(DISTINCT id) FROM rows").getFirst();
        }
        administer(broker, "DELETE", "/api/v1/connectors/rows", "");
    }

    /** Each with a client identifier of its own, so that the authenticator is asked each time. */
    private static void logIn(EmbeddedBroker broker, int cycle) throws IOException {
        for (int i = 0; i < LOGINS; i++) {
            boolean right = i % 10 != 0;
            byte[] answer = connect(broker, cycle + "-" + i, right ? "change-me" : "guess");
            assertThat(answer).containsExactly(0x20, 2, 0, right ? 0 : 4);
        }
    }

    /** 1 000 requests with the token. */
    private void ask(EmbeddedBroker broker) throws IOException, InterruptedException {
        HttpRequest request =
                HttpRequest.newBuilder(
                                URI.create(
                                        "http://127.0.0.1:"
                                                + broker.port("admin")
                                                + "/api/v1/topics/rows"))
                        .header(
                                "Authorization",
                                "Bearer " + Files.readString(data.resolve("admin.token")).strip())
                        .build();
        try (HttpClient http = HttpClient.newHttpClient()) {
            for (int i = 0; i < SERVED; i++) {
                HttpResponse<String> response =
                        http.send(request, HttpResponse.BodyHandlers.ofString());
                assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
            }
        }
    }

    /** No thread may be left and no path of strong references to the classes. */
    private static void comeAndGo(EmbeddedBroker broker, String id) throws IOException {
        String note = broker.plugins().uninstall(id).note();
        if (note != null) { // a collector may take its time over what only caches hold softly
            assertThat(broker.plugins().doctor())
                    .as(note)
                    .allMatch(finding -> finding.contains("held softly, by caches only"));
        }
        assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .noneMatch(name -> name.startsWith("mortise-" + id));
        try (InputStream jar = Files.newInputStream(bundle(id))) {
            assertThat(broker.plugins().install(broker.plugins().receive(jar)).state())
                    .isEqualTo(PluginState.ACTIVE);
        }
    }

    private static Path bundle(String id) {
        return Shipped.bundles().stream()
                .filter(jar -> jar.getFileName().toString().startsWith("mortise-" + id))
                .findFirst()
                .orElseThrow();
    }

    private static void produce(EmbeddedBroker broker, String topic, int cycle) {
        Map<String, Object> config = Map.of("bootstrap.servers", bootstrap(broker), "acks", "all");
        try (var producer =
                new KafkaProducer<>(config, new StringSerializer(), new StringSerializer())) {
            for (int i = 0; i < SERVED; i++) {
                String value = "{\"cycle\": " + cycle + "}";
                producer.send(new ProducerRecord<>(topic, cycle + "-" + i, value));
            }
        }
    }

    private static void createTopic(EmbeddedBroker broker, String name) throws Exception {
        administer(
                broker,
                "POST",
                "/api/v1/topics",
                "{\"name\": \"" + name + "\", \"partitions\": 1}");
    }

    private static void administer(EmbeddedBroker broker, String method, String path, String body)
            throws Exception {
        Administration.Response response =
                broker.administration()
                        .handle(
                                new Administration.Request(
                                        method,
                                        path,
                                        Map.of(),
                                        "application/json",
                                        body.getBytes(UTF_8)))
                        .toCompletableFuture()
                        .get(60, TimeUnit.SECONDS);
        assertThat(response.status()).as(new String(response.body(), UTF_8)).isBetween(200, 299);
    }

    /** MQTT 3.1.1, 3.1: Clean Session, user name and password; returns the CONNACK. */
    private static byte[] connect(EmbeddedBroker broker, String clientId, String password)
            throws IOException {
        ByteArrayOutputStream packet = new ByteArrayOutputStream();
        prefixed(packet, "MQTT");
        packet.writeBytes(new byte[] {4, (byte) 0xC2, 0, 60});
        prefixed(packet, clientId);
        prefixed(packet, "ann");
        prefixed(packet, password);
        try (Socket socket = new Socket("127.0.0.1", broker.port("mqtt"))) {
            socket.setSoTimeout(30_000);
            byte[] body = packet.toByteArray();
            packet.reset();
            packet.write(0x10);
            packet.write(body.length);
            packet.writeBytes(body);
            socket.getOutputStream().write(packet.toByteArray());
            return socket.getInputStream().readNBytes(4);
        }
    }

    private static void prefixed(ByteArrayOutputStream out, String text) {
        byte[] bytes = text.getBytes(US_ASCII);
        out.write(bytes.length >> 8);
        out.write(bytes.length);
        out.writeBytes(bytes);
    }

    private static String bootstrap(EmbeddedBroker broker) {
        return "127.0.0.1:" + broker.port("kafka");
    }

    private static long deadline() {
        return System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    }

    private static long heap() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    private static long metaspace() {
        System.gc();
        return ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(pool -> pool.getName().equals("Metaspace"))
                .mapToLong(pool -> pool.getUsage().getUsed())
                .sum();
    }
}
