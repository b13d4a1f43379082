// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.plugin;

import io.mortise.spi.Registration;

import org.osgi.annotation.versioning.ProviderType;

import java.util.function.DoubleSupplier;

/**
 * Counters and gauges, named {@code mortise_<room>_<thing>_<unit>[_total]} in base units. Label
 * values must be few: never a client or topic name. Everything a plugin registered goes when it
 * stops. Any thread.
 */
@ProviderType
public interface Metrics {
    /**
     * A counter; the same name and labels give the same counter. Labels are name, value, name,
     * value.
     */
    Counter counter(String name, String help, String... labels);

    /** A value that is read when someone looks. */
    Registration gauge(String name, String help, DoubleSupplier value, String... labels);

    /** A distribution of durations. */
    Timer timer(String name, String help, String... labels);

    /** Only grows. Any thread; cheap under contention. */
    @ProviderType
    interface Counter {
        void add(long amount);

        long value();
    }

    /** Durations. Any thread. */
    @ProviderType
    interface Timer {
        void record(long nanos);
    }
}
