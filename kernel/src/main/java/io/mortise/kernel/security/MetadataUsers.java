// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.security;

import io.mortise.kernel.metadata.Metadata;
import io.mortise.kernel.metadata.Metadata.Change;
import io.mortise.kernel.metadata.MetadataImage.UserKey;
import io.mortise.kernel.metadata.MetadataRecord;
import io.mortise.kernel.metadata.MetadataRecord.UserPut;
import io.mortise.kernel.metadata.MetadataRecord.UserRemoved;
import io.mortise.spi.Reason;
import io.mortise.spi.RefusedException;
import io.mortise.spi.Registration;
import io.mortise.spi.TenantId;
import io.mortise.spi.security.UserStore;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** The users in the metadata. */
public final class MetadataUsers implements UserStore {
    private static final int MAX_NAME_LENGTH = 255;
    private static final int MAX_CREDENTIAL_LENGTH = 4_096;

    private final Metadata metadata;

    public MetadataUsers(Metadata metadata) {
        this.metadata = metadata;
    }

    @Override
    public @Nullable StoredUser find(TenantId tenant, String name) {
        return metadata.image().users().find(new UserKey(tenant, name));
    }

    @Override
    public boolean isEmpty() {
        return metadata.image().users().isEmpty();
    }

    @Override
    public Collection<StoredUser> all(TenantId tenant) {
        List<StoredUser> users = new ArrayList<>(metadata.image().users().values());
        users.removeIf(user -> !user.tenant().equals(tenant));
        users.sort(Comparator.comparing(StoredUser::name));
        return users;
    }

    @Override
    public CompletionStage<Void> put(StoredUser user) {
        return metadata.change(
                _ -> {
                    check(user);
                    return new Change<>(
                            List.of(
                                    new UserPut(
                                            user.tenant().name(), user.name(), user.credential())),
                            null);
                });
    }

    /**
     * Names are shown, put into rules and sent by protocols: no control characters, none of the
     * rules' own signs.
     */
    private static void check(StoredUser user) {
        String name = user.name();
        boolean plain =
                name.chars().noneMatch(c -> Character.isISOControl(c) || Character.isWhitespace(c));
        if (name.isEmpty()
                || name.length() > MAX_NAME_LENGTH
                || !plain
                || name.equals("*")
                || name.equals("ANONYMOUS")) {
            throw new RefusedException(
                    Reason.INVALID_REQUEST,
                    "user name '"
                            + name
                            + "' is not 1 to "
                            + MAX_NAME_LENGTH
                            + " characters without spaces, or is '*' or 'ANONYMOUS'");
        }
        if (user.credential().length() > MAX_CREDENTIAL_LENGTH) {
            throw new RefusedException(
                    Reason.TOO_LARGE,
                    "the credential of user '"
                            + name
                            + "' has more than "
                            + MAX_CREDENTIAL_LENGTH
                            + " characters");
        }
    }

    @Override
    public CompletionStage<Void> remove(TenantId tenant, String name) {
        return metadata.change(
                image -> {
                    if (image.users().find(new UserKey(tenant, name)) == null) {
                        throw new RefusedException(
                                Reason.UNKNOWN_RESOURCE, "there is no user '" + name + "'");
                    }
                    return new Change<>(List.of(new UserRemoved(tenant.name(), name)), null);
                });
    }

    @Override
    public Registration onChange(Listener listener) {
        boolean[] present = {true};
        Registration registration =
                metadata.onChange(
                        (_, _, records) -> {
                            if (!present[0]) {
                                tell(listener, records);
                            }
                        });
        present[0] = false;
        return registration;
    }

    private static void tell(Listener listener, List<MetadataRecord> records) {
        for (MetadataRecord record : records) {
            switch (record) {
                case UserPut put -> listener.changed(new TenantId(put.tenant()), put.name());
                case UserRemoved removed ->
                        listener.changed(new TenantId(removed.tenant()), removed.name());
                default -> {} // not about users
            }
        }
    }
}
