// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.protocol;

import org.osgi.annotation.versioning.ConsumerType;

/** Takes accepted connections. */
@ConsumerType
@FunctionalInterface
public interface ConnectionAcceptor {
    /**
     * Fills the pipeline of an accepted channel, on its event loop (one of the plugin's own group).
     * The kernel's handlers (TLS, bounds, watchdog) stand before. Reading begins when this returns.
     * An exception closes the channel.
     */
    void accept(Connection connection);
}
