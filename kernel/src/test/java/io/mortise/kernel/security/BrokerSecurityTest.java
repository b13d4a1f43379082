// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.kernel.config.BrokerConfig;
import io.mortise.kernel.config.BrokerConfigReader;
import io.mortise.kernel.config.UsersFile;
import io.mortise.kernel.metadata.AccessRule;
import io.mortise.kernel.metadata.AccessRule.Effect;
import io.mortise.kernel.metadata.AccessRule.PatternType;
import io.mortise.kernel.metadata.LocalMetadataLog;
import io.mortise.kernel.metadata.Metadata;
import io.mortise.kernel.metrics.BrokerMetrics;
import io.mortise.kernel.runtime.VirtualThreadScheduler;
import io.mortise.spi.Reason;
import io.mortise.spi.Refusal;
import io.mortise.spi.RefusedException;
import io.mortise.spi.TenantId;
import io.mortise.spi.security.Authenticator;
import io.mortise.spi.security.Authenticator.Verdict;
import io.mortise.spi.security.Credentials;
import io.mortise.spi.security.Operation;
import io.mortise.spi.security.Principal;
import io.mortise.spi.security.ResourceType;
import io.mortise.spi.security.UserStore.StoredUser;
import io.mortise.spi.testing.FakeClock;
import io.mortise.spi.testing.FakeScheduler;
import io.mortise.spi.testing.VolatileFileLayer;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

final class BrokerSecurityTest {
    private static final Principal ANN = new Principal(TenantId.DEFAULT, "ann", false);
    private static final Principal BOB = new Principal(TenantId.DEFAULT, "bob", false);

    private final FakeClock clock = new FakeClock();
    private final BrokerMetrics metrics = new BrokerMetrics();
    private final FakeScheduler scheduler = new FakeScheduler(clock);
    private Metadata metadata;
    private MetadataUsers users;
    private AccessRules rules;
    private BrokerSecurity security;

    @BeforeEach
    void open() throws Exception {
        metadata =
                Metadata.open(
                        new LocalMetadataLog(new VolatileFileLayer(1), "metadata", 1 << 20),
                        scheduler,
                        new Random(1));
        users = new MetadataUsers(metadata);
        rules = new AccessRules(metadata);
        security =
                new BrokerSecurity(
                        metadata, scheduler, clock, new Random(2), metrics.kernel(), true);
    }

    @AfterEach
    void close() throws Exception {
        security.close();
        metadata.close();
    }

    /** Judges by the users in the metadata, whose credential is the password itself; counts. */
    private final class Plain implements Authenticator {
        int asked;

        @Override
        public Verdict authenticate(Credentials credentials) {
            asked++;
            String name = credentials.username();
            if (name == null || name.equals("stranger")) {
                return Verdict.ABSTAIN;
            }
            if (name.equals("trouble")) {
                throw new IllegalStateException("broken on purpose");
            }
            StoredUser user = users.find(TenantId.DEFAULT, name);
            byte[] password = credentials.password();
            return user != null
                            && password != null
                            && user.credential()
                                    .equals(new String(password, StandardCharsets.UTF_8))
                    ? Verdict.accept(new Principal(user.tenant(), name, false))
                    : Verdict.deny(new Refusal(Reason.BAD_CREDENTIALS, "no"));
        }

        @Override
        public String encode(byte[] password) {
            return new String(password, StandardCharsets.UTF_8);
        }

        @Override
        public void close() {}
    }

    private <T> T done(CompletionStage<T> stage) {
        scheduler.runReady();
        return stage.toCompletableFuture().orTimeout(1, TimeUnit.SECONDS).join();
    }

    private void user(String name, String password) {
        done(users.put(new StoredUser(TenantId.DEFAULT, name, password)));
    }

    private AccessRule rule(
            Effect effect,
            String principal,
            PatternType type,
            String pattern,
            Operation operation) {
        AccessRule rule =
                AccessRule.of(
                        TenantId.DEFAULT,
                        effect,
                        principal,
                        "*",
                        ResourceType.TOPIC,
                        type,
                        pattern,
                        operation);
        done(rules.add(rule));
        return rule;
    }

    private boolean may(Principal principal, Operation operation, String topic) {
        return security.allowed(principal, "127.0.0.1", operation, ResourceType.TOPIC, topic);
    }

