// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.tests.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mortise.connector.jdbc.PostgresServer;
import io.mortise.kernel.broker.EmbeddedBroker;
import io.mortise.kernel.plugin.PluginState;
import io.mortise.kernel.plugin.PluginStatus;
import io.mortise.spi.admin.Administration;

import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The plugin of a connector is stopped, replaced, taken away and brought back while records keep
 * coming: the connector waits and goes on, each row is there once.
 */
@Timeout(value = 300, unit = TimeUnit.SECONDS)
class WaitingConnectorTest {
    private static final String PLUGIN = "connector-jdbc";
    private static final int STEP = 3_000;

    @TempDir private Path data;
    private int produced;

    @Test
    void goesOnWhereItWasWhenItsPluginIsBack() throws Exception {
        try (PostgresServer postgres = new PostgresServer()) {
            // No primary key: a row that came twice would be there twice.
            postgres.execute("CREATE TABLE orders (id text NOT NULL, amount integer NOT NULL)");
            try (EmbeddedBroker broker = start()) {
                create(broker, postgres);
                stopInTheMiddle(broker, postgres);
            }
            try (EmbeddedBroker broker = start()) {
                assertThat(connector(broker))
                        .contains("UNASSIGNED", "plugin connector-jdbc is stopped");
                broker.plugins().start(PLUGIN);
                awaitAll(broker, postgres);
                upgradeInTheMiddle(broker, postgres);
                takeAwayByForce(broker, postgres);
            }
        }
    }

    @Test
    void endsWhileItsDatabaseDoesNotAnswer() throws Exception {
        try (PostgresServer postgres = new PostgresServer();
                EmbeddedBroker broker = start()) {
            postgres.execute("CREATE TABLE orders (id text NOT NULL, amount integer NOT NULL)");
            create(broker, postgres);
            produce(broker);
            awaitAll(broker, postgres);
            try (Connection blocker =
                    DriverManager.getConnection(postgres.url(), postgres.user(), "")) {
                blocker.setAutoCommit(false);
                blocker.createStatement().execute("LOCK TABLE orders IN EXCLUSIVE MODE");
                produce(broker);
                awaitBlocked(postgres);
                PluginStatus stopped = broker.plugins().stop(PLUGIN);
                assertThat(stopped.state()).isEqualTo(PluginState.STOPPED);
                assertThat(stopped.note()).isNull();
                assertThat(connector(broker)).contains("UNASSIGNED");
            }
            assertThat(broker.plugins().doctor()).isEmpty();
            broker.plugins().start(PLUGIN);
            awaitAll(broker, postgres);
        }
    }

    private static void awaitBlocked(PostgresServer postgres) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        String query = "SELECT count(*) FROM pg_locks WHERE NOT granted";
        while (postgres.rows(query).getFirst().equals("0")) {
            assertThat(System.nanoTime()).as("the sink waits for the lock").isLessThan(deadline);
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    private void stopInTheMiddle(EmbeddedBroker broker, PostgresServer postgres) throws Exception {
        produce(broker);
        awaitRows(postgres, 1);
        assertThat(broker.plugins().stop(PLUGIN).state()).isEqualTo(PluginState.STOPPED);
        assertThat(connector(broker)).contains("UNASSIGNED", "plugin connector-jdbc is stopped");
        long written = rows(postgres);
        produce(broker);
        assertThat(rows(postgres)).isEqualTo(written);

        broker.plugins().start(PLUGIN);
        awaitAll(broker, postgres);
        assertThat(connector(broker)).contains("RUNNING");
        produce(broker);
        broker.plugins().stop(PLUGIN);
    }

    private void upgradeInTheMiddle(EmbeddedBroker broker, PostgresServer postgres)
            throws Exception {
        long before = rows(postgres);
        produce(broker);
        awaitRows(postgres, before + 1);
        try (InputStream jar = Files.newInputStream(bundle())) {
            assertThat(broker.plugins().upgrade(broker.plugins().receive(jar)).state())
                    .isEqualTo(PluginState.ACTIVE);
        }
        produce(broker);
        awaitAll(broker, postgres);
        assertThat(connector(broker)).contains("RUNNING");
    }

    private void takeAwayByForce(EmbeddedBroker broker, PostgresServer postgres) throws Exception {
        assertThatThrownBy(() -> broker.plugins().uninstall(PLUGIN))
                .hasMessageContaining(
                        "is not uninstalled: it is needed by connector 'orders'; remove or move"
                                + " these first, or uninstall it with --force");
        broker.plugins().stop(PLUGIN);
        assertThatThrownBy(() -> broker.plugins().uninstall(PLUGIN))
                .hasMessageContaining("it is needed by connector 'orders'");
        broker.plugins().uninstall(PLUGIN, true);
        assertThat(connector(broker))
                .contains("UNASSIGNED", "plugin connector-jdbc is not installed");
        produce(broker);
        try (InputStream jar = Files.newInputStream(bundle())) {
            broker.plugins().install(broker.plugins().receive(jar));
        }
        awaitAll(broker, postgres);
        assertThat(connector(broker)).contains("RUNNING");
    }

    private EmbeddedBroker start() throws Exception {
        return EmbeddedBroker.builder(data).bundles(Shipped.home().resolve("plugins")).start();
    }

    private static void create(EmbeddedBroker broker, PostgresServer postgres) throws Exception {
        ask(broker, "POST", "/api/v1/topics", "{\"name\": \"orders\", \"partitions\": 2}");
        ask(
                broker,
                "POST",
                "/api/v1/connectors",
                """
                {"name": "orders", "plugin": "connector-jdbc", "topics": ["orders"], "settings": {
                  "connection.url": "%s", "connection.user": "%s",
                  "insert.mode": "insert", "pk.fields": "id"}}
                """
                        .formatted(postgres.url(), postgres.user()));
    }

    private void produce(EmbeddedBroker broker) {
        Map<String, Object> config =
                Map.of("bootstrap.servers", "127.0.0.1:" + broker.port("kafka"), "acks", "all");
        try (var producer =
                new KafkaProducer<>(config, new StringSerializer(), new StringSerializer())) {
            for (int i = 0; i < STEP; i++, produced++) {
                String value = "{\"amount\": " + produced + "}";
                producer.send(new ProducerRecord<>("orders", "order-" + produced, value));
            }
        }
    }

    /** Every row once, and none missing. */
    private void awaitAll(EmbeddedBroker broker, PostgresServer postgres) throws Exception {
        awaitRows(postgres, produced);
        assertThat(postgres.rows("SELECT count(*), count(DISTINCT id), max(amount) FROM orders"))
                .as(connector(broker))
                .containsExactly(produced + "|" + produced + "|" + (produced - 1));
    }

    private static void awaitRows(PostgresServer postgres, long count) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (rows(postgres) < count) {
            assertThat(System.nanoTime()).as("%d rows", rows(postgres)).isLessThan(deadline);
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    private static long rows(PostgresServer postgres) throws Exception {
        return Long.parseLong(postgres.rows("SELECT count(*) FROM orders").getFirst());
    }

    private static String connector(EmbeddedBroker broker) throws Exception {
        return ask(broker, "GET", "/api/v1/connectors/orders", "");
    }

    private static String ask(EmbeddedBroker broker, String method, String path, String body)
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
        String answer = new String(response.body(), UTF_8);
        assertThat(response.status()).as(answer).isBetween(200, 299);
        return answer;
    }

    private static Path bundle() {
        return Shipped.bundles().stream()
                .filter(jar -> jar.getFileName().toString().startsWith("mortise-" + PLUGIN))
                .findFirst()
                .orElseThrow();
    }
}
