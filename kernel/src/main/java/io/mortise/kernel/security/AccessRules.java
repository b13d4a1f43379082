// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.security;

import io.mortise.kernel.metadata.AccessRule;
import io.mortise.kernel.metadata.Metadata;
import io.mortise.kernel.metadata.Metadata.Change;
import io.mortise.kernel.metadata.MetadataRecord.RulePut;
import io.mortise.kernel.metadata.MetadataRecord.RuleRemoved;
import io.mortise.spi.Reason;
import io.mortise.spi.RefusedException;
import io.mortise.spi.TenantId;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** The rules in the metadata. Any thread. */
public final class AccessRules {
    private static final int MAX_RULES = 100_000;

    private final Metadata metadata;

    public AccessRules(Metadata metadata) {
        this.metadata = metadata;
    }

    /** All rules of a tenant, in order of id. */
    public List<AccessRule> all(TenantId tenant) {
        List<AccessRule> rules = new ArrayList<>(metadata.image().rules().values());
        rules.removeIf(rule -> !rule.tenant().equals(tenant));
        rules.sort(Comparator.comparing(AccessRule::id));
        return rules;
    }

    /** Adds a rule; one that is there already is no error. */
    public CompletionStage<Void> add(AccessRule rule) {
        return metadata.change(
                image -> {
                    if (rule.equals(image.rules().find(rule.id()))) {
                        return new Change<>(List.of(), null);
                    }
                    if (image.rules().size() >= MAX_RULES) {
                        throw new RefusedException(
                                Reason.QUOTA_EXCEEDED,
                                "there are " + MAX_RULES + " rules, which is the bound");
                    }
                    return new Change<>(List.of(record(rule)), null);
                });
    }

    /** Removes a rule; fails with UNKNOWN_RESOURCE if there is none of that id. */
    public CompletionStage<Void> remove(String id) {
        return metadata.change(
                image -> {
                    if (image.rules().find(id) == null) {
                        throw new RefusedException(
                                Reason.UNKNOWN_RESOURCE, "there is no rule '" + id + "'");
                    }
                    return new Change<>(List.of(new RuleRemoved(id)), null);
                });
    }

    private static RulePut record(AccessRule rule) {
        return new RulePut(
                rule.id(),
                rule.tenant().name(),
                rule.effect().name(),
                rule.principal(),
                rule.host(),
                rule.resourceType().name(),
                rule.patternType().name(),
                rule.pattern(),
                rule.operation().name());
    }
}
