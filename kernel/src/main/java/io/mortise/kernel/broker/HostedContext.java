// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.broker;

import io.mortise.kernel.metrics.LabelledMetrics;
import io.mortise.kernel.metrics.MeteredScope;
import io.mortise.kernel.plugin.PluginScheduler;
import io.mortise.kernel.plugin.PluginScope;
import io.mortise.spi.plugin.Metrics;
import io.mortise.spi.plugin.PluginConfig;
import io.mortise.spi.plugin.PluginContext;
import io.mortise.spi.runtime.Clock;
import io.mortise.spi.runtime.Scheduler;

import java.util.random.RandomGenerator;

/** What a plugin of any kind is given; its scheduler and metrics end with the scope. */
class HostedContext implements PluginContext {
    private final PluginScope scope;
    private final Surroundings surroundings;
    private final PluginScheduler scheduler;
    private final Metrics metrics;

    /**
     * @param labels of all its metrics: name, value, name, value
     */
    HostedContext(PluginScope scope, Surroundings surroundings, String... labels) {
        this.scope = scope;
        this.surroundings = surroundings;
        this.scheduler = scope.add(new PluginScheduler(surroundings.scheduler(), scope.loader()));
        MeteredScope own = scope.add(surroundings.metrics().scope());
        this.metrics = labels.length == 0 ? own : new LabelledMetrics(own, labels);
    }

    @Override
    public final String pluginId() {
        return scope.descriptor().id();
    }

    @Override
    public final PluginConfig config() {
        return scope.config();
    }

    @Override
    public final Clock clock() {
        return surroundings.clock();
    }

    @Override
    public final Scheduler scheduler() {
        return scheduler;
    }

    @Override
    public final RandomGenerator random() {
        return surroundings.random();
    }

    @Override
    public final Metrics metrics() {
        return metrics;
    }
}
