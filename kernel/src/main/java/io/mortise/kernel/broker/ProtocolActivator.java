// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.broker;

import io.mortise.kernel.listener.Listeners;
import io.mortise.kernel.listener.PluginListeners;
import io.mortise.kernel.plugin.PluginActivator;
import io.mortise.kernel.plugin.PluginScope;
import io.mortise.spi.admin.AdminProvider;
import io.mortise.spi.admin.Administration;
import io.mortise.spi.broker.Broker;
import io.mortise.spi.protocol.Protocol;
import io.mortise.spi.protocol.ProtocolProvider;

/**
 * Starts protocol and admin plugins, which differ in what they are given only.
 *
 * @param <P> the provider's SPI interface
 */
final class ProtocolActivator<P> implements PluginActivator<P> {
    private final Class<P> service;
    private final Starter<P> starter;
    private final Surroundings surroundings;
    private final Broker broker;
    private final Administration administration;
    private final Listeners listeners;
    private final int loops;

    private ProtocolActivator(
            Class<P> service,
            Starter<P> starter,
            Surroundings surroundings,
            Broker broker,
            Administration administration,
            Listeners listeners,
            int loops) {
        this.service = service;
        this.starter = starter;
        this.surroundings = surroundings;
        this.broker = broker;
        this.administration = administration;
        this.listeners = listeners;
        this.loops = loops;
    }

    static ProtocolActivator<ProtocolProvider> protocols(
            Surroundings surroundings,
            Broker broker,
            Administration administration,
            Listeners listeners,
            int loops) {
        return new ProtocolActivator<>(
                ProtocolProvider.class,
                ProtocolProvider::start,
                surroundings,
                broker,
                administration,
                listeners,
                loops);
    }

    /** Admin plugins get one loop: they answer people, not devices. */
    static ProtocolActivator<AdminProvider> admins(
            Surroundings surroundings,
            Broker broker,
            Administration administration,
            Listeners listeners) {
        return new ProtocolActivator<>(
                AdminProvider.class,
                AdminProvider::start,
                surroundings,
                broker,
                administration,
                listeners,
                1);
    }

    @Override
    public Class<P> service() {
        return service;
    }

    @Override
    public ActivePlugin start(PluginScope scope, P provider) throws Exception {
        PluginListeners opened =
                scope.add(listeners.open(scope.descriptor().id(), loops, scope.loader()));
        var context =
                new HostedProtocolContext(scope, surroundings, broker, administration, opened);
        return new ActiveProtocol(starter.start(provider, context), opened);
    }

    /** The start method of one SPI interface. */
    private interface Starter<P> {
        Protocol start(P provider, HostedProtocolContext context) throws Exception;
    }

    /** A protocol with the listeners that it opened. */
    private record ActiveProtocol(Protocol protocol, PluginListeners listeners)
            implements ActivePlugin {
        @Override
        public boolean ready() {
            return protocol.ready();
        }

        @Override
        public void stop(long drainNanos) throws Exception {
            listeners.stopListening();
            try {
                protocol.drain(drainNanos);
            } finally {
                listeners.closeConnections();
                try {
                    protocol.close();
                } finally {
                    listeners.close();
                }
            }
        }
    }
}
