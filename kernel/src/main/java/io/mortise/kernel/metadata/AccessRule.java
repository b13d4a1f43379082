// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.metadata;

import io.mortise.spi.TenantId;
import io.mortise.spi.security.Operation;
import io.mortise.spi.security.ResourceType;

import java.nio.charset.StandardCharsets;
import java.util.UUID;

/**
 * One rule of who may do what.
 *
 * @param id names the rule
 * @param tenant whose resources and principals it speaks of
 * @param principal {@code User:name}, or {@code User:*} for everyone
 * @param host the peer's address, or {@code *}
 * @param pattern a name; a prefix; or an MQTT topic filter over addresses. {@code *} as a literal
 *     means every name
 * @param operation {@link Operation#ALL} for every one
 */
public record AccessRule(
        String id,
        TenantId tenant,
        Effect effect,
        String principal,
        String host,
        ResourceType resourceType,
        PatternType patternType,
        String pattern,
        Operation operation) {
    /** Before a user's name in {@link #principal}. */
    public static final String USER = "User:";

    /** Longest principal, host or pattern in characters. */
    private static final int MAX_LENGTH = 1_024;

    public AccessRule {
        if (!principal.startsWith(USER) || principal.length() == USER.length()) {
            throw new IllegalArgumentException(
                    "principal '" + principal + "' is not allowed; allowed: User:name, User:*");
        }
        if (pattern.isEmpty() || host.isEmpty()) {
            throw new IllegalArgumentException(
                    "pattern and host must not be empty; '*' means every one");
        }
        if (principal.length() + host.length() + pattern.length() > MAX_LENGTH) {
            throw new IllegalArgumentException(
                    "principal, host and pattern have more than "
                            + MAX_LENGTH
                            + " characters together");
        }
        if (patternType == PatternType.FILTER) {
            checkFilter(resourceType, pattern);
        }
    }

    /** A rule with an id made from what it says: the same rule made twice is one rule. */
    public static AccessRule of(
            TenantId tenant,
            Effect effect,
            String principal,
            String host,
            ResourceType resourceType,
            PatternType patternType,
            String pattern,
            Operation operation) {
        String text =
                String.join(
                        "\0",
                        tenant.name(),
                        effect.name(),
                        principal,
                        host,
                        resourceType.name(),
                        patternType.name(),
                        pattern,
                        operation.name());
        String id = UUID.nameUUIDFromBytes(text.getBytes(StandardCharsets.UTF_8)).toString();
        return new AccessRule(
                id, tenant, effect, principal, host, resourceType, patternType, pattern, operation);
    }

    /** MQTT 5.0, 4.7.1: {@code +} stands alone in its level, {@code #} alone in the last one. */
    private static void checkFilter(ResourceType type, String filter) {
        if (type != ResourceType.TOPIC) {
            throw new IllegalArgumentException(
                    "pattern type FILTER is not allowed for " + type + "; allowed: for TOPIC");
        }
        String[] levels = filter.split("/", -1);
        for (int i = 0; i < levels.length; i++) {
            boolean hash = levels[i].indexOf('#') >= 0;
            boolean plus = levels[i].indexOf('+') >= 0;
            if ((hash && (levels[i].length() > 1 || i < levels.length - 1))
                    || (plus && levels[i].length() > 1)) {
                throw new IllegalArgumentException(
                        "pattern '" + filter + "' is no MQTT topic filter");
            }
        }
    }

    /** What a rule says of the requests that it matches; deny wins. */
    public enum Effect {
        ALLOW,
        DENY
    }

    /** How a rule's pattern is read. */
    public enum PatternType {
        LITERAL,
        PREFIX,
        FILTER
    }
}
