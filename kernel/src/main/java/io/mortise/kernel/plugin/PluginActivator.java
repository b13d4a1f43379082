// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.plugin;

import java.util.List;

/**
 * How the kernel starts what plugins provide, one activator per SPI interface. {@link #start} and
 * {@link ActivePlugin#stop} run on the plugin's own life-cycle thread, with its loader as context
 * loader.
 *
 * @param <P> the SPI interface
 */
public interface PluginActivator<P> {
    /** The SPI interface. */
    Class<P> service();

    /**
     * Starts. What must be taken back is registered with the scope, which the host closes when this
     * throws, and after a stop.
     */
    ActivePlugin start(PluginScope scope, P provider) throws Exception;

    /** What needs the plugin now, by name. */
    default List<String> users(String pluginId) {
        return List.of();
    }

    /** What becomes of these when the plugin goes. */
    default Parting parting() {
        return Parting.BY_FORCE;
    }

    /** How what needs a plugin is without it. */
    enum Parting {
        /** Waits while it is stopped; only an uninstall is refused, and may be forced. */
        WAITS,
        /** Fails, retriably: neither stop nor uninstall, but the latter may be forced. */
        BY_FORCE,
        /** Must not be without it at all. */
        NEVER
    }

    /** A started provider. */
    interface ActivePlugin {
        /** Whether it serves. Any thread. */
        default boolean ready() {
            return true;
        }

        /** Ends it: drains for up to {@code drainNanos}, then closes. Called once. */
        void stop(long drainNanos) throws Exception;
    }
}
