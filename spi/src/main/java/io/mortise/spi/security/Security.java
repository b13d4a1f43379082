// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.security;

import io.mortise.spi.Refusal;
import io.mortise.spi.Registration;

import org.jspecify.annotations.Nullable;
import org.osgi.annotation.versioning.ProviderType;

import java.util.Set;
import java.util.concurrent.Executor;

/** The kernel's security chain, for protocol plugins. Any thread. */
@ProviderType
public interface Security {
    /**
     * Authenticates; hashing and I/O happen off the caller's thread. What the callback is told
     * holds as it is told: a user who is revoked meanwhile is judged anew.
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

    /**
     * Goes up whenever an answer of {@link #allowed} may have changed. An answer that was got after
     * the version was read holds for as long as the version stays the same. One volatile read.
     */
    long version();

    /**
     * Tells {@code listener} of users that follow who were removed or got another credential:
     * connections that act for them are to be ended. A connection whose authentication has not
     * completed needs no ending.
     */
    Registration onRevoked(RevocationListener listener);

    /** Hears of users who must show again who they are. */
    @FunctionalInterface
    interface RevocationListener {
        /**
         * Told on the metadata thread; must not block.
         *
         * @param principals as {@link #authenticate} gave them; not empty
         */
        void revoked(Set<Principal> principals);
    }

    /** Told once. */
    @FunctionalInterface
    interface AuthenticationCallback {
        /** Exactly one of the two is not null. */
        void completed(@Nullable Principal principal, @Nullable Refusal refusal);
    }
}
