// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.connector.jdbc.client;

import io.mortise.connector.jdbc.mapping.Column;
import io.mortise.connector.jdbc.mapping.Row;
import io.mortise.connector.jdbc.mapping.SinkSettings;
import io.mortise.connector.jdbc.mapping.SinkSettings.InsertMode;
import io.mortise.connector.jdbc.mapping.Table;
import io.mortise.spi.connector.SinkTask.SinkPartition;

import org.postgresql.Driver;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.sql.Types;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * One connection to the database, without auto-commit. One thread at a time.
 *
 * <p>Table {@code mortise_offsets} holds, per connector, topic and partition, the next offset; it
 * changes in the transaction that writes the rows. An update that finds another offset than it knew
 * fails: a task of the same connector elsewhere has gone on.
 */
public final class SinkDatabase implements AutoCloseable {
    private static final int LOGIN_TIMEOUT_SECONDS = 10;
    private static final int SOCKET_TIMEOUT_SECONDS = 60;
    private static final String CREATE_OFFSETS =
            "CREATE TABLE IF NOT EXISTS mortise_offsets (connector text NOT NULL, topic text NOT"
                    + " NULL, partition integer NOT NULL, next_offset bigint NOT NULL, PRIMARY KEY"
                    + " (connector, topic, partition))";

    private final SinkSettings settings;
    private final String connector;
    private final Connection connection;

