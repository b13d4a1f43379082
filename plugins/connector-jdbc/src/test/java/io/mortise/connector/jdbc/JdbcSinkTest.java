// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.connector.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.connector.jdbc.mapping.SinkSettings;
import io.mortise.connector.jdbc.sink.JdbcSinkTask;
import io.mortise.spi.RefusedException;
import io.mortise.spi.connector.RetriableSinkException;
import io.mortise.spi.connector.SinkRecord;
import io.mortise.spi.connector.SinkTask.RejectedRecord;
import io.mortise.spi.connector.SinkTask.SinkPartition;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.nio.charset.StandardCharsets;
import java.sql.DriverManager;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The sink against a real PostgreSQL. */
class JdbcSinkTest {
    private static final SinkPartition PARTITION = new SinkPartition("orders", 0);
    private static PostgresServer postgres;

    @BeforeAll
    static void startPostgres() throws Exception {
        postgres = new PostgresServer();
    }

    @AfterAll
    static void stopPostgres() throws Exception {
        postgres.close();
    }

    @BeforeEach
    void freshTables() throws Exception {
        postgres.execute("DROP TABLE IF EXISTS orders, mortise_offsets");
        postgres.execute(
                "CREATE TABLE orders (id text PRIMARY KEY, amount integer NOT NULL, note"
                        + " varchar(5), state text DEFAULT 'new', price numeric(10,2) CHECK (price"
                        + " > 0), at timestamptz, doc jsonb, ok boolean)");
    }

    @Test
    void everyTypeArrives() throws Exception {
        try (JdbcSinkTask task = started(Map.of())) {
            task.put(
                    List.of(
                            orders(
                                    0,
                                    "a",
                                    "{\"amount\":3,\"note\":null,\"price\":12.50,\"at\":\"2026-11-20T10:00:00Z\","
                                        + "\"doc\":{\"x\":[1,2]},\"ok\":true}")));
        }
        assertThat(
                        postgres.rows(
                                "SELECT id, amount, note, state, price, at AT TIME ZONE 'UTC',"
                                        + " doc->'x', ok FROM orders"))
                .containsExactly("a|3|null|new|12.50|2026-11-20 10:00:00|[1, 2]|t");
        assertThat(postgres.rows("SELECT next_offset FROM mortise_offsets")).containsExactly("1");
    }

    @Test
    void anUpsertKeepsOneRowPerKeyAndTheLastValueWins() throws Exception {
        try (JdbcSinkTask task = started(Map.of())) {
            task.put(
                    List.of(
                            orders(0, "a", "{\"amount\":1}"),
                            orders(1, "b", "{\"amount\":2,\"note\":\"x\"}"),
                            orders(2, "a", "{\"amount\":3}")));
        }
        assertThat(postgres.rows("SELECT id, amount, note FROM orders ORDER BY id"))
                .containsExactly("a|3|null", "b|2|x");
    }

    @Test
    void aTombstoneDeletesIfAllowed() throws Exception {
        try (JdbcSinkTask task = started(Map.of("delete.enabled", "true"))) {
            task.put(List.of(orders(0, "a", "{\"amount\":1}"), orders(1, "a", null)));
        }
        assertThat(postgres.rows("SELECT id FROM orders")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"amount\":null}            | column 'amount' must not be NULL",
                "{}                           | column 'amount' must not be NULL",
                "{\"amount\":\"many\"}        | column 'amount' is of type int4",
                "{\"amount\":1.5}             | column 'amount' is of type int4",
                "{\"amount\":3000000000}      | column 'amount' is of type int4",
                "{\"amount\":1,\"note\":\"toolong\"} | takes 5 characters, the value has 7",
                "{\"amount\":1,\"extra\":1}   | has no column 'extra'",
                "{\"amount\":1,\"price\":-1}  | SQLSTATE 23514",
                "{\"amount\":1,\"at\":\"now\"}| column 'at' is of type timestamptz",
                "[1]                          | not a JSON object",
                "{\"amount\":1                | not JSON"
            })
    void whatDoesNotFitStopsTheConnectorOrIsSkippedAndItsNeighboursGoIn(String value, String why)
            throws Exception {
        List<SinkRecord> records =
                List.of(
                        orders(0, "a", "{\"amount\":1}"),
                        orders(1, "bad", value),
                        orders(2, "c", "{\"amount\":3}"));
        try (JdbcSinkTask task = started(Map.of())) {
            assertThatThrownBy(() -> task.put(records))
                    .isInstanceOf(RefusedException.class)
                    .hasMessageContaining(why)
                    .hasMessageContaining("orders-0 offset 1");
        }
        assertThat(postgres.rows("SELECT id FROM orders")).containsExactly("a");
        assertThat(postgres.rows("SELECT next_offset FROM mortise_offsets")).containsExactly("1");

        try (JdbcSinkTask task = started(Map.of("errors.tolerance", "all"))) {
            List<RejectedRecord> rejected = task.put(records.subList(1, 3));
            assertThat(rejected).hasSize(1);
            assertThat(rejected.getFirst().why()).contains(why);
        }
        assertThat(postgres.rows("SELECT id FROM orders ORDER BY id")).containsExactly("a", "c");
        assertThat(postgres.rows("SELECT next_offset FROM mortise_offsets")).containsExactly("3");
    }

