// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.security;

import io.mortise.spi.Refusal;

import org.jspecify.annotations.Nullable;
import org.osgi.annotation.versioning.ProviderType;

import java.util.concurrent.Executor;

/** The kernel's security chain, for protocol plugins. Any thread. */
@ProviderType
public interface Security {
    /**
     * Authenticates; hashing and I/O happen off the caller's thread.
     *
     * @param executor where the callback runs, usually the connection's event loop
     */
    void authenticate(Credentials credentials, Executor executor, AuthenticationCallback callback);

    /**
     * Whether the rules let {@code principal} do it, from this node's image, without blocking. Deny
     * wins; without a matching rule the answer is no, but yes while there are no users and no rules
     * at all.
     *
     * @param name of the resource; for an address below a topic its whole text with {@code /}
     *     between segments
     */
    boolean allowed(
            Principal principal, String host, Operation operation, ResourceType type, String name);

    /** Told once. */
    @FunctionalInterface
    interface AuthenticationCallback {
        /** Exactly one of the two is not null. */
        void completed(@Nullable Principal principal, @Nullable Refusal refusal);
    }
}
