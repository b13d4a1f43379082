// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.plugin;

import org.jspecify.annotations.Nullable;

/**
 * Who answers for a plugin.
 *
 * @param shipped it came with the broker, and is trusted like it
 * @param signer name of the trusted key that signed it; null if it is unsigned, or shipped
 */
record Origin(boolean shipped, @Nullable String signer) {
    /** It came with the broker, or is of the application that embeds it. */
    static final Origin SHIPPED = new Origin(true, null);

    /** It is not there. */
    static final Origin UNKNOWN = new Origin(false, null);
}
