// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.testing;

import io.mortise.spi.Registration;
import io.mortise.spi.plugin.Metrics;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.DoubleSupplier;

/** Metrics that a test can read back; labels are ignored. */
public final class TestMetrics implements Metrics {
    private final Map<String, Count> counters = new ConcurrentHashMap<>();
    private final Map<String, DoubleSupplier> gauges = new ConcurrentHashMap<>();

    /** The counter's value, 0 if there is none. */
    public long count(String name) {
        Count counter = counters.get(name);
        return counter == null ? 0 : counter.value();
    }

    /** The gauge's present value, NaN if there is none. */
    public double gauge(String name) {
        return gauges.getOrDefault(name, () -> Double.NaN).getAsDouble();
    }

    /** All counters and gauges, by name. */
    public Map<String, Double> values() {
        var values = new TreeMap<String, Double>();
        counters.forEach((name, counter) -> values.put(name, (double) counter.value()));
        gauges.forEach((name, gauge) -> values.put(name, gauge.getAsDouble()));
        return values;
    }

    @Override
    public Counter counter(String name, String help, String... labels) {
        return counters.computeIfAbsent(name, key -> new Count());
    }

    @Override
    public Registration gauge(String name, String help, DoubleSupplier value, String... labels) {
        gauges.put(name, value);
        return () -> gauges.remove(name, value);
    }

    @Override
    public Timer timer(String name, String help, String... labels) {
        Count runs = counters.computeIfAbsent(name, key -> new Count());
        return nanos -> runs.add(1);
    }

    private static final class Count implements Counter {
        private final AtomicLong value = new AtomicLong();

        @Override
        public void add(long amount) {
            value.addAndGet(amount);
        }

        @Override
        public long value() {
            return value.get();
        }
    }
}
