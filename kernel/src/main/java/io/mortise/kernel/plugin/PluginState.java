// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.plugin;

/** Where a plugin is in its life. */
public enum PluginState {
    /** Its bundle is there; it was not started since. */
    INSTALLED,
    ACTIVE,
    /** An operator stopped it; it stays so over a restart. */
    STOPPED,
    /** It could not start, or not stop; the status says why. */
    FAILED
}
