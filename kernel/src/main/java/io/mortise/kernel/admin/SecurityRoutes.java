// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.admin;

import io.mortise.kernel.metadata.AccessRule;
import io.mortise.kernel.security.AccessRules;
import io.mortise.kernel.security.BrokerSecurity;
import io.mortise.spi.Reason;
import io.mortise.spi.RefusedException;
import io.mortise.spi.security.Operation;
import io.mortise.spi.security.ResourceType;
import io.mortise.spi.security.UserStore;
import io.mortise.spi.security.UserStore.StoredUser;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** {@code /users} and {@code /rules}. Credentials go in and never come out. */
public final class SecurityRoutes {
    private final UserStore users;
    private final AccessRules rules;
    private final BrokerSecurity security;

    private SecurityRoutes(UserStore users, AccessRules rules, BrokerSecurity security) {
        this.users = users;
        this.rules = rules;
        this.security = security;
    }

    /** Adds the routes. */
    public static void add(
            AdminRouter router, UserStore users, AccessRules rules, BrokerSecurity security) {
        SecurityRoutes routes = new SecurityRoutes(users, rules, security);
        router.route("GET", "/users", routes::listUsers);
        router.route("PUT", "/users/{name}", routes::putUser);
        router.route("DELETE", "/users/{name}", routes::removeUser);
        router.route("GET", "/rules", routes::listRules);
        router.route("POST", "/rules", routes::addRule);
        router.route("DELETE", "/rules/{id}", routes::removeRule);
    }

    private Object listUsers(AdminCall call) {
        return Map.of(
                "users",
                users.all(call.tenant()).stream()
                        .map(user -> Map.of("name", user.name()))
                        .toList());
    }

    private Object putUser(AdminCall call) {
        AdminCall.Body body = call.body("password", "credential");
        StoredUser user = new StoredUser(call.tenant(), call.variable("name"), credential(body));
        users.put(user).toCompletableFuture().join();
        return Map.of("name", user.name());
    }

    private String credential(AdminCall.Body body) {
        String credential = body.optional("credential");
        String password = body.optional("password");
        if ((credential == null) == (password == null)) {
            throw AdminCall.invalid("give a 'password' or a 'credential', and not both");
        }
        if (credential != null) {
            return credential;
        }
        String encoded = security.encode(String.valueOf(password).getBytes(StandardCharsets.UTF_8));
        if (encoded == null) {
            throw new RefusedException(
                    Reason.NOT_READY,
                    "no authenticator that keeps passwords is started (auth-builtin does)");
        }
        return encoded;
    }

    private @Nullable Object removeUser(AdminCall call) {
        users.remove(call.tenant(), call.variable("name")).toCompletableFuture().join();
        return null;
    }

    private Object listRules(AdminCall call) {
        return Map.of("rules", rules.all(call.tenant()).stream().map(SecurityRoutes::row).toList());
    }

    private Object addRule(AdminCall call) {
        AccessRule rule = rule(call);
        rules.add(rule).toCompletableFuture().join();
        return row(rule);
    }

    private static AccessRule rule(AdminCall call) {
        AdminCall.Body body =
                call.body(
                        "effect",
                        "principal",
                        "host",
                        "resource",
                        "patternType",
                        "pattern",
                        "operation");
        String host = body.optional("host");
        try {
            return AccessRule.of(
                    call.tenant(),
                    body.choice("effect", AccessRule.Effect.class, AccessRule.Effect.ALLOW),
                    body.text("principal"),
                    host == null ? "*" : host,
                    body.choice("resource", ResourceType.class, ResourceType.TOPIC),
                    body.choice(
                            "patternType",
                            AccessRule.PatternType.class,
                            AccessRule.PatternType.LITERAL),
                    body.text("pattern"),
                    body.choice("operation", Operation.class, Operation.ALL));
        } catch (IllegalArgumentException e) {
            throw AdminCall.invalid(String.valueOf(e.getMessage()));
        }
    }

    private @Nullable Object removeRule(AdminCall call) {
        rules.remove(call.variable("id")).toCompletableFuture().join();
        return null;
    }

    private static Map<String, Object> row(AccessRule rule) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("id", rule.id());
        row.put("effect", rule.effect().name());
        row.put("principal", rule.principal());
        row.put("host", rule.host());
        row.put("resource", rule.resourceType().name());
        row.put("patternType", rule.patternType().name());
        row.put("pattern", rule.pattern());
        row.put("operation", rule.operation().name());
        return row;
    }
}
