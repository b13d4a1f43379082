// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.connector.jdbc;

import io.mortise.connector.jdbc.mapping.SinkSettings;
import io.mortise.connector.jdbc.sink.JdbcSinkTask;
import io.mortise.spi.connector.SinkConnectorProvider;
import io.mortise.spi.connector.SinkTask;
import io.mortise.spi.plugin.PluginContext;

import java.util.List;
import java.util.Map;

/** Entry of the plugin. */
public final class JdbcSinkConnector implements SinkConnectorProvider {
    @Override
    public List<Setting> settings() {
        return SinkSettings.DOCUMENTED;
    }

    @Override
    public List<String> validate(Map<String, String> settings) {
        return SinkSettings.faults(settings);
    }

    @Override
    public SinkTask task(
            PluginContext context, String connectorName, Map<String, String> settings) {
        return new JdbcSinkTask(connectorName, SinkSettings.parse(settings));
    }
}
