// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.connector;

import io.mortise.spi.plugin.PluginContext;

import org.osgi.annotation.versioning.ConsumerType;

import java.util.List;
import java.util.Map;

/**
 * What a plugin offers that carries records out of topics; found by {@link
 * java.util.ServiceLoader}.
 */
@ConsumerType
public interface SinkConnectorProvider {
    /**
     * The connector's settings; {@code name} and {@code topics} are the kernel's and not among
     * them.
     */
    List<Setting> settings();

    /**
     * Checks settings without touching the other system.
     *
     * @return faults in plain words, each naming the setting, its value and what is allowed; empty
     *     if there are none
     */
    List<String> validate(Map<String, String> settings);

    /** Makes a task; connects at {@link SinkTask#start}. */
    SinkTask task(PluginContext context, String connectorName, Map<String, String> settings);

    /**
     * One setting.
     *
     * @param defaultValue null: must be given
     * @param secret never shown, never logged
     */
    record Setting(
            String name,
            String type,
            @org.jspecify.annotations.Nullable String defaultValue,
            boolean secret,
            String doc) {}
}
