// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.config;

import io.mortise.kernel.metadata.AccessRule;
import io.mortise.spi.TenantId;
import io.mortise.spi.security.Operation;
import io.mortise.spi.security.ResourceType;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/**
 * What conf/users.yaml says: users and rules that are added at start if they are not there.
 *
 * @param rules their ids are made from what they say, so that a second import finds them
 */
public record UsersFile(List<NewUser> users, List<AccessRule> rules) {
    public UsersFile {
        users = List.copyOf(users);
        rules = List.copyOf(rules);
    }

    /**
     * A user.
     *
     * @param password null if {@code credential} is given
     * @param credential as an authenticator encoded it, or null
     */
    public record NewUser(
            TenantId tenant, String name, @Nullable String password, @Nullable String credential) {
        @Override
        public String toString() {
            return "NewUser[" + tenant + ", " + name + "]";
        }
    }

    /** Reads a file; {@code file} is for messages. */
    public static UsersFile read(String file, String text) throws ConfigException {
        Section root = new Section(file, "", Yaml.parse(file, text));
        List<NewUser> users = new ArrayList<>();
        for (Section section : root.sections("users")) {
            users.add(user(section));
        }
        List<AccessRule> rules = new ArrayList<>();
        for (Section section : root.sections("rules")) {
            rules.add(rule(section));
        }
        root.done();
        return new UsersFile(users, rules);
    }

    private static NewUser user(Section section) throws ConfigException {
        section.only("tenant", "name", "password", "credential");
        TenantId tenant = tenant(section);
        String name = section.required("name");
        String password = section.optional("password");
        String credential = section.optional("credential");
        if ((password == null) == (credential == null)) {
            throw section.fault(
                    "name", "user '" + name + "' needs a password or a credential, and not both");
        }
        return new NewUser(tenant, name, password, credential);
    }

    private static AccessRule rule(Section section) throws ConfigException {
        section.only(
                "tenant",
                "effect",
                "principal",
                "host",
                "resource",
                "patternType",
                "pattern",
                "operation");
        TenantId tenant = tenant(section);
        AccessRule.Effect effect =
                section.choice("effect", AccessRule.Effect.class, AccessRule.Effect.ALLOW);
        String principal = section.required("principal");
        String host = section.text("host", "*");
        ResourceType type = section.choice("resource", ResourceType.class, ResourceType.TOPIC);
        AccessRule.PatternType patternType =
                section.choice(
                        "patternType",
                        AccessRule.PatternType.class,
                        AccessRule.PatternType.LITERAL);
        String pattern = section.required("pattern");
        Operation operation = section.choice("operation", Operation.class, Operation.ALL);
        try {
            return AccessRule.of(
                    tenant, effect, principal, host, type, patternType, pattern, operation);
        } catch (IllegalArgumentException e) {
            throw section.fault("pattern", e.getMessage());
        }
    }

    private static TenantId tenant(Section section) throws ConfigException {
        String name = section.text("tenant", TenantId.DEFAULT.name());
        try {
            return new TenantId(name);
        } catch (IllegalArgumentException e) {
            throw section.fault("tenant", e.getMessage());
        }
    }
}
