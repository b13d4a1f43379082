// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.bench.storage;

import io.mortise.bench.Options;
import io.mortise.kernel.broker.EmbeddedBroker;
import io.mortise.spi.Refusal;
import io.mortise.spi.TenantId;
import io.mortise.spi.broker.AddressFilter;
import io.mortise.spi.broker.Delivery;
import io.mortise.spi.broker.Receiver;
import io.mortise.spi.broker.Session;
import io.mortise.spi.broker.Sessions.SessionRequest;
import io.mortise.spi.broker.Subscription;
import io.mortise.spi.broker.Subscription.RetainHandling;
import io.mortise.spi.broker.Topics.TopicSpec;
import io.mortise.spi.security.Principal;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Very many persistent sessions that sleep, each with two subscriptions over a topic of four
 * partitions: heap of each, and what a start reads of their log.
 */
public final class SleepingSessions {
    private static final int AT_ONCE = 2_000;

    private final Path root;
    private final int count;

    private SleepingSessions(Options options) {
        root = Path.of(options.text("dir"));
        count = options.number("sessions", 100_000);
    }

    /** Options dir, sessions. */
    public static void main(String[] arguments) throws Exception {
        var bench = new SleepingSessions(new Options(arguments));
        System.out.printf(
                "%-34s %12s %12s %12s %12s%n",
                bench.count + " sessions asleep",
                "heap_B/each",
                "start_ms",
                "replayed",
                "again_B/each");
        bench.measure("memory");
        bench.measure("rocksdb");
        System.exit(0);
    }

    private EmbeddedBroker start(String index) throws Exception {
        return EmbeddedBroker.builder(root)
                .plugins("storage-segment", "storage-rocksdb")
                .config("state:\n  index: " + index + "\n")
                .start();
    }

    private void measure(String index) throws Exception {
        Usage.delete(root);
        long heapEach;
        try (var broker = start(index)) {
            var spec = new TopicSpec(TenantId.DEFAULT, "fleet", 4, Map.of(), false);
            broker.broker().topics().create(spec).toCompletableFuture().join();
            cycle(broker, 0, 10);
            long before = heapBytes();
            cycle(broker, 10, count);
            awaitAsleep(broker, index);
            heapEach = (heapBytes() - before) / (count - 10);
        }
        long begun = System.nanoTime();
        try (var broker = start(index)) {
            long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun);
            long replayed = metric(broker, "mortise_session_replayed_records_total");
            System.out.printf(
                    "%-34s %12d %12d %12d%n", "state.index: " + index, heapEach, millis, replayed);
        }
    }

    /** Each connects, subscribes and goes. */
    private static void cycle(EmbeddedBroker broker, int from, int to) throws Exception {
        var permits = new Semaphore(AT_ONCE);
        try (var loop = Executors.newSingleThreadExecutor()) {
            for (int i = from; i < to; i++) {
                permits.acquire();
                new Sleeper("device-" + i, loop, permits).open(broker);
            }
            permits.acquire(AT_ONCE);
        }
    }

    private static void awaitAsleep(EmbeddedBroker broker, String index) throws Exception {
        TimeUnit.SECONDS.sleep(15); // so that what is due was written whole
        while (index.equals("rocksdb") && metric(broker, "mortise_session_states_in_memory") > 0) {
            TimeUnit.MILLISECONDS.sleep(100);
        }
    }

    private static long metric(EmbeddedBroker broker, String name) {
        return broker.administration()
                .metrics()
                .lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToLong(line -> (long) Double.parseDouble(line.substring(name.length() + 1)))
                .sum();
    }

    private static long heapBytes() throws InterruptedException {
        long used = Long.MAX_VALUE;
        for (int i = 0; i < 4; i++) {
            System.gc();
            TimeUnit.MILLISECONDS.sleep(200);
            Runtime runtime = Runtime.getRuntime();
            used = Math.min(used, runtime.totalMemory() - runtime.freeMemory());
        }
        return used;
    }

    /** A client that wants nothing but to have been there. */
    private record Sleeper(String id, Executor loop, Semaphore permits) implements Receiver {
        void open(EmbeddedBroker broker) {
            broker.broker()
                    .sessions()
                    .open(
                            new SessionRequest(
                                    Principal.ANONYMOUS,
                                    "127.0.0.1",
                                    id,
                                    loop,
                                    false,
                                    0xFFFF_FFFFL,
                                    100,
                                    null),
                            this,
                            this::opened);
        }

        private void opened(Session session, Refusal refusal) {
            if (session == null) {
                throw new IllegalStateException(String.valueOf(refusal));
            }
            session.start();
            session.subscribe(
                    List.of(filter("fleet/" + id + "/#"), filter("fleet/all")),
                    refusals -> gone(session));
        }

        private void gone(Session session) {
            session.close(Session.End.NORMAL);
            permits.release();
        }

        private static Subscription filter(String text) {
            return new Subscription(
                    new AddressFilter(text), 1, false, false, RetainHandling.SEND, 0);
        }

        @Override
        public boolean deliver(Delivery delivery) {
            return true;
        }

        @Override
        public void flush() {
            // nothing comes
        }

        @Override
        public void release(int deliveryId) {
            // nothing came
        }

        @Override
        public void publishable() {
            // nothing is published
        }

        @Override
        public void closed(Refusal reason) {
            throw new IllegalStateException(reason.toString());
        }
    }
}
