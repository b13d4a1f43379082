// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.session;

import io.mortise.kernel.delivery.Feed;
import io.mortise.kernel.delivery.PartitionKey;
import io.mortise.kernel.delivery.RecordLookup;
import io.mortise.kernel.delivery.RecordView;
import io.mortise.kernel.delivery.Target;
import io.mortise.spi.broker.Topic;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;

/**
 * Sends again what an earlier connection had in flight, in the order it was first sent and before
 * anything else. Used on the session's loop.
 */
final class Redelivery {
    private static final int[] NO_IDENTIFIERS = {};

    private record Entry(
            int id, byte state, int qos, @Nullable PartitionKey partition, long offset) {}

    private final OnlineSession session;
    private final InFlight inFlight;
    private final ArrayDeque<Entry> entries = new ArrayDeque<>(0);
    private boolean waiting;
    private boolean inside;

    Redelivery(OnlineSession session, InFlight inFlight) {
        this.session = session;
        this.inFlight = inFlight;
    }

    /** Puts what was in flight back there. */
    void takeUp(ResumedState resumed) {
        resumed.outbound()
                .forEach(
                        (id, sent) -> {
                            inFlight.put(
                                    id, sent.state(), sent.qos(), sent.partition(), sent.offset());
                            entries.add(
                                    new Entry(
                                            id,
                                            sent.state(),
                                            sent.qos(),
                                            sent.partition(),
                                            sent.offset()));
                        });
        inFlight.resumeAfter(resumed.lastIdentifier());
    }

    boolean done() {
        return entries.isEmpty();
    }

    /** Sends as many as the session takes. */
    void run() {
        while (!entries.isEmpty() && !waiting && !session.blocked()) {
            Entry entry = entries.element();
            if (inFlight.find(entry.id()) < 0) {
                entries.remove(); // acknowledged in the meantime
            } else if (entry.state() == InFlight.RECEIVED || gone(entry.partition())) {
                entries.remove();
                release(entry);
            } else {
                find(entry);
            }
        }
    }

    /** Whether the log is deleted, or no subscription reads it any more. */
    private boolean gone(@Nullable PartitionKey partition) {
        if (partition == null) {
            return true;
        }
        Topic topic = session.context().delivery.services().topics().find(partition.topic());
        return topic == null || !session.subscriptions().mayHold(topic);
    }

    private void release(Entry entry) {
        int slot = inFlight.find(entry.id());
        if (entry.qos() == 2) {
            inFlight.state(slot, InFlight.RECEIVED);
            session.receiver().release(entry.id());
        } else {
            inFlight.remove(slot);
        }
    }

    private void find(Entry entry) {
        Feed feed = feed(entry.partition());
        waiting = true;
        if (feed == null) {
            session.context().delivery.later(this::goOn); // its partition is not led yet
            return;
        }
        inside = true;
        RecordLookup.find(
                feed, entry.offset(), session, (record, target) -> found(entry, record, target));
        inside = false;
    }

    private @Nullable Feed feed(@Nullable PartitionKey partition) {
        for (Feed feed : session.subscriptions().feeds()) {
            if (feed.key().equals(partition)) {
                return feed;
            }
        }
        return null;
    }

    private void found(Entry entry, @Nullable RecordView record, @Nullable Target target) {
        waiting = false;
        if (session.closed()) {
            return;
        }
        int slot = inFlight.find(entry.id());
        if (record == null || slot < 0) {
            entries.remove();
            if (slot >= 0) {
                release(entry);
            }
        } else if (hand(entry, record, target)) {
            inFlight.state(slot, InFlight.SENT);
            entries.remove();
        }
        if (!inside) {
            session.goOn();
        }
    }

    private boolean hand(Entry entry, RecordView record, @Nullable Target target) {
        boolean retainFlag =
                target != null && target.retainAsPublished() && record.publishedRetained();
        int[] identifiers = target == null ? NO_IDENTIFIERS : target.identifiers();
        return session.hand(record.present(entry.qos(), retainFlag, true, entry.id(), identifiers));
    }

    private void goOn() {
        waiting = false;
        session.goOn();
    }
}
