// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.session;

import io.mortise.kernel.delivery.Feed;
import io.mortise.kernel.delivery.Feeds;
import io.mortise.kernel.delivery.PartitionKey;
import io.mortise.spi.Refusal;
import io.mortise.spi.broker.AddressFilter;
import io.mortise.spi.broker.Session.SubscribeCallback;
import io.mortise.spi.broker.Session.UnsubscribeCallback;
import io.mortise.spi.broker.Subscription;
import io.mortise.spi.broker.Topic;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What one connected session asks to be subscribed to: checks, changes, and confirms when that is
 * noted. Used on its loop.
 */
final class Subscribing {
    private final OnlineSession session;
    private final SessionSubscriptions subscriptions;
    private final ReadingPlaces places;
    private final RetainedDelivery retained;
    private final Journal journal;
    private final UnsettledPositions unsettled;

    Subscribing(
            OnlineSession session,
            SessionSubscriptions subscriptions,
            ReadingPlaces places,
            RetainedDelivery retained,
            Journal journal,
            UnsettledPositions unsettled) {
        this.session = session;
        this.subscriptions = subscriptions;
        this.places = places;
        this.retained = retained;
        this.journal = journal;
        this.unsettled = unsettled;
    }

    void subscribe(List<Subscription> asked, SubscribeCallback callback) {
        List<@Nullable Refusal> refusals = new ArrayList<>();
        List<Subscription> granted = new ArrayList<>();
        for (Subscription subscription : asked) {
            Refusal refusal =
                    SubscribeRules.check(session, session.context().delivery, subscription);
            refusals.add(refusal);
            if (refusal == null) {
                granted.add(subscription);
            }
        }
        Confirmations all =
                new Confirmations(
                        session.context().turn.loop(),
                        granted.size(),
                        failed ->
                                callback.completed(
                                        failed == null ? refusals : all(refusals, failed)));
        for (Subscription subscription : granted) {
            subscribe(subscription, all);
        }
    }

    private static List<@Nullable Refusal> all(List<@Nullable Refusal> refusals, Refusal failed) {
        List<@Nullable Refusal> every = new ArrayList<>();
        for (Refusal refusal : refusals) {
            every.add(refusal == null ? failed : refusal);
        }
        return every;
    }

    private void subscribe(Subscription subscription, Confirmations all) {
        List<AddressFilter> before = subscriptions.filters();
        boolean isNew = subscriptions.add(subscription);
        Map<PartitionKey, Long> from = begin(subscription.filter(), before);
        journal.note(
                SessionEvents.subscribed(subscription, from),
                refusal -> {
                    all.completed(refusal);
                    if (journal.kept()) {
                        unsettled.noted(journal.key(), from);
                    }
                    if (refusal == null && !session.closed()) {
                        retained.enqueue(subscription, isNew);
                    }
                });
    }

    /** Where it begins in partitions that nothing before may have held for. */
    private Map<PartitionKey, Long> begin(AddressFilter filter, List<AddressFilter> before) {
        Map<PartitionKey, Long> from = new HashMap<>();
        for (Feed feed : subscriptions.feeds(filter)) {
            if (!mayHold(before, feed.topic())) {
                from.put(feed.key(), places.beginHere(feed));
            }
        }
        subscriptions.absent(
                filter,
                (topic, partition) -> {
                    if (!mayHold(before, topic)) {
                        places.beginWhenLed(partition);
                        from.put(partition, StoredSession.UNSETTLED);
                    }
                });
        return from;
    }

    private static boolean mayHold(List<AddressFilter> filters, Topic topic) {
        for (AddressFilter filter : filters) {
            if (Feeds.mayHold(topic, filter)) {
                return true;
            }
        }
        return false;
    }

    void unsubscribe(List<AddressFilter> filters, UnsubscribeCallback callback) {
        List<Boolean> existed = new ArrayList<>();
        List<AddressFilter> removed = new ArrayList<>();
        for (AddressFilter filter : filters) {
            boolean there = subscriptions.remove(filter);
            existed.add(there);
            if (there) {
                removed.add(filter);
            }
        }
        Confirmations all =
                new Confirmations(
                        session.context().turn.loop(),
                        removed.size(),
                        failed -> callback.completed(existed, failed));
        for (AddressFilter filter : removed) {
            journal.note(SessionEvents.unsubscribed(filter.text()), all::completed);
        }
        places.forgetUnwanted();
    }
}
