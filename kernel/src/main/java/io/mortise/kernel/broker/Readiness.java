// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.broker;

import io.mortise.kernel.plugin.PluginHost;
import io.mortise.spi.admin.Administration.Health;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** Whether the broker serves, and what it waits for if not. Any thread. */
final class Readiness {
    private final PluginHost plugins;
    private volatile Supplier<List<String>> degraded = List::of;
    private volatile boolean started;
    private volatile boolean sessionsReplayed;

    Readiness(PluginHost plugins) {
        this.plugins = plugins;
    }

    /** Every wanted plugin was started, or failed. */
    void started() {
        started = true;
    }

    /** Stored sessions were replayed, or cannot be. */
    void sessionsReplayed() {
        sessionsReplayed = true;
    }

    /** Has asked what an operator must mend. */
    void degraded(Supplier<List<String>> damage) {
        degraded = damage;
    }

    /** The broker is about to stop. */
    void stopping() {
        started = false;
    }

    Health health() {
        var waitingFor = new ArrayList<String>();
        if (!started) {
            waitingFor.add("the broker is starting or stopping");
        }
        if (!sessionsReplayed) {
            waitingFor.add("stored sessions are being replayed");
        }
        for (String id : plugins.notReady()) {
            waitingFor.add("plugin '" + id + "' is not ready");
        }
        return new Health(true, waitingFor.isEmpty(), waitingFor, degraded.get());
    }
}
