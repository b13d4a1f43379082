// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.protocol;

import io.mortise.spi.Registration;
import io.mortise.spi.broker.Broker;
import io.mortise.spi.plugin.PluginContext;

import org.osgi.annotation.versioning.ProviderType;

/** What a protocol plugin is given. */
@ProviderType
public interface ProtocolContext extends PluginContext {
    Broker broker();

    /**
     * Opens the listener of that name on the addresses that mortise.yaml gives it. Returns when it
     * accepts connections.
     *
     * @throws io.mortise.spi.RefusedException address in use or refused by the security rules; the
     *     message says which line to change
     */
    Registration listen(ListenerSpec spec, ConnectionAcceptor acceptor);
}
