// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.security;

import io.mortise.spi.plugin.PluginContext;

import org.osgi.annotation.versioning.ProviderType;

/** What an authenticator is given. */
@ProviderType
public interface AuthenticatorContext extends PluginContext {
    /** The users in the broker's metadata. */
    UserStore users();
}
