// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.session;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mortise.kernel.delivery.DeliveryServices;
import io.mortise.spi.Registration;
import io.mortise.spi.broker.Address;
import io.mortise.spi.broker.AddressFilter;
import io.mortise.spi.broker.Message;
import io.mortise.spi.broker.Sessions.SessionRequest;
import io.mortise.spi.broker.Sessions.Will;
import io.mortise.spi.broker.Subscription;
import io.mortise.spi.broker.Subscription.RetainHandling;
import io.mortise.spi.plugin.Metrics;
import io.mortise.spi.security.Credentials;
import io.mortise.spi.security.Operation;
import io.mortise.spi.security.Principal;
import io.mortise.spi.security.ResourceType;
import io.mortise.spi.security.Security;
import io.mortise.spi.testing.FakeClock;
import io.mortise.spi.testing.FakeScheduler;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.DoubleSupplier;

/** Sessions over topics in memory, on one thread, with loops that are turns of one scheduler. */
final class World {
    final FakeClock clock = new FakeClock();
    final FakeScheduler scheduler = new FakeScheduler(clock);
    final SessionStorage storage;

    /** The same, where it is in memory. */
    final MemoryTopics topics;

    final Set<String> denied = new HashSet<>();
    final Map<String, Long> counters = new HashMap<>();
    final List<Executor> loops = new ArrayList<>();
    final Random random;

    /** What a crash loses is no leak. */
    private final ByteBufAllocator buffers = new UnpooledByteBufAllocator(false, true);

    SessionRegistry registry;

    World(long seed) {
        this(seed, (clock, scheduler, same) -> new MemoryTopics(scheduler));
    }

    World(long seed, SessionStorage.Factory factory) {
        storage = factory.open(clock, scheduler, seed);
        topics = storage instanceof MemoryTopics memory ? memory : new MemoryTopics(scheduler);
        random = new Random(seed);
        for (int i = 0; i < 3; i++) {
            loops.add(new Loop());
        }
        registry = start();
    }

    private final class Loop implements Executor {
        @Override
        public void execute(Runnable task) {
            scheduler.execute(task);
        }
    }

    private SessionRegistry start() {
        SessionRegistry made =
                new SessionRegistry(
                        new DeliveryServices(
                                storage.topics(), new Rules(), clock, scheduler, buffers),
                        random,
                        new Counters(),
                        storage.index());
        boolean[] started = new boolean[1];
        made.start().thenRun(() -> started[0] = true);
        run(200);
        if (!started[0]) {
            throw new AssertionError("sessions did not start");
        }
        return made;
    }

    /** The process dies: what was not durable is gone, and so is every task. */
    void crash() {
        scheduler.clear();
        storage.crash();
        for (int i = 0; i < loops.size(); i++) {
            loops.set(i, new Loop());
        }
        registry = start();
    }

    void close() {
        scheduler.clear();
        storage.close();
    }

    void run(long millis) {
        scheduler.advanceNanos(millis * 1_000_000);
    }

    Client connect(String id) {
        return connect(id, true, 0, 100, null);
    }

    Client connect(
            String id, boolean cleanStart, long expirySeconds, int window, @Nullable Will will) {
        Client client = new Client(this);
        Executor loop = loops.get(random.nextInt(loops.size()));
        registry.open(
                new SessionRequest(
                        Principal.ANONYMOUS,
                        "127.0.0.1",
                        id,
                        loop,
                        cleanStart,
                        expirySeconds,
                        window,
                        will),
                client,
                client::opened);
        return client;
    }

    /** Connects, and starts delivery. */
    Client connected(String id) {
        return connected(id, true, 0, 100);
    }

    Client connected(String id, boolean cleanStart, long expirySeconds, int window) {
        Client client = connect(id, cleanStart, expirySeconds, window, null);
        run(50);
        client.session().start();
        return client;
    }

    static Message message(String address, String payload, int qos) {
        return message(address, payload, qos, false, -1);
    }

    static Message message(
            String address, String payload, int qos, boolean retained, long expirySeconds) {
        return new Message(
                Address.of(address),
                Unpooled.copiedBuffer(payload, UTF_8),
                List.of(),
                (byte) qos,
                retained,
                expirySeconds);
    }

    static Subscription subscription(String filter, int qos) {
        return new Subscription(
                new AddressFilter(filter), qos, false, false, RetainHandling.SEND, 0);
    }

    private final class Rules implements Security {
        @Override
        public void authenticate(
                Credentials credentials, Executor executor, AuthenticationCallback callback) {
            executor.execute(() -> callback.completed(Principal.ANONYMOUS, null));
        }

        @Override
        public boolean allowed(
                Principal principal,
                String host,
                Operation operation,
                ResourceType type,
                String name) {
            return !denied.contains(operation + " " + name);
        }

        @Override
        public long version() {
            return denied.hashCode(); // a test only adds
        }

        @Override
        public Registration onRevoked(RevocationListener listener) {
            return () -> {};
        }
    }

    private final class Counters implements Metrics {
        @Override
        public Counter counter(String name, String help, String... labels) {
            return new Counter() {
                @Override
                public void add(long amount) {
                    counters.merge(name, amount, Long::sum);
                }

                @Override
                public long value() {
                    return counters.getOrDefault(name, 0L);
                }
            };
        }

        @Override
        public Registration gauge(
                String name, String help, DoubleSupplier value, String... labels) {
            return () -> {};
        }

        @Override
        public Timer timer(String name, String help, String... labels) {
            return nanos -> {};
        }
    }
}
