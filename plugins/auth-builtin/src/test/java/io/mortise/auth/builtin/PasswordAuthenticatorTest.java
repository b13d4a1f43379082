// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.auth.builtin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.spi.Reason;
import io.mortise.spi.Registration;
import io.mortise.spi.TenantId;
import io.mortise.spi.security.Authenticator.Verdict;
import io.mortise.spi.security.Credentials;
import io.mortise.spi.security.UserStore;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

class PasswordAuthenticatorTest {
    private static final int ITERATIONS = 1_000; // quick; the entry class refuses so few

    private final MapUserStore users = new MapUserStore();
    private final PasswordAuthenticator authenticator =
            new PasswordAuthenticator(users, ITERATIONS, new SplittableRandom(7));

    @Test
    void theRightPasswordIsAccepted() {
        add("alice", "s\u00e9cret");
        Verdict verdict = authenticator.authenticate(credentials("alice", "s\u00e9cret"));
        assertThat(verdict.refusal()).isNull();
        assertThat(verdict.principal()).isNotNull();
        assertThat(verdict.principal().name()).isEqualTo("alice");
        assertThat(verdict.principal().anonymous()).isFalse();
    }

    @Test
    void whateverIsWrongTheAnswerIsTheSame() {
        add("alice", "secret");
        List<Verdict> verdicts =
                List.of(
                        authenticator.authenticate(credentials("alice", "Secret")),
                        authenticator.authenticate(credentials("alice", "")),
                        authenticator.authenticate(credentials("alice", null)),
                        authenticator.authenticate(credentials("bob", "secret")),
                        authenticator.authenticate(credentials("bob", "")));
        assertThat(verdicts).allMatch(verdict -> verdict.equals(verdicts.getFirst()));
        assertThat(verdicts.getFirst().refusal()).isNotNull();
        assertThat(verdicts.getFirst().refusal().reason()).isEqualTo(Reason.BAD_CREDENTIALS);
    }

    @Test
    void withoutANameItIsForOthersToJudge() {
        assertThat(authenticator.authenticate(credentials(null, "x"))).isEqualTo(Verdict.ABSTAIN);
    }

    @Test
    void twoHashesOfOnePasswordDifferAndShowNothingOfIt() {
        String first = authenticator.encode("secret".getBytes(StandardCharsets.UTF_8));
        String second = authenticator.encode("secret".getBytes(StandardCharsets.UTF_8));
        assertThat(first).isNotEqualTo(second).doesNotContain("secret");
        assertThat(PasswordHash.parse(first).text()).isEqualTo(first);
    }

    @Test
    void aForeignCredentialIsNotParsed() {
        assertThatThrownBy(() -> PasswordHash.parse("{SHA}abc"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private void add(String name, String password) {
        users.put(
                new UserStore.StoredUser(
                        TenantId.DEFAULT,
                        name,
                        authenticator.encode(password.getBytes(StandardCharsets.UTF_8))));
    }

    private static Credentials credentials(@Nullable String name, @Nullable String password) {
        return new Credentials(
                name,
                password == null ? null : password.getBytes(StandardCharsets.UTF_8),
                "client",
                "mqtt",
                new InetSocketAddress("127.0.0.1", 1));
    }

    /** Users of one test. */
    private static final class MapUserStore implements UserStore {
        private final Map<String, StoredUser> users = new HashMap<>();

        @Override
        public @Nullable StoredUser find(TenantId tenant, String name) {
            return users.get(name);
        }

        @Override
        public boolean isEmpty() {
            return users.isEmpty();
        }

        @Override
        public Collection<StoredUser> all(TenantId tenant) {
            return List.copyOf(users.values());
        }

        @Override
        public CompletionStage<Void> put(StoredUser user) {
            users.put(user.name(), user);
            return CompletableFuture.completedStage(null);
        }

        @Override
        public CompletionStage<Void> remove(TenantId tenant, String name) {
            users.remove(name);
            return CompletableFuture.completedStage(null);
        }

        @Override
        public Registration onChange(Listener listener) {
            return () -> {};
        }
    }
}
