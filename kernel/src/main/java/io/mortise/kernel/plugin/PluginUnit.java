// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.plugin;

import java.util.List;

/**
 * One version of a plugin and the way to its classes. Called under its slot's lock, by one thread
 * at a time.
 */
interface PluginUnit {
    PluginDescriptor descriptor();

    /** The bundle's file, or {@code class path}. */
    String file();

    /** Who answers for it. */
    Origin origin();

    /** What keeps it from running here, in plain words, before anything is loaded. */
    List<String> faults();

    /**
     * Makes the classes available.
     *
     * @throws io.mortise.spi.RefusedException it cannot be resolved; the message says why
     */
    ClassLoader open();

    /** Gives the classes up, so that the loader can be collected; nobody may use them any more. */
    void close();

    /** Forgets the bundle; only after {@link #close}. */
    void uninstall();

    /** Whether {@link #close} lets the loader go: not so on a flat class path. */
    boolean unloads();
}
