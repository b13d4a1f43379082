// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.session;

import io.mortise.kernel.delivery.Bound;
import io.mortise.kernel.delivery.DeliveryLoop;
import io.mortise.kernel.delivery.Feed;
import io.mortise.kernel.delivery.Feeds;
import io.mortise.kernel.delivery.Subscriber;
import io.mortise.spi.broker.AddressFilter;
import io.mortise.spi.broker.Subscription;
import io.mortise.spi.broker.Topic;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What one connected session is subscribed to. Used on its loop. */
final class SessionSubscriptions {
    private final Subscriber session;
    private final DeliveryLoop delivery;
    private final Map<String, Bound> bounds = new HashMap<>();
    private int noLocals;

    SessionSubscriptions(Subscriber session, DeliveryLoop delivery) {
        this.session = session;
        this.delivery = delivery;
    }

    /** Whether a subscription does not want what the session itself publishes. */
    boolean anyNoLocal() {
        return noLocals > 0;
    }

    /**
     * Adds or replaces a subscription.
     *
     * @return whether there was no such subscription
     */
    boolean add(Subscription subscription) {
        Bound old =
                bounds.put(subscription.filter().text(), delivery.subscribe(session, subscription));
        noLocals += subscription.noLocal() ? 1 : 0;
        if (old != null) {
            release(old);
        }
        return old == null;
    }

    /** Removes a subscription; whether it was there. */
    boolean remove(AddressFilter filter) {
        Bound bound = bounds.remove(filter.text());
        if (bound != null) {
            release(bound);
        }
        return bound != null;
    }

    private void release(@Nullable Bound bound) {
        if (bound != null) {
            noLocals -= bound.subscription().noLocal() ? 1 : 0;
            delivery.unsubscribe(bound);
        }
    }

    /** Removes all. */
    void clear() {
        bounds.values().forEach(this::release);
        bounds.clear();
    }

    /** Whether records of the topic may match one. */
    boolean mayHold(Topic topic) {
        for (Bound bound : bounds.values()) {
            if (Feeds.mayHold(topic, bound.subscription().filter())) {
                return true;
            }
        }
        return false;
    }

    /** The partitions that may hold what matches. */
    Set<Feed> feeds() {
        Set<Feed> found = new LinkedHashSet<>();
        for (Bound bound : bounds.values()) {
            delivery.feeds().addMatching(bound.subscription().filter(), found);
        }
        return found;
    }

    /** The partitions that one filter may match in. */
    Set<Feed> feeds(AddressFilter filter) {
        Set<Feed> found = new LinkedHashSet<>();
        delivery.feeds().addMatching(filter, found);
        return found;
    }

    /** The partitions that one filter may match in, but that have no leader. */
    void absent(AddressFilter filter, Feeds.Absent visitor) {
        delivery.feeds().absent(filter, visitor);
    }

    /** The filters now. */
    List<AddressFilter> filters() {
        List<AddressFilter> filters = new ArrayList<>(bounds.size());
        bounds.values().forEach(bound -> filters.add(bound.subscription().filter()));
        return filters;
    }
}