    /** Connects. */
    public SinkDatabase(SinkSettings settings, String connector) throws SQLException {
        this.settings = settings;
        this.connector = connector;
        this.connection = connect(settings);
        try {
            connection.setAutoCommit(false);
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    private static Connection connect(SinkSettings settings) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", settings.user());
        properties.setProperty("password", settings.password());
        properties.setProperty("loginTimeout", Integer.toString(LOGIN_TIMEOUT_SECONDS));
        properties.setProperty("connectTimeout", Integer.toString(LOGIN_TIMEOUT_SECONDS));
        properties.setProperty("socketTimeout", Integer.toString(SOCKET_TIMEOUT_SECONDS));
        properties.setProperty("tcpKeepAlive", "true");
        properties.setProperty("ApplicationName", "mortise");
        forgetDriver();
        Connection connection = new Driver().connect(settings.url(), properties);
        if (connection == null) {
            throw new SQLException("not a URL of PostgreSQL", "08001");
        }
        return connection;
    }

    // The driver registers itself when its class is loaded; DriverManager would hold our loader for
    // ever, and lets only our own code take it back.
    private static void forgetDriver() throws SQLException {
        if (Driver.isRegistered()) {
            Driver.deregister();
        }
        for (var driver : DriverManager.drivers().toList()) {
            if (driver instanceof Driver) {
                DriverManager.deregisterDriver(driver);
            }
        }
    }

    /** Reads the columns of a table; empty columns mean that there is no such table. */
    public Table describe(String name) throws SQLException {
        int dot = name.indexOf('.');
        String schema = dot < 0 ? connection.getSchema() : name.substring(0, dot);
        String table = dot < 0 ? name : name.substring(dot + 1);
        Map<String, Column> columns = new LinkedHashMap<>();
        try (ResultSet found =
                connection.getMetaData().getColumns(null, escape(schema), escape(table), "%")) {
            while (found.next()) {
                Column column = column(found);
                columns.put(column.name(), column);
            }
        }
        connection.commit();
        return new Table(name, columns);
    }

    private static String escape(String pattern) {
        return pattern.replace("\\", "\\\\").replace("_", "\\_").replace("%", "\\%");
    }

    private static Column column(ResultSet found) throws SQLException {
        int size = found.getInt("COLUMN_SIZE");
        return new Column(
                found.getString("COLUMN_NAME"),
                found.getInt("DATA_TYPE"),
                found.getString("TYPE_NAME"),
                size == Integer.MAX_VALUE ? 0 : size,
                !"NO".equals(found.getString("IS_NULLABLE")),
                found.getString("COLUMN_DEF") != null
                        || "YES".equals(found.getString("IS_AUTOINCREMENT"))
                        || "YES".equals(found.getString("IS_GENERATEDCOLUMN")));
    }

    /** Makes the table of offsets if need be and reads this connector's. */
    public Map<SinkPartition, Long> offsets() throws SQLException {
        Map<SinkPartition, Long> offsets = new HashMap<>();
        try (Statement create = connection.createStatement()) {
            create.execute(CREATE_OFFSETS);
        }
        try (PreparedStatement select =
                connection.prepareStatement(
                        "SELECT topic, partition, next_offset FROM mortise_offsets WHERE connector"
                                + " = ?")) {
            select.setString(1, connector);
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    offsets.put(
                            new SinkPartition(rows.getString(1), rows.getInt(2)), rows.getLong(3));
                }
            }
        }
        connection.commit();
        return offsets;
    }

    /** Writes rows of one table and shape in the open transaction. */
    public void write(String table, List<Row> rows) throws SQLException {
        Row first = rows.getFirst();
        try (PreparedStatement statement = connection.prepareStatement(sql(table, first))) {
            for (Row row : rows) {
                bind(statement, row);
                statement.addBatch();
            }
            statement.executeBatch();
        }
    }

    private static void bind(PreparedStatement statement, Row row) throws SQLException {
        for (int i = 0; i < row.columns().size(); i++) {
            Column column = row.columns().get(i);
            Object value = row.values().get(i);
            boolean ownType = column.sqlType() == Types.OTHER;
            if (value == null) {
                statement.setNull(i + 1, column.sqlType());
            } else if (ownType) {
                statement.setObject(i + 1, value, Types.OTHER);
            } else {
                statement.setObject(i + 1, value);
            }
        }
    }

    private String sql(String table, Row row) {
        List<String> names = row.columns().stream().map(column -> quoted(column.name())).toList();
        if (row.delete()) {
            return "DELETE FROM " + quotedTable(table) + " WHERE " + names.getFirst() + " = ?";
        }
        String marks = String.join(", ", names.stream().map(name -> "?").toList());
        String insert =
                "INSERT INTO "
                        + quotedTable(table)
                        + " ("
                        + String.join(", ", names)
                        + ") VALUES ("
                        + marks
                        + ")";
        return settings.insertMode() == InsertMode.INSERT ? insert : insert + onConflict(names);
    }

    private String onConflict(List<String> names) {
        List<String> keys = settings.keyColumns().stream().map(SinkDatabase::quoted).toList();
        String updates =
                names.stream()
                        .filter(name -> !keys.contains(name))
                        .map(name -> name + " = EXCLUDED." + name)
                        .collect(Collectors.joining(", "));
        return " ON CONFLICT ("
                + String.join(", ", keys)
                + ") DO "
                + (updates.isEmpty() ? "NOTHING" : "UPDATE SET " + updates);
    }

    private static String quotedTable(String table) {
        return Stream.of(table.split("\\.", 2))
                .map(SinkDatabase::quoted)
                .collect(Collectors.joining("."));
    }

    private static String quoted(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }

    /** A point in the open transaction to fall back to. */
    public Savepoint savepoint() throws SQLException {
        return connection.setSavepoint();
    }

    /** Undoes what came after {@code savepoint}. */
    public void rollback(Savepoint savepoint) throws SQLException {
        connection.rollback(savepoint);
    }

    /** Undoes the open transaction. */
    public void rollback() throws SQLException {
        connection.rollback();
    }

    /**
     * Stores the next offset in the open transaction.
     *
     * @param known the offset stored last, or -1 if none was
     * @return false if another is stored: someone else has gone on
     */
    public boolean moveOffset(SinkPartition partition, long known, long next) throws SQLException {
        String sql =
                known < 0
                        ? "INSERT INTO mortise_offsets (next_offset, connector, topic, partition)"
                                + " VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"
                        : "UPDATE mortise_offsets SET next_offset = ? WHERE connector = ? AND topic"
                                + " = ? AND partition = ? AND next_offset = ?";
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setLong(1, next);
            statement.setString(2, connector);
            statement.setString(3, partition.topic());
            statement.setInt(4, partition.partition());
            if (known >= 0) {
                statement.setLong(5, known);
            }
            return statement.executeUpdate() == 1;
        }
    }

    /** Ends the transaction; when this returns, rows and offsets are safe. */
    public void commit() throws SQLException {
        connection.commit();
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