    private String judged(@Nullable String name, @Nullable String password) {
        List<String> verdicts = new ArrayList<>();
        authenticate(name, password, Runnable::run, verdicts);
        scheduler.runReady();
        assertThat(verdicts).hasSize(1);
        return verdicts.getFirst();
    }

    private void authenticate(
            @Nullable String name,
            @Nullable String password,
            Executor executor,
            List<String> verdicts) {
        byte[] bytes = password == null ? null : password.getBytes(StandardCharsets.UTF_8);
        security.authenticate(
                new Credentials(name, bytes, "c", "mqtt", new InetSocketAddress("127.0.0.1", 4)),
                executor,
                (principal, refusal) ->
                        verdicts.add(
                                principal != null
                                        ? principal.name()
                                        : refusal == null ? "nothing" : refusal.reason().name()));
    }

    @Test
    void everythingIsAllowedUntilThereIsAUserOrARule() {
        assertThat(may(Principal.ANONYMOUS, Operation.WRITE, "t")).isTrue();
        user("ann", "a");
        assertThat(may(Principal.ANONYMOUS, Operation.WRITE, "t")).isFalse();
        assertThat(may(ANN, Operation.WRITE, "t")).isFalse();
        done(users.remove(TenantId.DEFAULT, "ann"));
        assertThat(may(Principal.ANONYMOUS, Operation.WRITE, "t")).isTrue();
        rule(Effect.DENY, "User:bob", PatternType.LITERAL, "*", Operation.ALL);
        assertThat(may(ANN, Operation.WRITE, "t")).isFalse();
    }

    @Test
    void literalsCoverTheTopicAndWhatIsBelow() {
        rule(Effect.ALLOW, "User:ann", PatternType.LITERAL, "factory", Operation.READ);
        assertThat(may(ANN, Operation.READ, "factory")).isTrue();
        assertThat(may(ANN, Operation.READ, "factory/line1/temp")).isTrue();
        assertThat(may(ANN, Operation.DESCRIBE, "factory")).isTrue();
        assertThat(may(ANN, Operation.READ, "factory2")).isFalse();
        assertThat(may(ANN, Operation.READ, "fac")).isFalse();
        assertThat(may(ANN, Operation.WRITE, "factory")).isFalse();
        assertThat(may(BOB, Operation.READ, "factory")).isFalse();
    }

    @Test
    void denyWins() {
        rule(Effect.ALLOW, "User:*", PatternType.PREFIX, "fac", Operation.ALL);
        rule(Effect.DENY, "User:bob", PatternType.FILTER, "factory/+/secret", Operation.READ);
        assertThat(may(ANN, Operation.READ, "factory/1/secret")).isTrue();
        assertThat(may(BOB, Operation.READ, "factory/1/secret")).isFalse();
        assertThat(may(BOB, Operation.WRITE, "factory/1/secret")).isTrue();
        assertThat(may(BOB, Operation.READ, "factory/1/temp")).isTrue();
        AccessRule all = rule(Effect.DENY, "User:*", PatternType.LITERAL, "*", Operation.ALL);
        assertThat(may(ANN, Operation.READ, "factory/1/temp")).isFalse();
        done(rules.remove(all.id()));
        assertThat(may(ANN, Operation.READ, "factory/1/temp")).isTrue();
    }

    @Test
    void rulesHoldForTheirHostTenantAndResourceType() {
        done(
                rules.add(
                        AccessRule.of(
                                TenantId.DEFAULT,
                                Effect.ALLOW,
                                "User:ann",
                                "10.0.0.1",
                                ResourceType.GROUP,
                                PatternType.LITERAL,
                                "g",
                                Operation.READ)));
        assertThat(security.allowed(ANN, "10.0.0.1", Operation.READ, ResourceType.GROUP, "g"))
                .isTrue();
        assertThat(security.allowed(ANN, "10.0.0.2", Operation.READ, ResourceType.GROUP, "g"))
                .isFalse();
        assertThat(security.allowed(ANN, "10.0.0.1", Operation.READ, ResourceType.TOPIC, "g"))
                .isFalse();
        Principal elsewhere = new Principal(new TenantId("other"), "ann", false);
        assertThat(security.allowed(elsewhere, "10.0.0.1", Operation.READ, ResourceType.GROUP, "g"))
                .isFalse();
    }

