// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.config;

import java.util.Map;

/**
 * What mortise.yaml says to a plugin; its own schema judges it.
 *
 * @param settings nested keys joined by dots, lists by commas
 * @param where file and line, for messages
 */
public record PluginSection(Map<String, String> settings, String where) {
    public PluginSection {
        settings = Map.copyOf(settings);
    }
}
