// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.security;

import io.mortise.kernel.metadata.AccessRule;
import io.mortise.kernel.metadata.AccessRule.Effect;
import io.mortise.kernel.metadata.MetadataImage;
import io.mortise.spi.TenantId;
import io.mortise.spi.security.Operation;
import io.mortise.spi.security.Principal;
import io.mortise.spi.security.ResourceType;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** All rules as of one image, compiled for checking. Immutable; a check allocates nothing. */
final class RuleBook {
    private static final int TYPES = ResourceType.values().length;
    private static final String EVERYONE = "*";

    /** The rules of one principal name; both arrays by the ordinal of the resource type. */
    private record Page(RuleMatcher[] deny, RuleMatcher[] allow) {
        boolean denies(int type, int operation, String host, String name) {
            return deny[type].matches(operation, host, name);
        }

        boolean allows(int type, int operation, String host, String name) {
            return allow[type].matches(operation, host, name);
        }
    }

    private final boolean open;
    private final Map<TenantId, Map<String, Page>> pages = new HashMap<>();

    RuleBook(MetadataImage image) {
        open = image.users().isEmpty() && image.rules().isEmpty();
        Map<TenantId, Map<String, List<AccessRule>>> grouped = new HashMap<>();
        image.rules()
                .forEach(
                        (_, rule) ->
                                grouped.computeIfAbsent(rule.tenant(), _ -> new HashMap<>())
                                        .computeIfAbsent(name(rule), _ -> new ArrayList<>())
                                        .add(rule));
        grouped.forEach((tenant, names) -> pages.put(tenant, compiled(names)));
    }

    private static String name(AccessRule rule) {
        return rule.principal().substring(AccessRule.USER.length());
    }

    private static Map<String, Page> compiled(Map<String, List<AccessRule>> names) {
        Map<String, Page> compiled = new HashMap<>();
        names.forEach(
                (name, rules) ->
                        compiled.put(
                                name,
                                new Page(byType(rules, Effect.DENY), byType(rules, Effect.ALLOW))));
        return compiled;
    }

    private static RuleMatcher[] byType(List<AccessRule> rules, Effect effect) {
        RuleMatcher[] matchers = new RuleMatcher[TYPES];
        for (ResourceType type : ResourceType.values()) {
            List<AccessRule> ofType = new ArrayList<>(rules);
            ofType.removeIf(rule -> rule.effect() != effect || rule.resourceType() != type);
            matchers[type.ordinal()] =
                    ofType.isEmpty() ? RuleMatcher.NONE : new RuleMatcher(ofType);
        }
        return matchers;
    }

    boolean allowed(
            Principal principal, String host, Operation operation, ResourceType type, String name) {
        if (open) {
            return true;
        }
        Map<String, Page> tenant = pages.get(principal.tenant());
        if (tenant == null) {
            return false;
        }
        Page own = tenant.get(principal.name());
        Page everyone = tenant.get(EVERYONE);
        int bit = Operations.bit(operation);
        int index = type.ordinal();
        if (denies(own, index, bit, host, name) || denies(everyone, index, bit, host, name)) {
            return false;
        }
        return allows(own, index, bit, host, name) || allows(everyone, index, bit, host, name);
    }

    private static boolean denies(
            @Nullable Page page, int type, int bit, String host, String name) {
        return page != null && page.denies(type, bit, host, name);
    }

    private static boolean allows(
            @Nullable Page page, int type, int bit, String host, String name) {
        return page != null && page.allows(type, bit, host, name);
    }
}
