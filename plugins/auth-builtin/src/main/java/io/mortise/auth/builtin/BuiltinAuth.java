// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.auth.builtin;

import io.mortise.spi.Reason;
import io.mortise.spi.RefusedException;
import io.mortise.spi.security.Authenticator;
import io.mortise.spi.security.AuthenticatorContext;
import io.mortise.spi.security.AuthenticatorProvider;

/** Entry of the plugin. */
public final class BuiltinAuth implements AuthenticatorProvider {
    /** Fewer would make a stolen hash cheap to guess. */
    private static final long MINIMUM_ITERATIONS = 10_000;

    @Override
    public Authenticator open(AuthenticatorContext context) {
        long iterations = context.config().integer("iterations");
        if (iterations < MINIMUM_ITERATIONS || iterations > Integer.MAX_VALUE) {
            throw new RefusedException(
                    Reason.INVALID_CONFIG,
                    "plugins.auth-builtin.iterations is "
                            + iterations
                            + ", allowed are "
                            + MINIMUM_ITERATIONS
                            + " to "
                            + Integer.MAX_VALUE);
        }
        return new PasswordAuthenticator(context.users(), (int) iterations, context.random());
    }
}
