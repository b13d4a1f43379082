// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.plugin;

import org.jspecify.annotations.Nullable;

/**
 * A plugin as an operator sees it.
 *
 * @param bundle its file, or {@code class path}
 * @param shipped it came with the broker
 * @param signer name of the trusted key that signed it; null if it is unsigned, or shipped
 * @param reason why it failed: what is wrong, which plugin, what to do; null unless FAILED
 * @param note what else should be known, e.g. an upgrade that waits for the restart, or a leak
 */
public record PluginStatus(
        String id,
        PluginKind kind,
        String version,
        PluginState state,
        String licence,
        String bundle,
        boolean shipped,
        @Nullable String signer,
        @Nullable String reason,
        @Nullable String note) {}
