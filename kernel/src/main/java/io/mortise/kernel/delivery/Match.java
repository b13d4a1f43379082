// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.delivery;

import io.mortise.spi.broker.Address;
import io.mortise.spi.broker.Subscription;
import io.mortise.spi.security.Operation;
import io.mortise.spi.security.ResourceType;
import io.mortise.spi.security.Security;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Who hears of an address on one loop. */
final class Match {
    static final Match NOBODY = new Match(List.of());

    private static final int FEW = 8;

    private final Target[] targets;
    private @Nullable Address address;
    private @Nullable IdentityHashMap<Subscriber, Target> lookup;
    private long rulesVersion;

    private Match(List<Target> targets) {
        this.targets = targets.toArray(Target[]::new);
    }

    static Match of(List<Bound> found) {
        if (found.isEmpty()) {
            return NOBODY;
        }
        if (found.size() == 1) {
            Bound only = found.getFirst();
            return new Match(List.of(Target.of(only.subscriber(), List.of(only.subscription()))));
        }
        Map<Subscriber, List<Subscription>> bySubscriber = new LinkedHashMap<>();
        for (Bound bound : found) {
            bySubscriber
                    .computeIfAbsent(bound.subscriber(), s -> new ArrayList<>(1))
                    .add(bound.subscription());
        }
        List<Target> targets = new ArrayList<>(bySubscriber.size());
        bySubscriber.forEach((subscriber, all) -> targets.add(Target.of(subscriber, all)));
        return new Match(targets);
    }

    /** The targets; {@link Target#allowed} says which may read. */
    Target[] targets() {
        return targets;
    }

    /** What the subscriptions of one subscriber make of it, or null. */
    @Nullable Target targetOf(Subscriber subscriber) {
        if (targets.length > FEW) {
            return bySubscriber().get(subscriber);
        }
        for (Target target : targets) {
            if (target.subscriber().equals(subscriber)) {
                return target;
            }
        }
        return null;
    }

    private IdentityHashMap<Subscriber, Target> bySubscriber() {
        IdentityHashMap<Subscriber, Target> known = lookup;
        if (known == null) {
            known = new IdentityHashMap<>();
            for (Target target : targets) {
                known.put(target.subscriber(), target);
            }
            lookup = known;
        }
        return known;
    }

    /** Shares the address between record and match, and asks the rules where they changed. */
    void prepare(RecordView record, Security security) {
        long version = security.version();
        Address known = address;
        if (known == null) {
            known = record.address();
            address = known;
            check(known, security, version);
        } else {
            record.knownAddress(known);
            if (rulesVersion != version) {
                check(known, security, version);
            }
        }
    }

    private void check(Address known, Security security, long version) {
        String name = known.toString();
        for (Target target : targets) {
            Subscriber reader = target.subscriber();
            target.allowed =
                    security.allowed(
                            reader.principal(),
                            reader.host(),
                            Operation.READ,
                            ResourceType.TOPIC,
                            name);
        }
        rulesVersion = version;
    }
}
