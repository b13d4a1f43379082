// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.plugin;

import java.util.Locale;

/** What a plugin does, in the order in which kinds are started. */
public enum PluginKind {
    STORAGE,
    AUTH,
    CONNECTOR,
    PROTOCOL,
    ADMIN;

    /** As the descriptor writes it. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
