// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.protocol;

import org.osgi.annotation.versioning.ConsumerType;

/** What a protocol plugin offers; found by {@link java.util.ServiceLoader}. */
@ConsumerType
public interface ProtocolProvider {
    /**
     * Starts the protocol: registers its listeners with {@link ProtocolContext#listen}. Runs on a
     * thread of its own that dies afterwards, with the plugin's loader as context loader; may
     * block. An exception fails the plugin and takes back what it had registered.
     */
    Protocol start(ProtocolContext context) throws Exception;
}
