// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.tests.process;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The packaged broker, started by its own script in a process of its own on free ports, to be
 * killed. One data directory may see many lives.
 */
public final class BrokerProcess implements AutoCloseable {
    private static final Duration READY_TIMEOUT = Duration.ofSeconds(60);
    private static final Duration EXIT_TIMEOUT = Duration.ofSeconds(90);

    private final Path directory;
    private final Path home;
    private final int mqttPort;
    private final int kafkaPort;
    private final int adminPort;
    private final String moreConfig;
    private List<String> tracer = List.of();
    private Process process;
    private int lives;

    /** Prepares a broker in {@code directory}; nothing runs yet. */
    public BrokerProcess(Path directory) throws IOException {
        this(directory, "");
    }

    /**
     * As above.
     *
     * @param moreConfig further sections of mortise.yaml
     */
    @SuppressWarnings("NullAway.Init")
    public BrokerProcess(Path directory, String moreConfig) throws IOException {
        this.directory = directory;
        this.moreConfig = moreConfig;
        this.home = distribution();
        List<Integer> ports = freePorts(3);
        this.mqttPort = ports.get(0);
        this.kafkaPort = ports.get(1);
        this.adminPort = ports.get(2);
        writeConfig();
    }

    private static Path distribution() throws IOException {
        Path target = Path.of("..", "distribution", "target").toAbsolutePath().normalize();
        try (Stream<Path> found = Files.list(target)) {
            return found.filter(path -> Files.isExecutable(path.resolve("bin/mortise")))
                    .findFirst()
                    .orElseThrow(
                            () ->
                                    new IOException(
                                            "no distribution under " + target + ": build it"));
        }
    }

    private static List<Integer> freePorts(int count) throws IOException {
        List<ServerSocket> sockets = new ArrayList<>();
        List<Integer> ports = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                sockets.add(socket);
                ports.add(socket.getLocalPort());
            }
        } finally {
            for (ServerSocket socket : sockets) {
                socket.close();
            }
        }
        return ports;
    }

    private void writeConfig() throws IOException {
        Path conf = Files.createDirectories(directory.resolve("conf"));
        Files.copy(home.resolve("conf/logging.properties"), conf.resolve("logging.properties"));
        Files.writeString(
                conf.resolve("mortise.yaml"),
                "listeners:\n"
                        + listener("mqtt", mqttPort)
                        + listener("kafka", kafkaPort)
                        + listener("admin", adminPort)
                        + moreConfig);
    }

    private static String listener(String name, int port) {
        return "  " + name + ":\n    port: " + port + "\n";
    }

    /**
     * Lives begun from now on run below a program that starts the broker as its own process, as
     * {@code strace -D} does.
     */
    public BrokerProcess under(String... program) {
        tracer = List.of(program);
        return this;
    }

    /** Starts it and waits until it says that it is ready. */
    public BrokerProcess start() throws IOException, InterruptedException {
        launch();
        long deadline = System.nanoTime() + READY_TIMEOUT.toNanos();
        while (!ready()) {
            if (!process.isAlive() || System.nanoTime() > deadline) {
                process.destroyForcibly();
                throw new IOException("the broker did not become ready:\n" + log());
            }
            TimeUnit.MILLISECONDS.sleep(20);
        }
        return this;
    }

    /** Starts it and does not wait. */
    public Process launch() throws IOException {
        lives++;
        process = spawn(logFile());
        return process;
    }

    /**
     * Starts a second broker on the data of the one that runs.
     *
     * @return what it said as it ended
     * @throws IllegalStateException if it did not end by itself with exit code 1
     */
    public String startTwice() throws IOException, InterruptedException {
        Path said = directory.resolve("second.log");
        Process second = spawn(said);
        boolean ended = second.waitFor(READY_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
        second.destroyForcibly().waitFor();
        String text = Files.readString(said);
        if (!ended || second.exitValue() != 1) {
            throw new IllegalStateException("a second broker was not refused:\n" + text);
        }
        return text;
    }

    /** Ctrl-C works also where whoever runs the tests ignores it, as shells' background jobs do. */
    private Process spawn(Path log) throws IOException {
        List<String> words = new ArrayList<>(tracer);
        words.addAll(List.of("env", "--default-signal=INT"));
        words.add(home.resolve("bin/mortise").toString());
        words.addAll(List.of("start", "--conf", directory.resolve("conf").toString()));
        words.addAll(List.of("--data", data().toString()));
        ProcessBuilder builder = new ProcessBuilder(words);
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().put("MORTISE_AOT", "off");
        return builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
    }

    private boolean ready() throws InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpRequest request =
                    HttpRequest.newBuilder(
                                    URI.create("http://127.0.0.1:" + adminPort + "/health/ready"))
                            .timeout(Duration.ofSeconds(2))
                            .build();
            return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException e) {
            return false; // not listening yet
        }
    }

    /** SIGKILL: no goodbye, no flush. Returns once it is gone. */
    public void kill() throws InterruptedException {
        process.destroyForcibly();
        if (!process.waitFor(EXIT_TIMEOUT.toSeconds(), TimeUnit.SECONDS)) {
            throw new IllegalStateException("the broker survived SIGKILL");
        }
    }

    /**
     * SIGTERM: the ordinary stop.
     *
     * @return the exit code
     */
    public int stop() throws InterruptedException {
        process.destroy();
        return awaitEnd();
    }

    /**
     * SIGINT: what Ctrl-C sends.
     *
     * @return the exit code
     */
    public int interrupt() throws IOException, InterruptedException {
        int sent = new ProcessBuilder("kill", "-INT", Long.toString(pid())).start().waitFor();
        if (sent != 0) {
            throw new IllegalStateException("no broker to interrupt:\n" + log());
        }
        return awaitEnd();
    }

    private int awaitEnd() throws InterruptedException {
        if (!process.waitFor(EXIT_TIMEOUT.toSeconds(), TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new IllegalStateException(
                    "the broker did not stop within " + EXIT_TIMEOUT + ":\n" + log());
        }
        return process.exitValue();
    }

    /** What this life printed so far. */
    public String log() {
        try {
            return Files.readString(logFile());
        } catch (IOException e) {
            return "(no log: " + e + ")";
        }
    }

    /**
     * Runs the command line as a user does.
     *
     * @return what it printed
     * @throws IOException if it failed, with what it said
     */
    public String command(String... words) throws IOException, InterruptedException {
        List<String> whole = new ArrayList<>(List.of(home.resolve("bin/mortise").toString()));
        whole.addAll(List.of(words));
        ProcessBuilder builder = new ProcessBuilder(whole).redirectErrorStream(true);
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().put("MORTISE_DATA", data().toString());
        Process command = builder.start();
        String said = new String(command.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (command.waitFor() != 0) {
            throw new IOException(String.join(" ", words) + ": " + said);
        }
        return said;
    }

    /** The unpacked distribution. */
    public Path home() {
        return home;
    }

    /** The data directory. */
    public Path data() {
        return directory.resolve("data");
    }

    private Path logFile() {
        return directory.resolve("life-" + lives + ".log");
    }

    public long pid() {
        return process.pid();
    }

    public int mqttPort() {
        return mqttPort;
    }

    public int kafkaPort() {
        return kafkaPort;
    }

    public int adminPort() {
        return adminPort;
    }

    /** For Kafka clients. */
    public String bootstrap() {
        return "localhost:" + kafkaPort;
    }

    @Override
    public void close() throws InterruptedException {
        if (process != null && process.isAlive()) {
            kill();
        }
    }
}
