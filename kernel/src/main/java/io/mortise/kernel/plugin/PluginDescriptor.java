// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.plugin;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Map;

/**
 * What {@code META-INF/mortise/plugin.json} says; known before any class of the plugin is loaded.
 *
 * @param spi the SPI packages it needs, with their ranges, e.g. {@code [0.1,0.2)}
 * @param provides the SPI interfaces it implements, each with a file in META-INF/services
 * @param config its settings
 * @param exclusive two versions of it must never run at once: an upgrade stops the old one first
 *     (connections wait in the listener meanwhile)
 */
public record PluginDescriptor(
        String id,
        PluginKind kind,
        String version,
        Map<String, String> spi,
        List<String> provides,
        Map<String, Setting> config,
        String licence,
        Upgrade upgrade,
        boolean exclusive) {
    /** Where it lies in the jar. */
    public static final String PATH = "META-INF/mortise/plugin.json";

    public PluginDescriptor {
        spi = Map.copyOf(spi);
        provides = List.copyOf(provides);
        config = Map.copyOf(config);
    }

    /** {@code id version}, as messages name it. */
    public String title() {
        return "plugin '" + id + "' " + version;
    }

    /** When a new version takes over. */
    public enum Upgrade {
        LIVE,
        RESTART
    }

    /**
     * One setting.
     *
     * @param type one of {@code string}, {@code integer}, {@code boolean}
     * @param defaultValue null: may stay unset
     * @param secret never shown
     */
    public record Setting(String type, @Nullable String defaultValue, String doc, boolean secret) {}
}
