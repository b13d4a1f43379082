// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.broker;

import io.mortise.kernel.listener.Listeners;
import io.mortise.kernel.plugin.PluginActivator;
import io.mortise.kernel.plugin.PluginScope;
import io.mortise.kernel.security.BrokerSecurity;
import io.mortise.spi.Registration;
import io.mortise.spi.security.Authenticator;
import io.mortise.spi.security.AuthenticatorContext;
import io.mortise.spi.security.AuthenticatorProvider;
import io.mortise.spi.security.UserStore;

import java.util.List;

/** Puts authenticators into the security chain. */
final class AuthenticatorActivator implements PluginActivator<AuthenticatorProvider> {
    private final Surroundings surroundings;
    private final BrokerSecurity security;
    private final UserStore users;
    private final Listeners listeners;

    AuthenticatorActivator(
            Surroundings surroundings,
            BrokerSecurity security,
            UserStore users,
            Listeners listeners) {
        this.surroundings = surroundings;
        this.security = security;
        this.users = users;
        this.listeners = listeners;
    }

    @Override
    public Class<AuthenticatorProvider> service() {
        return AuthenticatorProvider.class;
    }

    @Override
    public ActivePlugin start(PluginScope scope, AuthenticatorProvider provider) throws Exception {
        Authenticator authenticator =
                provider.open(new HostedAuthenticatorContext(scope, surroundings, users));
        Registration link = security.register(scope.descriptor().id(), authenticator);
        return drainNanos -> {
            link.close();
            authenticator.close();
        };
    }

    /** The last authenticator stays while strangers can reach the broker. */
    @Override
    public List<String> users(String pluginId) {
        if (security.authenticators() > 1) {
            return List.of();
        }
        return listeners.beyondLoopback().stream()
                .map(name -> "listener '" + name + "', which is open beyond loopback")
                .toList();
    }

    @Override
    public Parting parting() {
        return Parting.NEVER;
    }

    /** What an authenticator is given. */
    private static final class HostedAuthenticatorContext extends HostedContext
            implements AuthenticatorContext {
        private final UserStore users;

        HostedAuthenticatorContext(PluginScope scope, Surroundings surroundings, UserStore users) {
            super(scope, surroundings);
            this.users = users;
        }

        @Override
        public UserStore users() {
            return users;
        }
    }
}
