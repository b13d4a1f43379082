// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.segment;

import io.mortise.spi.plugin.PluginConfig;

/** The plugin's settings; the descriptor says what each means. */
record Settings(
        long commitFileBytes,
        long commitLogBytes,
        int ownRoundBytes,
        int ownFileBytes,
        long stagingBytes,
        long checkpointSeconds,
        long reserveBytes) {
    static Settings of(PluginConfig config) {
        return new Settings(
                config.integer("commitFileBytes"),
                config.integer("commitLogBytes"),
                Math.toIntExact(config.integer("ownRoundBytes")),
                Math.toIntExact(config.integer("ownFileBytes")),
                config.integer("stagingBytes"),
                config.integer("checkpointSeconds"),
                config.optional("reserveBytes") == null ? 0 : config.integer("reserveBytes"));
    }
}
