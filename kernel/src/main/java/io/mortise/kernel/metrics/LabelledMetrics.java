// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.metrics;

import io.mortise.spi.Registration;
import io.mortise.spi.plugin.Metrics;

import java.util.Arrays;
import java.util.function.DoubleSupplier;

/** Metrics that all get some more labels. */
public final class LabelledMetrics implements Metrics {
    private final Metrics metrics;
    private final String[] more;

    /**
     * @param more name, value, name, value
     */
    public LabelledMetrics(Metrics metrics, String... more) {
        this.metrics = metrics;
        this.more = more.clone();
    }

    @Override
    public Counter counter(String name, String help, String... labels) {
        return metrics.counter(name, help, all(labels));
    }

    @Override
    public Registration gauge(String name, String help, DoubleSupplier value, String... labels) {
        return metrics.gauge(name, help, value, all(labels));
    }

    @Override
    public Timer timer(String name, String help, String... labels) {
        return metrics.timer(name, help, all(labels));
    }

    private String[] all(String[] labels) {
        String[] all = Arrays.copyOf(labels, labels.length + more.length);
        System.arraycopy(more, 0, all, labels.length, more.length);
        return all;
    }
}
