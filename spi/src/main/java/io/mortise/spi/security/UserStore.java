// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.security;

import io.mortise.spi.Registration;
import io.mortise.spi.TenantId;

import org.jspecify.annotations.Nullable;
import org.osgi.annotation.versioning.ProviderType;

import java.util.Collection;
import java.util.concurrent.CompletionStage;

/**
 * Users as committed in the metadata; reads are from this node's image and never block. Any thread.
 */
@ProviderType
public interface UserStore {
    /** The stored user, or null. */
    @Nullable StoredUser find(TenantId tenant, String name);

    /**
     * Whether there is any user at all: without users, loopback listeners accept anonymous clients.
     */
    boolean isEmpty();

    /** All users of a tenant. */
    Collection<StoredUser> all(TenantId tenant);

    /** Adds or replaces a user; completes when committed. */
    CompletionStage<Void> put(StoredUser user);

    /** Removes a user; fails with UNKNOWN_RESOURCE if absent. */
    CompletionStage<Void> remove(TenantId tenant, String name);

    /** Told (on the metadata thread; must not block) after a user was put or removed. */
    Registration onChange(Listener listener);

    /** Hears of changes. */
    @FunctionalInterface
    interface Listener {
        void changed(TenantId tenant, String name);
    }

    /**
     * A user.
     *
     * @param credential opaque to the kernel: the authenticator's own encoding, with algorithm,
     *     salt and hash; never a password
     */
    record StoredUser(TenantId tenant, String name, String credential) {
        @Override
        public String toString() {
            return "StoredUser[" + tenant + ", " + name + "]";
        }
    }
}
