// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.tests.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * A line as a user types it, run by bash against a broker on other ports than the usual ones. A
 * tool that is not installed fails the test.
 */
final class Tool implements AutoCloseable {
    private static final long TIMEOUT_SECONDS = 60;
    private static final Map<String, String> DEBIAN_PACKAGES =
            Map.of(
                    "mosquitto_pub", "mosquitto-clients",
                    "mosquitto_sub", "mosquitto-clients",
                    "kcat", "kcat",
                    "strace", "strace");

    private final String line;
    private final Process process;
    private final Path output;

    private Tool(String line, Process process, Path output) {
        this.line = line;
        this.process = process;
        this.output = output;
    }

    /** Fails unless these programs are on PATH, naming what to install. */
    static void need(String... programs) {
        for (String program : programs) {
            boolean found =
                    List.of(System.getenv("PATH").split(":", -1)).stream()
                            .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
            if (!found) {
                fail(
                        "%s is missing; on Debian: apt-get install %s",
                        program, DEBIAN_PACKAGES.getOrDefault(program, program));
            }
        }
    }

    /** Starts a line and lets it run. */
    static Tool start(BrokerProcess broker, String line) throws IOException {
        Path output = Files.createTempFile("mortise-tool", ".txt");
        String addressed =
                line.replace("localhost:9092", broker.bootstrap())
                        .replace("mosquitto_pub", "mosquitto_pub -p " + broker.mqttPort())
                        .replace("mosquitto_sub", "mosquitto_sub -p " + broker.mqttPort());
        Process process =
                new ProcessBuilder("bash", "-c", "set -o pipefail; " + addressed)
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start();
        process.getOutputStream().close();
        return new Tool(line, process, output);
    }

    /**
     * Runs a line to its end.
     *
     * @return the lines that it printed, without what kcat says about itself
     */
    static List<String> run(BrokerProcess broker, String line)
            throws IOException, InterruptedException {
        try (Tool tool = start(broker, line)) {
            assertThat(tool.process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS))
                    .as("%s ended within %d s", line, TIMEOUT_SECONDS)
                    .isTrue();
            assertThat(tool.process.exitValue()).as("%s: %s", line, tool.lines()).isZero();
            return tool.lines();
        }
    }

    /** What it printed so far, without what kcat says about itself. */
    List<String> lines() throws IOException {
        return Files.readAllLines(output).stream().filter(it -> !it.startsWith("% ")).toList();
    }

    /**
     * Whether it prints what is expected before {@code seconds} are over.
     *
     * @param expected told of all lines so far
     */
    boolean prints(Predicate<List<String>> expected, long seconds)
            throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        while (!expected.test(lines())) {
            if (System.nanoTime() > deadline) {
                return false;
            }
            TimeUnit.MILLISECONDS.sleep(20);
        }
        return true;
    }

    /** Waits until it prints what is expected. */
    void await(Predicate<List<String>> expected) throws IOException, InterruptedException {
        assertThat(prints(expected, TIMEOUT_SECONDS)).as("%s: %s", line, lines()).isTrue();
    }

    @Override
    public void close() throws IOException {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        Files.delete(output);
    }
}
