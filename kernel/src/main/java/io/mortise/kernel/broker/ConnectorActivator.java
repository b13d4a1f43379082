// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.broker;

import io.mortise.kernel.connector.ConnectorRuntime;
import io.mortise.kernel.plugin.PluginActivator;
import io.mortise.kernel.plugin.PluginScope;
import io.mortise.spi.Registration;
import io.mortise.spi.connector.SinkConnectorProvider;

import java.util.List;

/** Offers connector plugins to the connectors that are defined. */
final class ConnectorActivator implements PluginActivator<SinkConnectorProvider> {
    private final Surroundings surroundings;
    private final ConnectorRuntime connectors;

    ConnectorActivator(Surroundings surroundings, ConnectorRuntime connectors) {
        this.surroundings = surroundings;
        this.connectors = connectors;
    }

    @Override
    public Class<SinkConnectorProvider> service() {
        return SinkConnectorProvider.class;
    }

    @Override
    public ActivePlugin start(PluginScope scope, SinkConnectorProvider provider) {
        Registration registered =
                connectors.register(
                        scope.descriptor().id(), provider, new HostedContext(scope, surroundings));
        return drainNanos -> registered.close();
    }

    /** Connectors go on where they were when their plugin is back. */
    @Override
    public Parting parting() {
        return Parting.WAITS;
    }

    @Override
    public List<String> users(String pluginId) {
        return connectors.namesOf(pluginId).stream()
                .map(name -> "connector '" + name + "'")
                .toList();
    }
}
