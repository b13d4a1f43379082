// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.session;

import io.mortise.kernel.delivery.RecordView;
import io.mortise.spi.broker.Subscription;
import io.mortise.spi.broker.Subscription.RetainHandling;
import io.netty.buffer.ByteBuf;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;

/**
 * Sends the retained messages that subscriptions asked for, as the session can take them. What the
 * connection's end leaves unsent is not sent later (MQTT 5.0, 3.3.1.3). Used on the session's loop.
 */
final class RetainedDelivery {
    private static final int[] NO_IDENTIFIERS = {};

    /** One message for one subscription. */
    private static final class Item {
        final ByteBuf single;
        final Subscription subscription;
        int identifier;
        boolean durable;

        Item(ByteBuf single, Subscription subscription) {
            this.single = single;
            this.subscription = subscription;
        }
    }

    private final OnlineSession session;
    private final Journal journal;
    private final InFlight inFlight;
    private final RecordView view = new RecordView();
    private @Nullable ArrayDeque<Item> items;

    RetainedDelivery(OnlineSession session, Journal journal, InFlight inFlight) {
        this.session = session;
        this.journal = journal;
        this.inFlight = inFlight;
    }

    void enqueue(Subscription subscription, boolean isNew) {
        RetainHandling handling = subscription.retainHandling();
        boolean wanted =
                handling == RetainHandling.SEND || handling == RetainHandling.SEND_IF_NEW && isNew;
        if (!wanted) {
            return;
        }
        for (ByteBuf single :
                session.retainedMessages()
                        .matching(session.principal().tenant(), subscription.filter())) {
            if (items == null) {
                items = new ArrayDeque<>();
            }
            items.add(new Item(single, subscription));
        }
        if (!done()) {
            session.goOn();
        }
    }

    boolean done() {
        return items == null || items.isEmpty();
    }

    void clear() {
        items = null;
    }

    /** Sends as many as the session takes. */
    void run() {
        while (items != null && !items.isEmpty() && send(items.element())) {
            items.remove();
        }
    }

    /**
     * @return false if it must wait
     */
    private boolean send(Item item) {
        view.load(item.single, session.context().delivery.nowMillis());
        int qos = Math.min(view.publishedQos(), item.subscription.maximumQos());
        boolean unwanted =
                view.expired()
                        || !SubscribeRules.mayRead(
                                session, session.context().delivery, view.address().toString());
        if (unwanted) {
            return true;
        }
        if (qos > 0 && item.identifier == 0) {
            if (inFlight.full()) {
                return false;
            }
            reserve(item, qos);
        }
        if (qos == 2 && journal.kept() && !item.durable) {
            return false;
        }
        return hand(item, qos);
    }

    private void reserve(Item item, int qos) {
        byte state = qos == 2 && journal.kept() ? InFlight.RESERVED : InFlight.SENT;
        item.identifier = inFlight.add(state, qos, null, -1);
        if (qos == 2 && journal.kept()) {
            journal.note(
                    SessionEvents.outbound(item.identifier, InFlight.SENT, 2, null, -1),
                    refusal -> {
                        item.durable = true;
                        if (refusal == null) {
                            session.goOn();
                        } else {
                            session.fail(refusal);
                        }
                    });
        }
    }

    private boolean hand(Item item, int qos) {
        int subscription = item.subscription.identifier();
        int[] identifiers = subscription == 0 ? NO_IDENTIFIERS : new int[] {subscription};
        boolean taken = session.hand(view.present(qos, true, false, item.identifier, identifiers));
        if (taken && qos > 0) {
            inFlight.state(inFlight.find(item.identifier), InFlight.SENT);
        }
        return taken;
    }
}
