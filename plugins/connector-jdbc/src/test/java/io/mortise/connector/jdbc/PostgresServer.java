// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.connector.jdbc;

import org.postgresql.Driver;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A real PostgreSQL on a free port of loopback with a data directory of its own. The server refuses
 * to run as root, so as root it is run as user postgres.
 */
public final class PostgresServer implements AutoCloseable {
    private static final int COMMAND_TIMEOUT_SECONDS = 60;
    private static final String USER = "shop";

    private final Path binaries = binaries();
    private final Path data;
    private final int port;

    public PostgresServer() throws IOException, InterruptedException {
        data = Path.of(run(true, List.of("mktemp", "-d", "/tmp/mortise-postgres-XXXXXX")).strip());
        port = freePort();
        run(
                true,
                List.of(
                        binary("initdb"),
                        "-D",
                        data.toString(),
                        "-U",
                        USER,
                        "-A",
                        "trust",
                        "-E",
                        "UTF8",
                        "-N"));
        start();
    }

    private static Path binaries() {
        try (Stream<Path> versions = Files.list(Path.of("/usr/lib/postgresql"))) {
            return versions.map(version -> version.resolve("bin"))
                    .filter(bin -> Files.isExecutable(bin.resolve("initdb")))
                    .max(Comparator.naturalOrder())
                    .orElseThrow();
        } catch (IOException | RuntimeException e) {
            throw new IllegalStateException(
                    "PostgreSQL's server is missing; on Debian: apt-get install postgresql", e);
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** Starts it, again after a {@link #stop}, and waits until it answers. */
    public void start() throws IOException, InterruptedException {
        String options =
                "-p " + port + " -c listen_addresses=127.0.0.1 -c unix_socket_directories=''";
        run(
                false,
                List.of(
                        binary("pg_ctl"),
                        "-D",
                        data.toString(),
                        "-w",
                        "-o",
                        options,
                        "-l",
                        data + "/log",
                        "start"));
    }

    /** Stops it without letting clients finish. */
    public void stop() throws IOException, InterruptedException {
        run(
                true,
                List.of(binary("pg_ctl"), "-D", data.toString(), "-m", "immediate", "-w", "stop"));
    }

    public String url() {
        return "jdbc:postgresql://127.0.0.1:" + port + "/postgres";
    }

    public String user() {
        return USER;
    }

    public Connection connect() throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", USER);
        return Objects.requireNonNull(new Driver().connect(url(), properties));
    }

    /** Runs a statement. */
    public void execute(String sql) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** All rows, each as its columns' texts joined by {@code |}. */
    public List<String> rows(String sql) throws SQLException {
        List<String> rows = new ArrayList<>();
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            int columns = result.getMetaData().getColumnCount();
            while (result.next()) {
                List<String> row = new ArrayList<>();
                for (int i = 1; i <= columns; i++) {
                    row.add(String.valueOf(result.getString(i)));
                }
                rows.add(String.join("|", row));
            }
        }
        return rows;
    }

    private String binary(String name) {
        return binaries.resolve(name).toString();
    }

    // The server that pg_ctl starts inherits its output, so waiting for the end of that would hang.
    private static String run(boolean keepOutput, List<String> command)
            throws IOException, InterruptedException {
        List<String> whole = new ArrayList<>();
        if (System.getProperty("user.name").equals("root")) {
            whole.addAll(List.of("runuser", "-u", "postgres", "--"));
        }
        whole.addAll(command);
        Path output = Files.createTempFile("mortise-postgres", ".out");
        try {
            Process process =
                    new ProcessBuilder(whole)
                            .directory(Path.of("/tmp").toFile())
                            .redirectErrorStream(true)
                            .redirectOutput(
                                    keepOutput
                                            ? ProcessBuilder.Redirect.to(output.toFile())
                                            : ProcessBuilder.Redirect.DISCARD)
                            .start();
            if (!process.waitFor(COMMAND_TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IOException(String.join(" ", whole) + " hangs");
            }
            String text = Files.readString(output);
            if (process.exitValue() != 0) {
                throw new IOException(String.join(" ", whole) + " failed: " + text);
            }
            return text;
        } finally {
            Files.delete(output);
        }
    }

    @Override
    public void close() throws IOException, InterruptedException {
        try {
            stop();
        } finally {
            run(true, List.of("rm", "-rf", data.toString()));
        }
    }
}
