// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.plugin;

import io.mortise.kernel.metadata.PluginEntry;
import io.mortise.kernel.plugin.PluginDescriptor.Upgrade;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A plugin that should run here but whose bundle is not there, or is another: starting it says so.
 */
record AbsentUnit(PluginDescriptor descriptor, String fault) implements PluginUnit {
    static AbsentUnit of(PluginEntry entry, String fault) {
        PluginKind kind = PluginKind.valueOf(entry.kind().toUpperCase(Locale.ROOT));
        var descriptor =
                new PluginDescriptor(
                        entry.id(),
                        kind,
                        entry.version(),
                        Map.of(),
                        List.of(),
                        Map.of(),
                        "",
                        Upgrade.LIVE,
                        false);
        return new AbsentUnit(
                descriptor,
                descriptor.title()
                        + " cannot run: "
                        + fault
                        + "; bring it with: mortise plugin upgrade FILE, or uninstall it");
    }

    @Override
    public String file() {
        return "absent";
    }

    @Override
    public Origin origin() {
        return Origin.UNKNOWN;
    }

    @Override
    public List<String> faults() {
        return List.of(fault);
    }

    @Override
    public ClassLoader open() {
        throw new IllegalStateException(fault);
    }

    @Override
    public void close() {
        // Nothing was opened.
    }

    @Override
    public void uninstall() {
        // Nothing is installed.
    }

    @Override
    public boolean unloads() {
        return false;
    }
}
