// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.spi.broker.Session.End;
import io.mortise.spi.testing.FakeClock;
import io.mortise.spi.testing.FakeScheduler;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * Random publishers, subscribers, slow receivers, full and cold partitions, disconnects, takeovers
 * and crashes; whatever was confirmed must arrive, in order, and exactly once where promised.
 */
public abstract class SessionModelSuite {
    /** Opens what the sessions of one run are kept on. */
    protected abstract SessionStorage open(FakeClock clock, FakeScheduler scheduler, long seed);

    /** How many runs there are, each from its own seed. */
    protected int runs() {
        return SEEDS;
    }

    private static final int SEEDS = Boolean.getBoolean("mortise.deep") ? 2_000 : 100;
    private static final List<String> ADDRESSES = List.of("t/a", "t/b", "t/c/d", "u", "/odd");

    @Test
    void nothingPromisedIsLostDoubledOrReordered() {
        for (int seed = 0; seed < runs(); seed++) {
            run(seed, true);
        }
    }

    @Test
    void withoutCrashesNothingComesTwice() {
        for (int seed = 0; seed < runs() / 2; seed++) {
            run(10_000 + seed, false);
        }
    }

    @Test
    void disksThatFailTakeNothingBackThatWasConfirmed() {
        for (int seed = 0; seed < runs() / 2; seed++) {
            run(20_000 + seed, true, true);
        }
    }

    private void run(int seed, boolean crashes) {
        run(seed, crashes, false);
    }

    final void run(int seed, boolean crashes, boolean failures) {
        try {
            new Run(new World(seed, this::open), seed, crashes, failures).go();
        } catch (RuntimeException | AssertionError failed) {
            throw new AssertionError("seed " + seed + (crashes ? " with" : " without"), failed);
        }
    }

    /** One subscriber through all of its connections. */
    private static final class Reader {
        final String id;
        final int qos;
        final List<Client.Got> got = new ArrayList<>();
        Client client;

        Reader(String id, int qos, Client client) {
            this.id = id;
            this.qos = qos;
            this.client = client;
        }
    }

    private static final class Run {
        private final World world;
        private final Random random;
        private final boolean crashes;
        private final boolean failures;
        private final Map<String, Reader> readers = new LinkedHashMap<>();
        private final Map<String, Integer> published = new HashMap<>();
        private final Set<String> confirmed = new HashSet<>();
        private final Map<Integer, String> inFlight = new LinkedHashMap<>();
        private final Set<Integer> received = new HashSet<>();
        private final Map<String, Integer> retained = new HashMap<>();
        private Client writer;
        private int count;
        private int nextIdentifier;

        Run(World world, int seed, boolean crashes, boolean failures) {
            this.world = world;
            this.random = new Random(seed + 1);
            this.crashes = crashes;
            this.failures = failures;
            if (random.nextBoolean()) {
                world.storage.addTopic("t", 1 + random.nextInt(3));
                world.storage.addTopic("u", 1);
                world.run(50);
            }
            add("s1", 1);
            add("s2", 2);
            writer = world.connected("writer", false, 100_000, 10);
        }

        private void add(String id, int qos) {
            Client client = world.connected(id, false, 100_000, 1 + random.nextInt(8));
            client.subscribe("#", qos);
            readers.put(id, new Reader(id, qos, client));
        }

        void go() {
            int steps = 20 + random.nextInt(80);
            for (int i = 0; i < steps; i++) {
                step();
            }
            settle();
            readers.values().forEach(this::check);
            checkRetained();
            world.close();
        }

        private void step() {
            comeBack();
            if (failures && random.nextInt(15) == 0) {
                world.storage.failSoon(random);
                return;
            }
            Reader reader = readers.get(random.nextBoolean() ? "s1" : "s2");
            if (!writer.connected()) {
                return;
            }
            switch (random.nextInt(14)) {
                case 0, 1, 2 -> publish(1 + random.nextInt(20));
                case 3, 4 -> publishExactlyOnce(1 + random.nextInt(5));
                case 5 -> {
                    world.scheduler.runReady();
                    world.registry.log().flush();
                }
                case 6 -> pass();
                case 7 -> slow(reader);
                case 8 -> quick(reader);
                case 9 -> reconnect(reader);
                case 10 -> {
                    world.storage.disturb(random);
                    world.registry.log().flush();
                }
                case 11 -> {
                    if (crashes && random.nextInt(3) == 0) {
                        crash();
                    }
                }
                case 12 -> retain();
                case 13 -> writerMoves();
                default -> throw new IllegalStateException();
            }
        }

