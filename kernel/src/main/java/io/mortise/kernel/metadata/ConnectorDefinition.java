// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.metadata;

import io.mortise.spi.TenantId;

import java.util.List;
import java.util.Map;

/**
 * A connector as it was asked for.
 *
 * @param plugin id of the plugin that makes its tasks
 * @param topics that it carries
 * @param settings the plugin's; may hold secrets
 * @param paused kept, but not running
 */
public record ConnectorDefinition(
        String name,
        TenantId tenant,
        String plugin,
        List<String> topics,
        Map<String, String> settings,
        boolean paused) {
    public ConnectorDefinition {
        topics = List.copyOf(topics);
        settings = Map.copyOf(settings);
    }

    @Override
    public String toString() {
        return "ConnectorDefinition[" + name + ", " + plugin + ", " + topics + "]";
    }
}
