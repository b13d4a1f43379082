// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.plugin;

import io.mortise.spi.runtime.Clock;
import io.mortise.spi.runtime.Scheduler;

import org.osgi.annotation.versioning.ProviderType;

import java.util.random.RandomGenerator;

/** What every plugin is given. Any thread. */
@ProviderType
public interface PluginContext {
    /** The id in the plugin's descriptor. */
    String pluginId();

    /**
     * The plugin's section of mortise.yaml, checked against the descriptor's schema, defaults
     * filled in.
     */
    PluginConfig config();

    Clock clock();

    /**
     * Tasks run here have the plugin's loader as context loader and are cancelled when the plugin
     * stops.
     */
    Scheduler scheduler();

    /** Randomness; secure where the broker's is. */
    RandomGenerator random();

    Metrics metrics();
}
