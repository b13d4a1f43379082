// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.mqtt.mapping;

import io.mortise.protocol.mqtt.codec.ReasonCode;
import io.mortise.protocol.mqtt.codec.Subscription;
import io.mortise.protocol.mqtt.codec.TopicSyntax;
import io.mortise.spi.broker.AddressFilter;
import io.mortise.spi.broker.Subscription.RetainHandling;

import org.jspecify.annotations.Nullable;

/** Subscriptions of clients as the broker's. */
public final class SubscriptionMapping {
    private static final RetainHandling[] RETAIN_HANDLING = RetainHandling.values();

    private SubscriptionMapping() {}

    /** Why the broker is not asked for this filter, or null. */
    public static @Nullable ReasonCode fault(String filter) {
        if (TopicSyntax.isShared(filter)) {
            return ReasonCode.SHARED_SUBSCRIPTIONS_NOT_SUPPORTED;
        }
        return AddressFilter.fault(filter) == null ? null : ReasonCode.TOPIC_FILTER_INVALID;
    }

    /**
     * The broker's subscription.
     *
     * @param identifier Subscription Identifier, 0 for none
     */
    public static io.mortise.spi.broker.Subscription of(Subscription wish, int identifier) {
        return new io.mortise.spi.broker.Subscription(
                new AddressFilter(wish.filter()),
                wish.qos(),
                wish.isNoLocal(),
                wish.isRetainAsPublished(),
                RETAIN_HANDLING[wish.retainHandling()],
                identifier);
    }
}
