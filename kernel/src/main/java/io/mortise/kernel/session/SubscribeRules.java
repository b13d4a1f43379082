// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.session;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mortise.kernel.delivery.DeliveryLoop;
import io.mortise.kernel.delivery.Subscriber;
import io.mortise.kernel.routing.AddressText;
import io.mortise.spi.Reason;
import io.mortise.spi.Refusal;
import io.mortise.spi.broker.AddressFilter;
import io.mortise.spi.broker.Subscription;
import io.mortise.spi.security.Operation;
import io.mortise.spi.security.ResourceType;

import org.jspecify.annotations.Nullable;

/** Which subscriptions are granted. What a wildcard lets through is asked at each match. */
final class SubscribeRules {
    private SubscribeRules() {}

    static @Nullable Refusal check(
            Subscriber who, DeliveryLoop delivery, Subscription subscription) {
        AddressFilter filter = subscription.filter();
        int levels = AddressText.levels(filter.text().getBytes(UTF_8));
        if (levels > AddressText.MAX_LEVELS) {
            return new Refusal(
                    Reason.INVALID_REQUEST,
                    "the filter has " + levels + " levels, more than " + AddressText.MAX_LEVELS);
        }
        if (wildcard(filter.text()) || mayRead(who, delivery, filter.text())) {
            return null;
        }
        return new Refusal(
                Reason.NOT_AUTHORIZED,
                "user '" + who.principal().name() + "' may not read " + filter);
    }

    private static boolean wildcard(String filter) {
        return filter.indexOf('+') >= 0 || filter.indexOf('#') >= 0;
    }

    static boolean mayRead(Subscriber who, DeliveryLoop delivery, String address) {
        return delivery.services()
                .security()
                .allowed(who.principal(), who.host(), Operation.READ, ResourceType.TOPIC, address);
    }
}
