// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.plugin;

import org.jspecify.annotations.Nullable;

import java.util.Map;

/**
 * A plugin's settings. The kernel has checked every value against the schema in the descriptor
 * (unknown keys are refused with the nearest match) and filled in defaults, so a key that the
 * schema names with a default is always there.
 */
public final class PluginConfig {
    private final Map<String, String> values;

    public PluginConfig(Map<String, String> values) {
        this.values = Map.copyOf(values);
    }

    /** All settings as text. */
    public Map<String, String> values() {
        return values;
    }

    /** The value, or null if the schema gives no default and nothing was set. */
    public @Nullable String optional(String key) {
        return values.get(key);
    }

    /** The value. */
    public String text(String key) {
        String value = values.get(key);
        if (value == null) {
            throw new IllegalArgumentException(
                    "setting '" + key + "' is not in the plugin's schema or has no value");
        }
        return value;
    }

    /** The value of a setting whose schema type is {@code integer}. */
    public long integer(String key) {
        return Long.parseLong(text(key));
    }

    /** The value of a setting whose schema type is {@code boolean}. */
    public boolean flag(String key) {
        return Boolean.parseBoolean(text(key));
    }
}
