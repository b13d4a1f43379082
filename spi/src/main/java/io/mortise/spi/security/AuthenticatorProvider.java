// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.security;

import org.osgi.annotation.versioning.ConsumerType;

/** What an auth plugin offers; found by {@link java.util.ServiceLoader}. */
@ConsumerType
public interface AuthenticatorProvider {
    /** Opens it; may block. */
    Authenticator open(AuthenticatorContext context) throws Exception;
}
