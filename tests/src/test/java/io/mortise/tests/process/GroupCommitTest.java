// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.tests.process;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The forces of the packaged broker as the kernel sees them, by strace. */
@Timeout(value = 300, unit = TimeUnit.SECONDS)
class GroupCommitTest {
    private static final int CONNECTIONS = 16;
    private static final int IN_FLIGHT = 4; // of each: 64 at once
    private static final int PUBLISHES = 6_400;

    /** Linux keeps 15 characters of a thread's name. */
    private static final String WRITER = "mortise-writer-";

    @TempDir private Path directory;

    @BeforeAll
    static void needsStrace() {
        Tool.need("strace");
    }

    @Test
    void publishesToADiskTopicShareTheirForces() throws Exception {
        try (BrokerProcess broker = traced()) {
            broker.command("topic", "create", "forced", "--config", "durability=DISK");
            long before = forcesOfTheWriter();
            publish(broker, "forced");
            long forces = forcesOfTheWriter() - before;
            broker.stop();
            assertThat(forces).isPositive().isLessThan(PUBLISHES / 2);
            assertThat(calls("fdatasync")).isGreaterThanOrEqualTo(forces).isLessThan(PUBLISHES);
        }
    }

    @Test
    void publishesToAnOsTopicForceNothing() throws Exception {
        try (BrokerProcess broker = traced()) {
            broker.command("topic", "create", "handed", "--config", "durability=OS");
            broker.command("topic", "create", "forced", "--config", "durability=DISK");
            publish(broker, "handed"); // the first to a partition may open files
            long before = forcesOfTheWriter();
            publish(broker, "handed");
            assertThat(forcesOfTheWriter() - before).isZero();
            publish(broker, "forced");
            assertThat(forcesOfTheWriter() - before).as("the trace sees forces").isPositive();
        }
    }

    /** Both the calls as they come and, when it has ended, their table. */
    private BrokerProcess traced() throws IOException, InterruptedException {
        return new BrokerProcess(directory)
                .under(
                        "strace",
                        "-D",
                        "-f",
                        "-C",
                        "--seccomp-bpf",
                        "-Y",
                        "-e",
                        "trace=fdatasync,fsync",
                        "-e",
                        "signal=none",
                        "-o",
                        trace().toString())
                .start();
    }

    private Path trace() {
        return directory.resolve("strace.txt");
    }

    /** Calls begun so far. */
    private long forcesOfTheWriter() throws IOException {
        try (Stream<String> lines = Files.lines(trace())) {
            return lines.filter(line -> line.contains("<" + WRITER))
                    .filter(line -> line.contains(" fdatasync(") || line.contains(" fsync("))
                    .count();
        }
    }

    /** The column of strace's table, which it writes when the last thread is gone. */
    private long calls(String call) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (true) {
            List<String> lines = Files.readAllLines(trace());
            for (String line : lines) {
                if (line.endsWith(" " + call)) {
                    return Long.parseLong(line.strip().split(" +", -1)[3]);
                }
            }
            assertThat(System.nanoTime()).as("no table of strace").isLessThan(deadline);
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    /**
     * {@link #PUBLISHES} of QoS 1, 64 unanswered at any time; returns when all are acknowledged.
     */
    private static void publish(BrokerProcess broker, String topic) throws Exception {
        List<Thread> threads = new ArrayList<>();
        List<CompletableFuture<Integer>> counts = new ArrayList<>();
        for (int i = 0; i < CONNECTIONS; i++) {
            String address = topic + "/publisher-" + i;
            CompletableFuture<Integer> count = new CompletableFuture<>();
            counts.add(count);
            threads.add(Thread.ofPlatform().start(() -> publish(broker, address, count)));
        }
        int acknowledged = 0;
        for (CompletableFuture<Integer> count : counts) {
            acknowledged += count.get(120, TimeUnit.SECONDS);
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(acknowledged).isEqualTo(PUBLISHES);
    }

    private static void publish(
            BrokerProcess broker, String address, CompletableFuture<Integer> count) {
        Mqtt5AsyncClient client =
                Mqtt5Client.builder()
                        .identifier(address)
                        .serverHost("127.0.0.1")
                        .serverPort(broker.mqttPort())
                        .buildAsync();
        try {
            client.toBlocking().connect();
            Mqtt5Publish message =
                    Mqtt5Publish.builder()
                            .topic(address)
                            .qos(MqttQos.AT_LEAST_ONCE)
                            .payload("21.5".getBytes(US_ASCII))
                            .build();
            Queue<CompletableFuture<?>> unanswered = new ArrayDeque<>();
            for (int i = 0; i < PUBLISHES / CONNECTIONS; i++) {
                if (unanswered.size() == IN_FLIGHT) {
                    unanswered.remove().join();
                }
                unanswered.add(client.publish(message));
            }
            unanswered.forEach(CompletableFuture::join);
            client.toBlocking().disconnect();
            count.complete(PUBLISHES / CONNECTIONS);
        } catch (RuntimeException failed) {
            count.completeExceptionally(failed);
        }
    }
}
