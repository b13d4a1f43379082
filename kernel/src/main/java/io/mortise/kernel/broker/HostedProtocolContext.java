// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.broker;

import io.mortise.kernel.listener.PluginListeners;
import io.mortise.kernel.plugin.PluginScope;
import io.mortise.spi.Registration;
import io.mortise.spi.admin.AdminContext;
import io.mortise.spi.admin.Administration;
import io.mortise.spi.broker.Broker;
import io.mortise.spi.protocol.ConnectionAcceptor;
import io.mortise.spi.protocol.ListenerSpec;

/** What a protocol or admin plugin is given. */
final class HostedProtocolContext extends HostedContext implements AdminContext {
    private final Broker broker;
    private final Administration administration;
    private final PluginListeners listeners;

    HostedProtocolContext(
            PluginScope scope,
            Surroundings surroundings,
            Broker broker,
            Administration administration,
            PluginListeners listeners) {
        super(scope, surroundings);
        this.broker = broker;
        this.administration = administration;
        this.listeners = listeners;
    }

    @Override
    public Broker broker() {
        return broker;
    }

    @Override
    public Administration administration() {
        return administration;
    }

    @Override
    public Registration listen(ListenerSpec spec, ConnectionAcceptor acceptor) {
        return listeners.listen(spec, acceptor);
    }
}