    /** Compiled rules against a plain reading of the same rules. */
    @Test
    void agreesWithASimpleModel() {
        Random random = new Random(9);
        String[] names = {"a", "b", "a/b", "a/c", "ab", "b/a/c", "*"};
        String[] filters = {"#", "a/#", "+/b", "b/+/c"};
        List<AccessRule> all = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            PatternType type = PatternType.values()[random.nextInt(3)];
            String[] patterns = type == PatternType.FILTER ? filters : names;
            String[] principals = {"User:ann", "User:bob", "User:*"};
            all.add(
                    rule(
                            random.nextInt(4) == 0 ? Effect.DENY : Effect.ALLOW,
                            principals[random.nextInt(3)],
                            type,
                            patterns[random.nextInt(patterns.length)],
                            random.nextBoolean() ? Operation.READ : Operation.WRITE));
            for (Principal principal : List.of(ANN, BOB)) {
                for (String name : names) {
                    for (Operation operation : List.of(Operation.READ, Operation.WRITE)) {
                        assertThat(may(principal, operation, name))
                                .as("%s %s %s after %s", principal, operation, name, all)
                                .isEqualTo(model(all, principal, operation, name));
                    }
                }
            }
            if (i % 10 == 9) {
                all.forEach(rule -> done(remove(rule)));
                all.clear();
                rule(Effect.ALLOW, "User:nobody", PatternType.LITERAL, "x", Operation.ALL);
            }
        }
    }

    private CompletionStage<Void> remove(AccessRule rule) {
        return rules.all(TenantId.DEFAULT).contains(rule)
                ? rules.remove(rule.id())
                : CompletableFuture.completedFuture(null);
    }

    private static boolean model(
            List<AccessRule> all, Principal principal, Operation operation, String name) {
        boolean allowed = false;
        for (AccessRule rule : all) {
            boolean matches =
                    (rule.principal().equals("User:*")
                                    || rule.principal().equals("User:" + principal.name()))
                            && rule.operation() == operation
                            && switch (rule.patternType()) {
                                case PREFIX -> name.startsWith(rule.pattern());
                                case FILTER -> RuleMatcher.matchesFilter(rule.pattern(), name);
                                case LITERAL ->
                                        rule.pattern().equals("*")
                                                || name.equals(rule.pattern())
                                                || name.split("/")[0].equals(rule.pattern());
                            };
            if (matches && rule.effect() == Effect.DENY) {
                return false;
            }
            allowed |= matches;
        }
        return allowed;
    }

    @Test
    void theVersionMovesWithEveryAnswerThatMayHaveChanged() {
        long before = security.version();
        AccessRule rule = rule(Effect.ALLOW, "User:ann", PatternType.LITERAL, "t", Operation.READ);
        long added = security.version();
        assertThat(added).isGreaterThan(before);
        done(rules.remove(rule.id()));
        long removed = security.version();
        assertThat(removed).isGreaterThan(added);
        user("ann", "a");
        long closed = security.version();
        assertThat(closed).as("with a user, what is not allowed is denied").isGreaterThan(removed);
        user("bob", "b");
        assertThat(security.version()).as("another user changes no rule").isEqualTo(closed);
        done(users.remove(TenantId.DEFAULT, "ann"));
        assertThat(security.version()).isGreaterThan(closed);
        long welcome = security.version();
        user("ann", "c");
        assertThat(security.version()).isGreaterThan(welcome);
    }

    @Test
    void usersWhoMustShowAgainWhoTheyAreAreTold() {
        List<Object> heard = new ArrayList<>();
        var registration = security.onRevoked(heard::add);
        rule(Effect.ALLOW, "User:ann", PatternType.LITERAL, "t", Operation.READ);
        user("ann", "a");
        user("bob", "a");
        assertThat(heard).as("a new user has no connections").isEmpty();
        user("ann", "a");
        assertThat(heard).as("nothing has changed").isEmpty();
        user("ann", "b");
        done(users.remove(TenantId.DEFAULT, "bob"));
        registration.close();
        done(users.remove(TenantId.DEFAULT, "ann"));
        assertThat(heard).containsExactly(Set.of(ANN), Set.of(BOB));
    }

    /** Else a connection would be let in that nobody ends any more. */
    @Test
    void aUserWhoChangesWhileItIsJudgedIsJudgedAgain() {
        security.register("plain", new Plain());
        user("ann", "a");
        for (String again : List.of("first", "remembered")) {
            List<String> verdicts = new ArrayList<>();
            List<Runnable> loop = new ArrayList<>();
            authenticate("ann", "a", loop::add, verdicts);
            scheduler.runReady();
            assertThat(loop).as(again).hasSize(1);
            user("ann", "b");
            loop.removeFirst().run();
            scheduler.runReady();
            loop.removeFirst().run();
            assertThat(verdicts).as(again).containsExactly("BAD_CREDENTIALS");
            user("ann", "a");
            assertThat(judged("ann", "a")).isEqualTo("ann");
        }
    }

    @Test
    void letsAnonymousClientsInOnlyIfToldTo() {
        assertThat(judged(null, null)).isEqualTo("ANONYMOUS");
        security.close();
        security =
                new BrokerSecurity(
                        metadata, scheduler, clock, new Random(2), metrics.kernel(), false);
        assertThat(judged(null, null)).isEqualTo("NOT_AUTHENTICATED");
    }

    @Test
    void asksTheChainAndRemembersWhatWasVerified() {
        assertThat(judged("ann", "a")).isEqualTo("NOT_READY");
        Plain plain = new Plain();
        var registration = security.register("plain", plain);
        user("ann", "a");
        assertThat(judged("ann", "a")).isEqualTo("ann");
        assertThat(judged("ann", "a")).isEqualTo("ann");
        assertThat(plain.asked).isEqualTo(1);
        assertThat(judged("ann", "b")).isEqualTo("BAD_CREDENTIALS");
        assertThat(judged("stranger", "b")).isEqualTo("BAD_CREDENTIALS");
        assertThat(metrics.text())
                .contains("mortise_security_authentications_total{outcome=\"accepted\"} 1.0")
                .contains("mortise_security_authentications_total{outcome=\"recognized\"} 1.0")
                .contains("mortise_security_authentications_total{outcome=\"refused\"} 3.0");
        clock.advanceNanos(TimeUnit.MINUTES.toNanos(6));
        assertThat(judged("ann", "a")).isEqualTo("ann");
        assertThat(plain.asked).isEqualTo(4);
        registration.close();
        assertThat(judged("ann", "a")).isEqualTo("NOT_READY");
    }

    @Test
    void forgetsACredentialWhenTheUserChanges() {
        security.register("plain", new Plain());
        user("ann", "a");
        assertThat(judged("ann", "a")).isEqualTo("ann");
        user("ann", "b");
        assertThat(judged("ann", "a")).isEqualTo("BAD_CREDENTIALS");
        assertThat(judged("ann", "b")).isEqualTo("ann");
        done(users.remove(TenantId.DEFAULT, "ann"));
        assertThat(judged("ann", "b")).isEqualTo("BAD_CREDENTIALS");
    }

    /** A connection that was let in before must be able to do nothing more. */
    @Test
    void aRemovedUserMayDoNothingUntilLetInAgain() {
        security.register("plain", new Plain());
        user("ann", "a");
        rule(Effect.ALLOW, "User:*", PatternType.LITERAL, "*", Operation.ALL);
        assertThat(may(ANN, Operation.READ, "t")).isTrue();
        done(users.remove(TenantId.DEFAULT, "ann"));
        assertThat(may(ANN, Operation.READ, "t")).isFalse();
        assertThat(may(BOB, Operation.READ, "t")).isTrue();
        user("ann", "b");
        assertThat(may(ANN, Operation.READ, "t")).isTrue();
        done(users.remove(TenantId.DEFAULT, "ann"));
        security.register(
                "elsewhere",
                new Authenticator() {
                    @Override
                    public Verdict authenticate(Credentials credentials) {
                        return Verdict.accept(ANN);
                    }

                    @Override
                    public void close() {}
                });
        assertThat(judged("stranger", "x")).isEqualTo("ann");
        assertThat(may(ANN, Operation.READ, "t")).isTrue();
    }

    @Test
    void anErrorDeniesAndIsNotPassedOn() {
        security.register("plain", new Plain());
        security.register(
                "friendly",
                new Authenticator() {
                    @Override
                    public Verdict authenticate(Credentials credentials) {
                        return Verdict.accept(ANN);
                    }

                    @Override
                    public void close() {}
                });
        assertThat(judged("trouble", "x")).isEqualTo("BAD_CREDENTIALS");
        assertThat(judged("stranger", "x")).isEqualTo("ann");
    }

    @Test
    void boundsTheClientsThatWait() {
        Plain plain = new Plain();
        security.register("plain", plain);
        List<Reason> refused = new ArrayList<>();
        for (int i = 0; i <= 10_000; i++) {
            security.authenticate(
                    new Credentials(
                            "u" + i,
                            new byte[1],
                            "c",
                            "mqtt",
                            new InetSocketAddress("127.0.0.1", 4)),
                    Runnable::run,
                    (_, refusal) ->
                            refused.add(
                                    refusal == null ? Reason.INTERNAL_ERROR : refusal.reason()));
        }
        assertThat(refused).containsExactly(Reason.BUSY);
        scheduler.runReady();
        assertThat(refused).hasSize(10_001);
    }

    @Test
    void refusesBadUsers() {
        assertThatThrownBy(() -> user("", "x")).isInstanceOf(CompletionException.class);
        assertThatThrownBy(() -> user("*", "x")).hasMessageContaining("user name '*'");
        assertThatThrownBy(() -> done(users.remove(TenantId.DEFAULT, "ann")))
                .hasMessageContaining("UNKNOWN_RESOURCE");
    }

    @Test
    void importsUsersOnce() throws Exception {
        UsersFile file =
                UsersFile.read(
                        "users.yaml",
                        """
                        users: [{name: ann, password: a}]
                        rules: [{principal: 'User:ann', pattern: t, operation: read}]
                        """);
        VirtualThreadScheduler real = new VirtualThreadScheduler("import-test");
        try (Metadata own =
                Metadata.open(
                        new LocalMetadataLog(new VolatileFileLayer(3), "metadata", 1 << 20),
                        real,
                        new Random(1))) {
            MetadataUsers ownUsers = new MetadataUsers(own);
            BrokerSecurity empty =
                    new BrokerSecurity(own, real, clock, new Random(1), metrics.kernel(), true);
            UsersImport imports = new UsersImport(ownUsers, new AccessRules(own), empty);
            assertThatThrownBy(() -> imports.run(file))
                    .isInstanceOf(RefusedException.class)
                    .hasMessageContaining("auth-builtin");
            empty.register("plain", new Plain());
            assertThat(imports.run(file)).isEqualTo(1);
            assertThat(imports.run(file)).isEqualTo(0);
            assertThat(empty.allowed(ANN, "h", Operation.READ, ResourceType.TOPIC, "t")).isTrue();
            assertThat(own.image().rules().size()).isEqualTo(1);
            empty.close();
        }
        real.close();
    }

    @Test
    void guardsListenersBeyondLoopback() throws Exception {
        assertThat(guard("bind: [127.0.0.1, '::1', localhost]", true, false)).isNull();
        assertThat(guard("bind: 0.0.0.0", true, true))
                .isEqualTo(
                        "mortise.yaml line 4: listeners.mqtt.bind: listener 'mqtt' on 0.0.0.0 can"
                            + " be reached from other machines, while clients without credentials"
                            + " are let in: set 'security.anonymous: false' (mortise.yaml line 2:"
                            + " security.anonymous), or bind to 127.0.0.1 and ::1");
        assertThat(guard("bind: [127.0.0.1, '::']", false, false))
                .contains("while there is no user");
        assertThat(guard("bind: 0.0.0.0", false, true)).isNull();
    }

    private static @Nullable String guard(String bind, boolean anonymous, boolean hasUsers)
            throws Exception {
        BrokerConfig config =
                BrokerConfigReader.read(
                        "mortise.yaml",
                        "security:\n  anonymous: "
                                + anonymous
                                + "\nlisteners:\n  mqtt: {"
                                + bind
                                + "}\n");
        Refusal refusal = ListenerGuard.check(config, config.listener("mqtt"), hasUsers);
        return refusal == null ? null : refusal.message();
    }
}
