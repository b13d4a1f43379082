// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.security;

import io.mortise.kernel.config.UsersFile;
import io.mortise.kernel.config.UsersFile.NewUser;
import io.mortise.kernel.metadata.AccessRule;
import io.mortise.spi.Reason;
import io.mortise.spi.RefusedException;
import io.mortise.spi.security.UserStore;
import io.mortise.spi.security.UserStore.StoredUser;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

/**
 * Brings conf/users.yaml into the metadata. A user that is there keeps its credential: the file is
 * where users come from, not what they are reset to.
 */
public final class UsersImport {
    private final UserStore users;
    private final AccessRules rules;
    private final BrokerSecurity security;

    public UsersImport(UserStore users, AccessRules rules, BrokerSecurity security) {
        this.users = users;
        this.rules = rules;
        this.security = security;
    }

    /**
     * Adds what is not there; blocks until it is committed.
     *
     * @return how many users were added
     * @throws RefusedException a password, but no authenticator that keeps passwords; or metadata
     *     that is away
     */
    public int run(UsersFile file) {
        int added = 0;
        for (NewUser user : file.users()) {
            if (users.find(user.tenant(), user.name()) == null) {
                await(users.put(stored(user)));
                added++;
            }
        }
        for (AccessRule rule : file.rules()) {
            await(rules.add(rule));
        }
        return added;
    }

    private StoredUser stored(NewUser user) {
        String credential = user.credential();
        String password = user.password();
        if (credential == null && password != null) {
            credential = security.encode(password.getBytes(StandardCharsets.UTF_8));
        }
        if (credential == null) {
            throw new RefusedException(
                    Reason.NOT_READY,
                    "the password of user '"
                            + user.name()
                            + "' cannot be kept: no authenticator that keeps"
                            + " passwords is started (auth-builtin does)");
        }
        return new StoredUser(user.tenant(), user.name(), credential);
    }

    private static void await(CompletionStage<Void> stage) {
        try {
            stage.toCompletableFuture().join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RefusedException refused) {
                throw refused;
            }
            throw e;
        }
    }
}
