// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.delivery;

import io.mortise.spi.broker.Subscription;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/**
 * What one session's matching subscriptions make of a message together: it is delivered once, at
 * the highest quality granted, with all their identifiers (MQTT 5.0, 3.3.4).
 */
public final class Target {
    private static final int[] NONE = {};

    private final Subscriber subscriber;
    private final int maximumQos;
    private final boolean retainAsPublished;
    private final int[] identifiers;
    private final boolean local;
    private final @Nullable Target forOwn;
    boolean allowed;

    private Target(Subscriber subscriber, List<Subscription> matching, @Nullable Target forOwn) {
        this.subscriber = subscriber;
        this.forOwn = forOwn;
        int qos = 0;
        boolean keepRetain = false;
        boolean everyLocal = true;
        List<Integer> found = new ArrayList<>(0);
        for (Subscription subscription : matching) {
            qos = Math.max(qos, subscription.maximumQos());
            keepRetain |= subscription.retainAsPublished();
            everyLocal &= !subscription.noLocal();
            if (subscription.identifier() > 0) {
                found.add(subscription.identifier());
            }
        }
        this.maximumQos = qos;
        this.retainAsPublished = keepRetain;
        this.local = everyLocal;
        this.identifiers =
                found.isEmpty() ? NONE : found.stream().mapToInt(Integer::intValue).toArray();
    }

    /** Joins the subscriptions of one subscriber. */
    public static Target of(Subscriber subscriber, List<Subscription> matching) {
        List<Subscription> local = matching.stream().filter(s -> !s.noLocal()).toList();
        Target own =
                local.size() == matching.size() || local.isEmpty()
                        ? null
                        : new Target(subscriber, local, null);
        return new Target(subscriber, matching, own);
    }

    /** Whose subscriptions they are. */
    public Subscriber subscriber() {
        return subscriber;
    }

    /** Highest quality of service granted. */
    public int maximumQos() {
        return maximumQos;
    }

    /** Whether the retain flag is kept as published. */
    public boolean retainAsPublished() {
        return retainAsPublished;
    }

    /** Identifiers of those that have one; not to be changed. */
    public int[] identifiers() {
        return identifiers;
    }

    /** Whether the rules let the subscriber read the address, as of the last look. */
    public boolean allowed() {
        return allowed;
    }

    /** What holds for this message: none if it is the session's own and unwanted. */
    public @Nullable Target forMessage(RecordView record) {
        return local || !record.publishedBy(subscriber.clientId()) ? this : forOwn;
    }
}
