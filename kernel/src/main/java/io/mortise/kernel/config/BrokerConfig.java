// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.config;

import io.mortise.kernel.topic.TopicPolicy;

import java.util.Map;

/**
 * Everything that mortise.yaml says, checked.
 *
 * @param eventLoops threads that each protocol plugin gets for its connections
 * @param listeners by name; a listener that is not here is on loopback at its usual port
 * @param logs memory and housekeeping of the logs
 * @param plugins by id
 * @param anonymous whether clients without credentials are let in (and judged by the rules)
 * @param anonymousWhere file and line of that, for messages
 * @param requireSignedPlugins whether a plugin that did not come with the broker must be signed
 * @param stateIndex storage engine in whose ordered keys sessions lie that nobody uses, or {@link
 *     #IN_MEMORY}
 * @param stateIndexWhere file and line of that, for messages
 */
public record BrokerConfig(
        int nodeId,
        int eventLoops,
        Map<String, ListenerConfig> listeners,
        TopicPolicy topics,
        LogsConfig logs,
        Map<String, PluginSection> plugins,
        MetadataConfig metadata,
        boolean anonymous,
        String anonymousWhere,
        boolean requireSignedPlugins,
        String stateIndex,
        String stateIndexWhere) {
    /** The value of {@code state.index} that keeps everything on the heap. */
    public static final String IN_MEMORY = "memory";

    public BrokerConfig {
        listeners = Map.copyOf(listeners);
        plugins = Map.copyOf(plugins);
    }

    /** What holds without a file. */
    public static BrokerConfig defaults() throws ConfigException {
        return BrokerConfigReader.read("mortise.yaml", "");
    }

    /** The listener's settings. */
    public ListenerConfig listener(String name) {
        ListenerConfig listener = listeners.get(name);
        return listener == null ? ListenerConfig.loopback(name) : listener;
    }

    /** The plugin's settings; empty if it has none. */
    public PluginSection plugin(String id) {
        PluginSection section = plugins.get(id);
        return section == null ? new PluginSection(Map.of(), "plugins." + id) : section;
    }
}
