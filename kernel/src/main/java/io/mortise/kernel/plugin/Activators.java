// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.plugin;

import io.mortise.kernel.plugin.PluginActivator.Parting;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/** How each SPI interface is started, and what needs those who provide it. Any thread. */
final class Activators {
    private final Map<String, PluginActivator<?>> activators = new ConcurrentHashMap<>();

    void add(PluginActivator<?> activator) {
        activators.put(activator.service().getName(), activator);
    }

    Map<String, PluginActivator<?>> byService() {
        return activators;
    }

    /** What cannot do with a stopped plugin. */
    List<String> needsToRun(PluginDescriptor descriptor) {
        return users(descriptor, parting -> parting != Parting.WAITS);
    }

    /** What must not be without the plugin, by no means. */
    List<String> needsAlways(PluginDescriptor descriptor) {
        return users(descriptor, parting -> parting == Parting.NEVER);
    }

    /**
     * What keeps the plugin from being uninstalled.
     *
     * @param runs one that does not is needed only by what waits for it
     */
    List<String> needs(PluginDescriptor descriptor, boolean runs) {
        return users(descriptor, parting -> runs || parting == Parting.WAITS);
    }

    private List<String> users(PluginDescriptor descriptor, Predicate<Parting> which) {
        var users = new ArrayList<String>();
        for (PluginActivator<?> activator : activators.values()) {
            // Of one whose bundle is absent nobody knows what it provides.
            boolean provided =
                    descriptor.provides().isEmpty()
                            ? activator.parting() == Parting.WAITS
                            : descriptor.provides().contains(activator.service().getName());
            if (provided && which.test(activator.parting())) {
                users.addAll(activator.users(descriptor.id()));
            }
        }
        return users;
    }
}
