// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.tests.process;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** Acceptance: what the packaged broker says and does from its start to Ctrl-C. */
@Timeout(value = 300, unit = TimeUnit.SECONDS)
class StartAndStopTest {
    private static final int IN_FLIGHT = 50;
    private static final int ACKNOWLEDGED_BEFORE_THE_END = 500;
    private static final List<String> ADDRESSES = List.of("127.0.0.1", "::1");

    /** What a client that never stops by itself sent. */
    private final Set<Integer> acknowledged = ConcurrentHashMap.newKeySet();

    private final AtomicInteger sent = new AtomicInteger();

    @BeforeAll
    static void needsTools() {
        Tool.need("mosquitto_pub", "kcat");
    }

    @Test
    void saysWhereItListensAndRefusesASecondOfItself(@TempDir Path directory) throws Exception {
        try (BrokerProcess broker = new BrokerProcess(directory)) {
            broker.start();
            awaitLog(broker, "Mortise is ready after ");
            assertThat(broker.log().lines().filter(line -> line.contains("Listener '")))
                    .hasSize(3)
                    .anyMatch(line -> ready(line, "mqtt", broker.mqttPort()))
                    .anyMatch(line -> ready(line, "kafka", broker.kafkaPort()))
                    .anyMatch(line -> ready(line, "admin", broker.adminPort()));
            answersOnBothAddresses(broker);

            assertThat(broker.startTwice())
                    .contains("mortise: the data directory " + broker.data() + " is in use")
                    .contains("another --data directory")
                    .doesNotContain("Exception")
                    .hasLineCount(1);
            Tool.run(broker, "mosquitto_pub -t still/there -q 1 -m yes");
        }
    }

    @Test
    void ctrlCKeepsWhatWasAcknowledged(@TempDir Path directory) throws Exception {
        try (BrokerProcess broker = new BrokerProcess(directory)) {
            broker.start();
            AtomicBoolean over = new AtomicBoolean();
            Thread publishing = Thread.ofPlatform().start(() -> publish(broker, over));
            awaitAcknowledgements();
            int code = broker.interrupt();
            over.set(true);
            publishing.join();
            assertThat(code).as(broker.log()).isIn(0, 130);
            assertThat(broker.log())
                    .contains("Stopping")
                    .endsWith("Stopped\n")
                    .doesNotContain("Exception")
                    .doesNotContain(" ERROR ")
                    .doesNotContain(" SEVERE ");

            broker.start();
            List<Integer> found =
                    KafkaRead.all(broker.bootstrap(), "device").stream()
                            .map(record -> Integer.parseInt(record.value()))
                            .toList();
            assertThat(found)
                    .containsAll(acknowledged)
                    .isSorted()
                    .doesNotHaveDuplicates()
                    .allMatch(number -> number < sent.get());
        }
    }

    /** As shipped: what the JVM may know beforehand is made beside the first run. */
    @Test
    void ctrlCLeavesACacheToTheNextStart(@TempDir Path directory) throws Exception {
        try (BrokerProcess broker = new BrokerProcess(directory)) {
            broker.under("env", "MORTISE_AOT=on").start();
            Tool.run(broker, "mosquitto_pub -t device/number -q 1 -m 1");
            assertThat(broker.interrupt()).as(broker.log()).isIn(0, 130);
            assertThat(broker.log()).contains("Stopped\n").doesNotContain("fatal error");
            Path cache = awaitCache(broker);

            broker.start();
            assertThat(Tool.run(broker, "kcat -b localhost:9092 -C -t device -o beginning -e"))
                    .containsExactly("1");
            assertThat(command(broker)).contains("-XX:AOTCache=" + cache);
        }
    }

    private static Path awaitCache(BrokerProcess broker) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(240);
        while (true) {
            try (Stream<Path> files = Files.list(broker.data().resolve("cache"))) {
                List<Path> caches = files.toList();
                if (caches.size() == 1 && caches.getFirst().toString().endsWith(".aot")) {
                    return caches.getFirst();
                }
                assertThat(System.nanoTime()).as("%s", caches).isLessThan(deadline);
            }
            TimeUnit.MILLISECONDS.sleep(50);
        }
    }

    private static String command(BrokerProcess broker) throws IOException {
        return Files.readString(Path.of("/proc", Long.toString(broker.pid()), "cmdline"));
    }

    private static boolean ready(String line, String listener, int port) {
        return line.contains(
                "Listener '%s' of plugin '%s' is ready on 127.0.0.1:%d, [::1]:%d"
                        .formatted(listener, plugin(listener), port, port));
    }

    private static String plugin(String listener) {
        return listener.equals("admin") ? "admin-http" : "protocol-" + listener;
    }

    private static void answersOnBothAddresses(BrokerProcess broker)
            throws IOException, InterruptedException {
        for (String address : ADDRESSES) {
            Tool.run(broker, "mosquitto_pub -h " + address + " -t address/of -q 1 -m " + address);
            String kafka = address.contains(":") ? "[" + address + "]" : address;
            assertThat(Tool.run(broker, "kcat -L -b '" + kafka + ":" + broker.kafkaPort() + "'"))
                    .anyMatch(line -> line.contains("topic \"address\""));
            try (Socket admin = new Socket()) {
                admin.connect(new InetSocketAddress(address, broker.adminPort()), 5_000);
                admin.getOutputStream()
                        .write("GET /health/ready HTTP/1.0\r\n\r\n".getBytes(US_ASCII));
                assertThat(new String(admin.getInputStream().readNBytes(12), US_ASCII))
                        .startsWith("HTTP/1.")
                        .endsWith(" 200");
            }
        }
    }

    private void publish(BrokerProcess broker, AtomicBoolean over) {
        Mqtt5AsyncClient client =
                Mqtt5Client.builder()
                        .identifier("device")
                        .serverHost("127.0.0.1")
                        .serverPort(broker.mqttPort())
                        .buildAsync();
        client.toBlocking().connect();
        Semaphore room = new Semaphore(IN_FLIGHT);
        try {
            while (!over.get()) {
                if (!room.tryAcquire(100, TimeUnit.MILLISECONDS)) {
                    continue;
                }
                int number = sent.getAndIncrement();
                client.publishWith()
                        .topic("device/number")
                        .qos(MqttQos.AT_LEAST_ONCE)
                        .payload(Integer.toString(number).getBytes(US_ASCII))
                        .send()
                        .whenComplete(
                                (result, failure) -> {
                                    if (failure == null && result.getError().isEmpty()) {
                                        acknowledged.add(number);
                                    }
                                    room.release();
                                });
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void awaitAcknowledgements() throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (acknowledged.size() < ACKNOWLEDGED_BEFORE_THE_END) {
            assertThat(System.nanoTime()).as("%d sent", sent.get()).isLessThan(deadline);
            TimeUnit.MILLISECONDS.sleep(10);
        }
    }

    private static void awaitLog(BrokerProcess broker, String text) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!broker.log().contains(text)) {
            assertThat(System.nanoTime()).as(broker.log()).isLessThan(deadline);
            TimeUnit.MILLISECONDS.sleep(10);
        }
    }
}