        /** Whoever was sent away because a log failed connects again. */
        private void comeBack() {
            if (!writer.connected()) {
                connectWriter();
            }
            for (Reader reader : readers.values()) {
                if (!reader.client.connected()) {
                    connect(reader);
                }
            }
        }

        private void sendAgain() {
            for (int id : List.copyOf(inFlight.keySet())) {
                if (received.contains(id)) {
                    release(id);
                } else {
                    send(id);
                }
            }
        }

        private void pass() {
            if (random.nextInt(8) == 0) {
                world.run(1_200);
            } else {
                world.scheduler.advanceNanos(random.nextInt(4_000_000));
            }
        }

        private String address() {
            return ADDRESSES.get(random.nextInt(ADDRESSES.size()));
        }

        private void publish(int messages) {
            for (int i = 0; i < messages; i++) {
                String payload = "m" + count++;
                int qos = random.nextInt(2);
                published.put(payload, qos);
                writer.session()
                        .publish(
                                World.message(address(), payload, qos),
                                refusal -> {
                                    if (refusal == null && qos == 1) {
                                        confirmed.add(payload);
                                    }
                                });
            }
        }

        private void retain() {
            String address = "r/" + random.nextInt(3);
            int number = count++;
            published.put("m" + number, 1);
            writer.session()
                    .publish(
                            World.message(address, "m" + number, 1, true, -1),
                            refusal -> {
                                if (refusal == null) {
                                    confirmed.add("m" + number);
                                    retained.put(address, number);
                                }
                            });
        }

        private void checkRetained() {
            Client late = world.connected("late");
            late.subscribe("r/#", 1);
            late.subscribe("q/#", 1);
            world.run(200);
            Map<String, Integer> found = new HashMap<>();
            for (Client.Got each : late.got) {
                assertThat(each.retained()).isTrue();
                int number = Integer.parseInt(each.payload().substring(1));
                assertThat(found.put(each.address(), number)).isNull();
            }
            retained.forEach(
                    (address, number) ->
                            assertThat(found.getOrDefault(address, -1))
                                    .as("retained message of %s", address)
                                    .isGreaterThanOrEqualTo(number));
        }

        private void publishExactlyOnce(int messages) {
            for (int i = 0; i < messages; i++) {
                String payload = "m" + count++;
                published.put(payload, 2);
                int id = 1 + nextIdentifier++ % 40;
                if (inFlight.containsKey(id)) {
                    published.remove(payload);
                    continue;
                }
                boolean retain = random.nextInt(5) == 0;
                String to = retain ? "q/" + random.nextInt(3) : address();
                inFlight.put(id, to + " " + payload);
                send(id);
            }
        }

        private void send(int id) {
            String[] what = inFlight.get(id).split(" ");
            Client at = writer;
            at.session()
                    .publishExactlyOnce(
                            id,
                            World.message(what[0], what[1], 2, what[0].startsWith("q/"), -1),
                            refusal -> {
                                if (!at.connected()) {
                                    return; // nobody hears of it
                                }
                                if (refusal == null) {
                                    confirmed.add(what[1]);
                                    if (what[0].startsWith("q/")) {
                                        int number = Integer.parseInt(what[1].substring(1));
                                        retained.merge(what[0], number, Math::max);
                                    }
                                    overTheNetwork(() -> releaseNow(id));
                                } else {
                                    inFlight.remove(id); // told that it failed
                                }
                            });
        }

        private void overTheNetwork(Runnable answer) {
            world.scheduler.schedule(answer, random.nextInt(5_000_000));
        }

        private void releaseNow(int id) {
            received.add(id);
            releaseAgain(id);
        }

        private void releaseAgain(int id) {
            if (writer.connected() && received.contains(id)) {
                release(id);
            }
        }

        private void released(int id) {
            received.remove(id);
            inFlight.remove(id);
        }

