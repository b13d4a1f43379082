// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.security;

import io.mortise.spi.Refusal;

import org.jspecify.annotations.Nullable;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * One link of the chain. Called on a virtual thread with a bounded queue before it; may block
 * (hashing, I/O).
 */
@ConsumerType
public interface Authenticator extends AutoCloseable {
    /**
     * Judges credentials. An exception denies.
     *
     * @return who it is, a refusal, or {@link Verdict#ABSTAIN} to leave it to the next link
     */
    Verdict authenticate(Credentials credentials);

    /**
     * Turns a password into the credential that is stored, or null if this authenticator stores
     * none.
     *
     * @param password borrowed
     */
    default @Nullable String encode(byte[] password) {
        return null;
    }

    @Override
    void close();

    /**
     * What an authenticator says: exactly one of the two is not null, or neither to abstain.
     *
     * @param principal who it is
     * @param refusal why not
     */
    record Verdict(@Nullable Principal principal, @Nullable Refusal refusal) {
        /** Not mine to judge. */
        public static final Verdict ABSTAIN = new Verdict(null, null);

        /** It is {@code principal}. */
        public static Verdict accept(Principal principal) {
            return new Verdict(principal, null);
        }

        /** Denied, whatever other links say. */
        public static Verdict deny(Refusal refusal) {
            return new Verdict(null, refusal);
        }
    }
}