    @Test
    void aTaskThatWasOvertakenWritesNothingMore() throws Exception {
        try (JdbcSinkTask old = started(Map.of());
                JdbcSinkTask young = started(Map.of())) {
            young.put(List.of(orders(0, "a", "{\"amount\":1}")));
            assertThatThrownBy(() -> old.put(List.of(orders(0, "a", "{\"amount\":2}"))))
                    .hasMessageContaining("another task has gone on");
        }
        assertThat(postgres.rows("SELECT amount FROM orders")).containsExactly("1");
    }

    @Test
    void aServerThatGoesAwayIsTriedAgainAndNothingIsDoubled() throws Exception {
        try (JdbcSinkTask task = started(Map.of("insert.mode", "insert"))) {
            task.put(List.of(orders(0, "a", "{\"amount\":1}")));
            postgres.stop();
            List<SinkRecord> next = List.of(orders(1, "b", "{\"amount\":2}"));
            assertThatThrownBy(() -> task.put(next)).isInstanceOf(RetriableSinkException.class);
            task.stop();
            assertThatThrownBy(() -> task.start(List.of(PARTITION)))
                    .isInstanceOf(RetriableSinkException.class)
                    .hasMessageNotContaining("password");
            postgres.start();
            assertThat(task.start(List.of(PARTITION))).containsEntry(PARTITION, 1L);
            task.put(next);
        }
        assertThat(postgres.rows("SELECT id FROM orders ORDER BY id")).containsExactly("a", "b");
    }

    @Test
    void anAbsentTableIsSaid() throws Exception {
        postgres.execute("DROP TABLE orders");
        assertThatThrownBy(() -> started(Map.of()))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("table orders does not exist");
    }

    @Test
    void noDriverStaysBehind() throws Exception {
        try (JdbcSinkTask task = started(Map.of())) {
            assertThat(DriverManager.drivers().filter(org.postgresql.Driver.class::isInstance))
                    .isEmpty();
        }
    }

    @Test
    void wrongSettingsAreNamed() {
        List<String> faults =
                SinkSettings.faults(
                        Map.of(
                                "connection.url", "jdbc:mysql://x/y?password=secret",
                                "insert.mode", "replace",
                                "tabel", "x"));
        assertThat(String.join("\n", faults))
                .contains("'tabel' is not known", "must begin with jdbc:postgresql:", "'replace'")
                .doesNotContain("secret");
        assertThat(SinkSettings.faults(Map.of("connection.url", "jdbc:postgresql://x/y")))
                .containsExactly(
                        "insert.mode is upsert, so pk.fields must name the primary key's columns");
    }

    private static JdbcSinkTask started(Map<String, String> more) throws Exception {
        Map<String, String> settings = new HashMap<>();
        settings.put("connection.url", postgres.url());
        settings.put("connection.user", postgres.user());
        settings.put("pk.fields", "id");
        settings.putAll(more);
        assertThat(SinkSettings.faults(settings)).isEmpty();
        JdbcSinkTask task = new JdbcSinkTask("orders", SinkSettings.parse(settings));
        task.start(new ArrayList<>(List.of(PARTITION)));
        return task;
    }

    private static SinkRecord orders(long offset, String key, @Nullable String value) {
        return new SinkRecord(
                "orders",
                0,
                offset,
                0,
                key.getBytes(StandardCharsets.UTF_8),
                value == null ? null : value.getBytes(StandardCharsets.UTF_8),
                List.of());
    }
}