        private void release(int id) {
            Client at = writer;
            at.session()
                    .release(
                            id,
                            (known, refusal) -> {
                                if (refusal != null) {
                                    overTheNetwork(() -> releaseAgain(id));
                                } else if (at.connected()) {
                                    overTheNetwork(() -> released(id));
                                }
                            });
        }

        private void slow(Reader reader) {
            if (random.nextBoolean()) {
                reader.client.full = true;
            } else {
                reader.client.answers = false;
            }
        }

        private void quick(Reader reader) {
            reader.client.full = false;
            reader.client.answers = true;
            if (reader.client.connected()) {
                reader.client.session().resume();
                reader.client.answerAll();
            }
        }

        private void reconnect(Reader reader) {
            if (random.nextBoolean()) {
                reader.client.close(End.NORMAL);
                publish(random.nextInt(3));
                world.run(random.nextInt(30));
            }
            connect(reader);
        }

        /** What its old connection could not place yet is not overtaken. */
        private void writerMoves() {
            if (random.nextBoolean()) {
                writer.close(End.ABNORMAL);
            }
            connectWriter();
        }

        private void connectWriter() {
            Client client = world.connect("writer", false, 100_000, 10, null);
            world.run(100);
            if (client.connected()) {
                writer = client;
                writer.session().start();
                sendAgain();
            }
        }

        private void connect(Reader reader) {
            Client client = world.connect(reader.id, false, 100_000, 1 + random.nextInt(8), null);
            client.held = reader.client.held;
            world.run(100);
            collect(reader);
            if (client.refused != null && failures) {
                reader.client.closed = client.refused;
                return; // the log is being read again: later
            }
            assertThat(client.session().present()).isTrue();
            reader.client = client;
            client.session().start();
        }

        private static void collect(Reader reader) {
            reader.got.addAll(reader.client.got);
            reader.client.got.clear();
        }

        private void crash() {
            world.crash();
            writer = world.connected("writer", false, 100_000, 10);
            assertThat(writer.session().present()).isTrue();
            sendAgain();
            readers.values().forEach(this::connect);
        }

        private void settle() {
            world.storage.heal();
            for (int i = 0; i < 3; i++) {
                world.run(1_000);
                comeBack();
                readers.values().forEach(this::quick);
            }
            world.run(1_000);
            assertThat(inFlight).as("exactly-once publishes all done").isEmpty();
            readers.values().forEach(Run::collect);
        }

        private void check(Reader reader) {
            List<String> payloads = reader.got.stream().map(Client.Got::payload).toList();
            assertThat(published.keySet())
                    .as("%s invents nothing", reader.id)
                    .containsAll(payloads);
            assertThat(payloads).as("%s gets all", reader.id).containsAll(confirmed);
            checkOnce(reader);
            checkOrder(reader);
        }

        private void checkOnce(Reader reader) {
            Map<String, Integer> times = new HashMap<>();
            reader.got.forEach(each -> times.merge(each.payload(), 1, Integer::sum));
            times.forEach(
                    (payload, n) -> {
                        int qos = Math.min(published.get(payload), reader.qos);
                        if (qos != 1) {
                            assertThat(n).as("%s got %s", reader.id, payload).isEqualTo(1);
                        }
                    });
            if (!crashes) {
                Set<String> seen = new HashSet<>();
                for (Client.Got each : reader.got) {
                    assertThat(seen.add(each.payload()) || each.duplicate())
                            .as("%s got %s again unmarked", reader.id, each)
                            .isTrue();
                }
            }
        }

        private void checkOrder(Reader reader) {
            Map<String, Integer> last = new HashMap<>();
            Set<String> seen = new HashSet<>();
            for (Client.Got each : reader.got) {
                if (each.qos() > 0
                        && published.get(each.payload()) > 0
                        && seen.add(each.payload())) {
                    int number = Integer.parseInt(each.payload().substring(1));
                    String lane = each.address() + " " + published.get(each.payload());
                    assertThat(number)
                            .as("%s at %s", reader.id, lane)
                            .isGreaterThan(last.getOrDefault(lane, -1));
                    last.put(lane, number);
                }
            }
        }
    }
}
