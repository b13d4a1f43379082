// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.metadata;

import io.mortise.spi.TenantId;
import io.mortise.spi.security.Operation;
import io.mortise.spi.security.ResourceType;

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
