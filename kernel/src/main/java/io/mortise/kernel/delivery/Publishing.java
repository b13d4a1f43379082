// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.delivery;

import io.mortise.spi.security.Principal;

import org.jspecify.annotations.Nullable;

/** Who publishes, as the publisher sees it. Used on its loop. */
public interface Publishing {
    /** Whom the rules are asked about. */
    Principal principal();

    /** Where it comes from. */
    String host();

    /** Its client id in UTF-8 where readers must know whose message it is, or null. */
    byte @Nullable [] origin();

    /** More publishes had better wait until {@link #resumed}; calls are counted. */
    void stalled();

    /** What {@link #stalled} told of is over. */
    void resumed();
}
