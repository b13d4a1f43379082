// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.tests.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.connector.jdbc.PostgresServer;

import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Acceptance: rows appear in a real PostgreSQL, each once, though the broker is killed and the
 * server is away meanwhile.
 */
class ConnectorKillTest {
    private static final int ROWS = 20_000;
    private static final long AWAY_SECONDS = 10;
    private static final long DEADLINE_SECONDS = 180;

    @Test
    void everyKeyArrivesOnce(@TempDir Path directory) throws Exception {
        try (PostgresServer postgres = new PostgresServer();
                BrokerProcess broker = new BrokerProcess(directory)) {
            // No primary key: a row that came twice would be there twice.
            postgres.execute("CREATE TABLE orders (id text NOT NULL, amount integer NOT NULL)");
            broker.start();
            broker.command("topic", "create", "orders", "--partitions", "4");
            broker.command(
                    "connector",
                    "create",
                    "orders",
                    "--plugin",
                    "connector-jdbc",
                    "--config",
                    config(directory, postgres).toString());
            produce(broker, 0, ROWS / 2);
            awaitRows(postgres, 1_000);
            broker.kill();
            broker.start();
            awaitRows(postgres, ROWS / 2);
            postgres.stop();
            produce(broker, ROWS / 2, ROWS);
            TimeUnit.SECONDS.sleep(AWAY_SECONDS);
            assertThat(broker.command("connector", "status", "orders")).contains("RETRYING");
            postgres.start();
            awaitRows(postgres, ROWS);
            assertThat(
                            postgres.rows(
                                    "SELECT count(*), count(DISTINCT id), sum(amount) FROM orders"))
                    .containsExactly(ROWS + "|" + ROWS + "|" + (long) ROWS * (ROWS - 1) / 2);
            assertThat(broker.command("connector", "status", "orders")).contains("RUNNING");
        }
    }

    private static Path config(Path directory, PostgresServer postgres) throws IOException {
        return Files.writeString(
                directory.resolve("orders.json"),
                """
                {
                  "topics": "orders",
                  "connection.url": "%s",
                  "connection.user": "%s",
                  "insert.mode": "insert",
                  "pk.fields": "id"
                }
                """
                        .formatted(postgres.url(), postgres.user()));
    }

    private static void produce(BrokerProcess broker, int from, int to) throws Exception {
        Map<String, Object> config =
                Map.of("bootstrap.servers", broker.bootstrap(), "acks", "all", "linger.ms", 5);
        try (var producer =
                new KafkaProducer<>(config, new StringSerializer(), new StringSerializer())) {
            Future<?> last = null;
            for (int i = from; i < to; i++) {
                String value = "{\"amount\": " + i + "}";
                last = producer.send(new ProducerRecord<>("orders", "order-" + i, value));
            }
            producer.flush();
            assertThat(last).isNotNull();
            last.get(60, TimeUnit.SECONDS);
        }
    }

    private static void awaitRows(PostgresServer postgres, int count)
            throws SQLException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS);
        int found = 0;
        while (found < count) {
            assertThat(System.nanoTime())
                    .as("%d of %d rows within %d s", found, count, DEADLINE_SECONDS)
                    .isLessThan(deadline);
            TimeUnit.MILLISECONDS.sleep(20);
            found = Integer.parseInt(postgres.rows("SELECT count(*) FROM orders").getFirst());
        }
    }
}
