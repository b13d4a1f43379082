// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.auth.builtin;

import io.mortise.spi.Reason;
import io.mortise.spi.Refusal;
import io.mortise.spi.TenantId;
import io.mortise.spi.security.Authenticator;
import io.mortise.spi.security.Credentials;
import io.mortise.spi.security.Principal;
import io.mortise.spi.security.UserStore;
import io.mortise.spi.security.UserStore.StoredUser;

import java.util.random.RandomGenerator;

/** Judges name and password by the users in the metadata. */
final class PasswordAuthenticator implements Authenticator {
    // One text for every failure: it does not tell which names exist.
    private static final Verdict DENIED =
            Verdict.deny(new Refusal(Reason.BAD_CREDENTIALS, "user name or password is wrong"));

    private final UserStore users;
    private final int iterations;
    private final RandomGenerator random;
    // Hashed against when the name is unknown, so that the answer takes as long.
    private final PasswordHash nobody;

    PasswordAuthenticator(UserStore users, int iterations, RandomGenerator random) {
        this.users = users;
        this.iterations = iterations;
        this.random = random;
        this.nobody = PasswordHash.ofNobody(iterations, random);
    }

    @Override
    public Verdict authenticate(Credentials credentials) {
        String name = credentials.username();
        byte[] password = credentials.password();
        if (name == null || name.isEmpty()) {
            return Verdict.ABSTAIN;
        }
        if (password == null) {
            return DENIED;
        }
        StoredUser user = users.find(TenantId.DEFAULT, name);
        PasswordHash stored = user == null ? nobody : PasswordHash.parse(user.credential());
        boolean matches = stored.matches(password);
        return user != null && matches
                ? Verdict.accept(new Principal(user.tenant(), name, false))
                : DENIED;
    }

    @Override
    public String encode(byte[] password) {
        return PasswordHash.of(password, iterations, random).text();
    }

    @Override
    public void close() {
        // Holds nothing but references.
    }
}
