// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.DoubleSupplier;

/**
 * All metrics of the broker. Any thread. Two versions of a plugin may have the same meter for a
 * while, so a meter goes with its last owner.
 */
public final class BrokerMetrics implements AutoCloseable {
    private final PrometheusMeterRegistry registry =
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final Map<Key, Shared> shared = new HashMap<>();
    private final MeteredScope kernel = new MeteredScope(this);

    /** Name and labels of a meter. */
    record Key(String name, Tags labels) {}

    /** A meter and how many have it. */
    private static final class Shared {
        private final LongAdder sum = new LongAdder();
        private final Meter meter;
        private int owners;

        Shared(java.util.function.Function<LongAdder, Meter> make) {
            meter = make.apply(sum);
        }
    }

    /** For the kernel's own rooms. */
    public MeteredScope kernel() {
        return kernel;
    }

    /** For one run of a plugin: closing it takes its metrics back. */
    public MeteredScope scope() {
        return new MeteredScope(this);
    }

    /** Everything, in Prometheus' text format 0.0.4. */
    public String text() {
        return registry.scrape();
    }

    @Override
    public void close() {
        registry.close();
    }

    synchronized LongAdder counter(Key key, String help) {
        return own(
                        key,
                        sum ->
                                FunctionCounter.builder(key.name(), sum, LongAdder::sum)
                                        .description(help)
                                        .tags(key.labels())
                                        .register(registry))
                .sum;
    }

    synchronized Timer timer(Key key, String help) {
        Meter meter =
                own(
                                key,
                                sum ->
                                        Timer.builder(key.name())
                                                .description(help)
                                                .tags(key.labels())
                                                .register(registry))
                        .meter;
        return (Timer) meter;
    }

    /** Replaces a gauge of the same name: the newest owner's value is shown. */
    synchronized Gauge gauge(Key key, String help, DoubleSupplier value) {
        var builder =
                Gauge.builder(key.name(), value::getAsDouble)
                        .description(help)
                        .tags(key.labels())
                        .strongReference(true);
        Shared before = shared.remove(key);
        if (before != null) {
            registry.remove(before.meter);
        }
        return (Gauge) own(key, sum -> builder.register(registry)).meter;
    }

    /** Ends one owner's hold; {@code gauge} is null for meters that are shared. */
    synchronized void release(Key key, @org.jspecify.annotations.Nullable Gauge gauge) {
        Shared held = shared.get(key);
        if (held == null || (gauge != null && !gauge.equals(held.meter))) {
            return;
        }
        if (--held.owners == 0) {
            shared.remove(key);
            registry.remove(held.meter);
        }
    }

    private Shared own(Key key, java.util.function.Function<LongAdder, Meter> make) {
        Shared held = shared.computeIfAbsent(key, absent -> new Shared(make));
        held.owners++;
        return held;
    }
}
