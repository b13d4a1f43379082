// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.tests.process;

import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt3.Mqtt3AsyncClient;
import com.hivemq.client.mqtt.mqtt3.Mqtt3Client;

import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * SIGKILL at random moments under load: nothing acknowledged is lost, nothing is invented, the
 * order per key is kept. The page cache survives SIGKILL, so a missing force shows in the tests on
 * the simulated files, not here.
 */
class KillTest {
    private static final int ROUNDS = Boolean.getBoolean("mortise.deep") ? 20 : 3;
    private static final int PUBLISHERS = 4;
    private static final int IN_FLIGHT = 50;

    /** What one key's producer did, and what a reading found of it; bits, as there are millions. */
    private static final class Ledger {
        final String key;
        volatile int sent;
        private final BitSet acknowledged = new BitSet();
        private final BitSet found = new BitSet();

        Ledger(String key) {
            this.key = key;
        }

        synchronized void acknowledge(int number) {
            acknowledged.set(number);
        }

        synchronized int acknowledged() {
            return acknowledged.cardinality();
        }

        synchronized void find(int number, long seed) {
            assertThat(number)
                    .as("%s: in order, none doubled, none invented, seed %d", key, seed)
                    .isGreaterThanOrEqualTo(found.length())
                    .isLessThan(sent);
            found.set(number);
        }

        synchronized void requireAll(long seed) {
            BitSet lost = (BitSet) acknowledged.clone();
            lost.andNot(found);
            assertThat(lost.isEmpty())
                    .as("%s: acknowledged and lost are %s, seed %d", key, lost, seed)
                    .isTrue();
            found.clear();
        }
    }

    @Test
    void nothingAcknowledgedIsLostAndNothingInvented(@TempDir Path directory) throws Exception {
        long seed = Long.getLong("mortise.seed", System.nanoTime());
        Random random = new Random(seed);
        List<Ledger> devices = new ArrayList<>();
        List<Ledger> services = new ArrayList<>();
        try (BrokerProcess broker = new BrokerProcess(directory)) {
            for (int round = 0; round < ROUNDS; round++) {
                broker.start();
                check(broker, devices, services, seed);
                List<Ledger> roundDevices = ledgers("d" + round);
                List<Ledger> roundServices = ledgers("s" + round);
                load(broker, roundDevices, roundServices, 500 + random.nextInt(1_500));
                devices.addAll(roundDevices);
                services.addAll(roundServices);
            }
            broker.start();
            check(broker, devices, services, seed);
            assertThat(broker.stop()).as(broker.log()).isIn(0, 143);
        }
        assertThat(devices).allMatch(ledger -> ledger.sent > 0);
        assertThat(devices.stream().mapToInt(ledger -> ledger.acknowledged()).sum()).isPositive();
        assertThat(services.stream().mapToInt(ledger -> ledger.acknowledged()).sum()).isPositive();
    }

    private static List<Ledger> ledgers(String prefix) {
        List<Ledger> ledgers = new ArrayList<>();
        for (int i = 0; i < PUBLISHERS; i++) {
            ledgers.add(new Ledger(prefix + "-" + i));
        }
        return ledgers;
    }

    /** Publishes until the broker is killed under it. */
    private static void load(
            BrokerProcess broker, List<Ledger> devices, List<Ledger> services, int millis)
            throws InterruptedException {
        AtomicBoolean over = new AtomicBoolean();
        List<Thread> threads = new ArrayList<>();
        for (Ledger ledger : devices) {
            threads.add(Thread.ofPlatform().start(() -> publish(broker, ledger, over)));
        }
        threads.add(Thread.ofPlatform().start(() -> produce(broker, services, over)));
        waitForAcknowledgements(devices);
        waitForAcknowledgements(services);
        TimeUnit.MILLISECONDS.sleep(millis); // the random moment
        broker.kill();
        over.set(true);
        for (Thread thread : threads) {
            thread.join();
        }
    }

    private static void waitForAcknowledgements(List<Ledger> ledgers) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (ledgers.stream().anyMatch(ledger -> ledger.acknowledged() == 0)) {
            assertThat(System.nanoTime()).as("no acknowledgement in 60 s").isLessThan(deadline);
            TimeUnit.MILLISECONDS.sleep(10);
        }
    }

    private static void publish(BrokerProcess broker, Ledger ledger, AtomicBoolean over) {
        Mqtt3AsyncClient client =
                Mqtt3Client.builder()
                        .identifier(ledger.key)
                        .serverHost("127.0.0.1")
                        .serverPort(broker.mqttPort())
                        .buildAsync();
        client.publishes(MqttGlobalPublishFilter.ALL, ignored -> {});
        client.connectWith().cleanSession(true).send().join();
        Semaphore room = new Semaphore(IN_FLIGHT);
        try {
            for (int i = 0; !over.get(); i++) {
                if (!room.tryAcquire(100, TimeUnit.MILLISECONDS)) {
                    i--;
                    continue;
                }
                int number = i;
                ledger.sent = number + 1;
                client.publishWith()
                        .topic("devices/" + ledger.key)
                        .qos(MqttQos.AT_LEAST_ONCE)
                        .payload(Integer.toString(number).getBytes(StandardCharsets.UTF_8))
                        .send()
                        .whenComplete(
                                (publish, failure) -> {
                                    if (failure == null) {
                                        ledger.acknowledge(number);
                                        room.release();
                                    }
                                });
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void produce(BrokerProcess broker, List<Ledger> ledgers, AtomicBoolean over) {
        Map<String, Object> config =
                Map.of(
                        "bootstrap.servers",
                        broker.bootstrap(),
                        "acks",
                        "all",
                        "linger.ms",
                        2,
                        "delivery.timeout.ms",
                        4_000,
                        "request.timeout.ms",
                        2_000,
                        "max.block.ms",
                        2_000);
        var producer = new KafkaProducer<>(config, new StringSerializer(), new StringSerializer());
        Semaphore room = new Semaphore(IN_FLIGHT);
        try {
            for (int i = 0; !over.get(); i++) {
                for (Ledger ledger : ledgers) {
                    while (!over.get() && !room.tryAcquire(100, TimeUnit.MILLISECONDS)) {
                        Thread.onSpinWait();
                    }
                    if (over.get()) {
                        break;
                    }
                    int number = i;
                    ledger.sent = number + 1;
                    producer.send(
                            new ProducerRecord<>("services", ledger.key, Integer.toString(number)),
                            (metadata, failure) -> {
                                if (failure == null) {
                                    ledger.acknowledge(number);
                                }
                                room.release();
                            });
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            producer.close(Duration.ZERO);
        }
    }

    private static void check(
            BrokerProcess broker, List<Ledger> devices, List<Ledger> services, long seed) {
        if (!devices.isEmpty()) {
            check(broker, "devices", devices, seed);
            check(broker, "services", services, seed);
        }
    }

    private static void check(BrokerProcess broker, String topic, List<Ledger> ledgers, long seed) {
        Map<String, Ledger> byKey = new HashMap<>();
        ledgers.forEach(ledger -> byKey.put(ledger.key, ledger));
        KafkaRead.each(
                broker.bootstrap(),
                topic,
                record -> {
                    assertThat(byKey).as("keys, seed %d", seed).containsKey(record.key());
                    byKey.get(record.key()).find(Integer.parseInt(record.value()), seed);
                });
        ledgers.forEach(ledger -> ledger.requireAll(seed));
    }
}
