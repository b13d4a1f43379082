// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.listener;

import io.mortise.spi.Registration;
import io.mortise.spi.plugin.Metrics;
import io.mortise.spi.plugin.Metrics.Counter;

import java.util.function.IntSupplier;

/** What is counted about sockets and loops. */
final class ListenerMetrics {
    private final Metrics metrics;
    private final Counter overdue;
    private final Counter stalls;

    ListenerMetrics(Metrics metrics) {
        this.metrics = metrics;
        this.overdue =
                metrics.counter(
                        "mortise_listener_overdue_total",
                        "Connections closed because their first whole frame did not come in time");
        this.stalls =
                metrics.counter(
                        "mortise_listener_stalls_total",
                        "Event loops that did not come back for 100 ms");
    }

    /** Connections closed without a whole frame. */
    Counter overdue() {
        return overdue;
    }

    /** Loops seen stuck. */
    Counter stalls() {
        return stalls;
    }

    /** Connections closed because there were too many. */
    Counter refused(String listener) {
        return metrics.counter(
                "mortise_listener_refused_total",
                "Connections closed because the listener had maxConnections already",
                "listener",
                listener);
    }

    /** Shows the open connections of a listener. */
    Registration connections(String listener, IntSupplier open) {
        return metrics.gauge(
                "mortise_listener_connections",
                "Open connections",
                open::getAsInt,
                "listener",
                listener);
    }
}
