// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.tests.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.protocol.mqtt.codec.Acknowledgement;
import io.mortise.protocol.mqtt.codec.Packet;
import io.mortise.protocol.mqtt.codec.PacketType;
import io.mortise.protocol.mqtt.codec.Publish;
import io.mortise.tests.process.BrokerProcess;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A hundred persistent sessions, half of them connected, and a broker killed in the middle of QoS 1
 * and 2: every session is there afterwards, its backlog complete and in order.
 */
class KilledSessionsTest {
    private static final int SESSIONS = 100;
    private static final int TOPICS = 10;
    private static final int WINDOW = 20;

    /** One publisher's topics, what it sent and what it was promised. */
    private static final class Sender implements Runnable {
        final int qos;
        final int port;
        final AtomicBoolean stop;
        final List<Integer> sent = new ArrayList<>();
        final Set<Integer> promised = ConcurrentHashMap.newKeySet();

        Sender(int qos, int port, AtomicBoolean stop) {
            this.qos = qos;
            this.port = port;
            this.stop = stop;
        }

        String topic(int number) {
            return "killed/" + number % TOPICS + "/q" + qos;
        }

        @Override
        public void run() {
            try (CodecClient client = CodecClient.connect(port)) {
                client.open("sender-" + qos, true);
                for (int number = 0; !stop.get(); number++) {
                    byte[] payload = Integer.toString(number).getBytes(StandardCharsets.UTF_8);
                    sent.add(number);
                    client.publish(topic(number), qos, 1 + number % 60_000, payload);
                    if (number >= WINDOW) {
                        awaitPromise(client, number - WINDOW);
                    }
                }
            } catch (IOException killed) {
                stop.set(true);
            }
        }

        /** Answers come per partition in order, so they are matched by packet identifier. */
        private void awaitPromise(CodecClient client, int number) throws IOException {
            while (!promised.contains(number)) {
                Acknowledgement answer = (Acknowledgement) client.receive();
                if (answer.type() == PacketType.PUBREC) {
                    client.acknowledge(PacketType.PUBREL, answer.packetId());
                }
                if (answer.type() != PacketType.PUBCOMP) {
                    promised.add(numberOf(answer.packetId(), number));
                }
            }
        }

        private static int numberOf(int packetId, int near) {
            int base = near - near % 60_000;
            int number = base + packetId - 1;
            return number < near - 30_000 ? number + 60_000 : number;
        }
    }

    /** What one session received, by topic, before and after. */
    private static final class Receiver {
        final String id;
        final int topic;
        final List<String> texts = new ArrayList<>();

        Receiver(int number) {
            id = "killed-" + number;
            topic = number % TOPICS;
        }

        void take(CodecClient client, Packet packet) throws IOException {
            switch (packet) {
                case Publish publish -> {
                    texts.add(publish.topic() + " " + CodecClient.text(publish));
                    PacketType answer = publish.qos() == 2 ? PacketType.PUBREC : PacketType.PUBACK;
                    client.acknowledge(answer, publish.packetId());
                }
                case Acknowledgement release ->
                        client.acknowledge(PacketType.PUBCOMP, release.packetId());
                default -> throw new IOException("unexpected " + packet);
            }
        }

        void readUntilKilled(int port) {
            try (CodecClient client = CodecClient.connect(port)) {
                client.open(id, false);
                while (true) {
                    take(client, client.receive());
                }
            } catch (IOException killed) {
                return;
            }
        }

        List<Integer> firsts(Sender sender) {
            String prefix = "killed/" + topic + "/q" + sender.qos + " ";
            List<Integer> numbers = new ArrayList<>();
            for (String text : texts) {
                if (text.startsWith(prefix)) {
                    int number = Integer.parseInt(text.substring(prefix.length()));
                    if (!numbers.contains(number)) {
                        numbers.add(number);
                    }
                }
            }
            return numbers;
        }

        boolean hasAll(List<Sender> senders) {
            for (Sender sender : senders) {
                List<Integer> promised = new ArrayList<>();
                for (int number : sender.promised) {
                    if (number % TOPICS == topic) {
                        promised.add(number);
                    }
                }
                if (!firsts(sender).containsAll(promised)) {
                    return false;
                }
            }
            return true;
        }
    }

    @Test
    void keepTheirBacklog(@TempDir Path directory) throws Exception {
        List<Receiver> receivers = new ArrayList<>();
        try (BrokerProcess broker = new BrokerProcess(directory)) {
            broker.start();
            for (int i = 0; i < SESSIONS; i++) {
                Receiver receiver = new Receiver(i);
                receivers.add(receiver);
                try (CodecClient client = CodecClient.connect(broker.mqttPort())) {
                    client.open(receiver.id, false);
                    client.subscribe("killed/" + receiver.topic + "/#", 2);
                }
            }
            List<Sender> senders = loadAndKill(broker, receivers);
            broker.start();
            for (Receiver receiver : receivers) {
                try (CodecClient client = CodecClient.connect(broker.mqttPort())) {
                    assertThat(client.open(receiver.id, false)).as(receiver.id).isTrue();
                    drain(client, receiver, senders);
                }
                for (Sender sender : senders) {
                    assertThat(receiver.firsts(sender)).as(receiver.id).isSorted();
                    assertThat(sender.sent).containsAll(receiver.firsts(sender));
                }
            }
            assertThat(senders).allMatch(sender -> sender.promised.size() > WINDOW);
        }
    }

    private static List<Sender> loadAndKill(BrokerProcess broker, List<Receiver> receivers)
            throws Exception {
        AtomicBoolean stop = new AtomicBoolean();
        List<Sender> senders =
                List.of(
                        new Sender(1, broker.mqttPort(), stop),
                        new Sender(2, broker.mqttPort(), stop));
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < SESSIONS / 2; i++) {
            Receiver receiver = receivers.get(i);
            int port = broker.mqttPort();
            threads.add(Thread.ofVirtual().start(() -> receiver.readUntilKilled(port)));
        }
        for (Sender sender : senders) {
            threads.add(Thread.ofPlatform().start(sender));
        }
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (senders.stream().anyMatch(sender -> sender.promised.size() < 1_000)) {
            assertThat(System.nanoTime()).as("load gets going").isLessThan(deadline);
            TimeUnit.MILLISECONDS.sleep(10);
        }
        broker.kill();
        stop.set(true);
        for (Thread thread : threads) {
            thread.join(30_000);
            assertThat(thread.isAlive()).isFalse();
        }
        return senders;
    }

    private static void drain(CodecClient client, Receiver receiver, List<Sender> senders)
            throws IOException {
        Packet packet;
        do {
            packet = client.receive(receiver.hasAll(senders) ? 50 : 30_000);
            if (packet != null) {
                receiver.take(client, packet);
            }
        } while (packet != null);
        assertThat(receiver.hasAll(senders)).as("%s has what was promised", receiver.id).isTrue();
    }
}
