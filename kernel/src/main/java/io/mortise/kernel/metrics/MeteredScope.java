// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.metrics;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Tags;
import io.mortise.kernel.metrics.BrokerMetrics.Key;
import io.mortise.spi.Registration;
import io.mortise.spi.plugin.Metrics;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.DoubleSupplier;

/** Metrics that go together when their owner ends. */
public final class MeteredScope implements Metrics, Registration {
    private final BrokerMetrics metrics;
    private final Queue<Registration> owned = new ConcurrentLinkedQueue<>();

    MeteredScope(BrokerMetrics metrics) {
        this.metrics = metrics;
    }

    @Override
    public Counter counter(String name, String help, String... labels) {
        var key = new Key(name, Tags.of(labels));
        LongAdder sum = metrics.counter(key, help);
        owned.add(() -> metrics.release(key, null));
        return new Counted(sum);
    }

    @Override
    public Registration gauge(String name, String help, DoubleSupplier value, String... labels) {
        var key = new Key(name, Tags.of(labels));
        Gauge gauge = metrics.gauge(key, help, value);
        Registration registration = () -> metrics.release(key, gauge);
        owned.add(registration);
        return () -> {
            if (owned.remove(registration)) {
                registration.close();
            }
        };
    }

    @Override
    public Timer timer(String name, String help, String... labels) {
        var key = new Key(name, Tags.of(labels));
        var timer = metrics.timer(key, help);
        owned.add(() -> metrics.release(key, null));
        return nanos -> timer.record(nanos, TimeUnit.NANOSECONDS);
    }

    @Override
    public void close() {
        for (Registration next = owned.poll(); next != null; next = owned.poll()) {
            next.close();
        }
    }

    /** A counter; the sum belongs to the kernel and outlives one run of a plugin. */
    private record Counted(LongAdder sum) implements Counter {
        @Override
        public void add(long amount) {
            sum.add(amount);
        }

        @Override
        public long value() {
            return sum.sum();
        }
    }
}
