// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.session;

import io.mortise.kernel.delivery.CatchUpReader;
import io.mortise.kernel.delivery.CatchUpReader.Outcome;
import io.mortise.kernel.delivery.Feed;
import io.mortise.kernel.delivery.PartitionKey;
import io.mortise.kernel.delivery.RecordView;
import io.mortise.kernel.delivery.Reservation;
import io.mortise.kernel.delivery.Target;
import io.mortise.spi.broker.Receiver;

/**
 * Hands messages to one connected session's receiver, at their QoS and within its window. Used on
 * its loop.
 */
final class Outgoing {
    /** QoS 0 messages further behind than this are dropped. */
    private static final long MOST_QOS0_BEHIND = 10_000;

    private final OnlineSession session;
    private final Receiver receiver;
    private final SessionCounters counters;
    private final Journal journal;
    private final InFlight inFlight;
    private boolean blocked;

    Outgoing(
            OnlineSession session,
            Receiver receiver,
            SessionCounters counters,
            Journal journal,
            InFlight inFlight) {
        this.session = session;
        this.receiver = receiver;
        this.counters = counters;
        this.journal = journal;
        this.inFlight = inFlight;
    }

    /** Whether the receiver refused a message and has not asked for more since. */
    boolean blocked() {
        return blocked;
    }

    /** The receiver asks for more; whether it was blocked. */
    boolean unblock() {
        boolean was = blocked;
        blocked = false;
        return was;
    }

    /** Whether its identifier must be noted before it is delivered. */
    boolean needsReservation(RecordView record, Target target) {
        return journal.kept() && quality(record, target) == 2;
    }

    private static int quality(RecordView record, Target target) {
        return Math.min(record.publishedQos(), target.maximumQos());
    }

    /**
     * @return false if it must wait
     */
    boolean deliver(RecordView record, Target target, Feed feed) {
        int qos = quality(record, target);
        boolean retainFlag = target.retainAsPublished() && record.publishedRetained();
        if (qos == 0) {
            return hand(record.present(0, retainFlag, false, 0, target.identifiers()));
        }
        if (inFlight.full()) {
            return false;
        }
        int id = inFlight.add(InFlight.SENT, qos, feed.key(), record.offset());
        boolean taken = hand(record.present(qos, retainFlag, false, id, target.identifiers()));
        if (!taken) {
            inFlight.remove(inFlight.find(id));
            inFlight.resumeAfter(id == 1 ? 65_535 : id - 1);
        }
        return taken;
    }

    /** Hands it over as it is; false if the receiver does not take it now. */
    boolean hand(RecordView delivery) {
        boolean taken = receiver.deliver(delivery);
        if (taken) {
            counters.delivered.add(1);
        } else {
            blocked = true;
        }
        return taken;
    }

    /** See {@link CatchUpReader.Taker#take}. */
    Outcome take(CatchUpReader reader, RecordView record, Target target) {
        if (blocked) {
            return Outcome.WAIT;
        }
        if (quality(record, target) == 0) {
            boolean missed = journal.kept() && record.offset() < reader.qos0Next();
            if (missed) {
                return Outcome.DONE;
            }
            if (reader.feed().sequenced() - record.offset() > MOST_QOS0_BEHIND) {
                counters.droppedQos0.add(1);
                return Outcome.DONE;
            }
        }
        if (needsReservation(record, target)) {
            return takeReserved(reader, record, target);
        }
        return deliver(record, target, reader.feed()) ? Outcome.DONE : Outcome.WAIT;
    }

    private Outcome takeReserved(CatchUpReader reader, RecordView record, Target target) {
        Reservation head = reader.reserved().peek();
        if (head == null || head.offset() != record.offset()) {
            return reserve(reader, record, target) ? Outcome.RESERVED : Outcome.WAIT;
        }
        if (!head.durable()) {
            return Outcome.RESERVED;
        }
        int id = head.identifier();
        boolean retainFlag = target.retainAsPublished() && record.publishedRetained();
        if (!hand(record.present(2, retainFlag, false, id, target.identifiers()))) {
            return Outcome.WAIT;
        }
        inFlight.state(inFlight.find(id), InFlight.SENT);
        reader.reserved().remove();
        return Outcome.DONE;
    }

    /** See {@link CatchUpReader.Taker#reserve}. */
    boolean reserve(CatchUpReader reader, RecordView record, Target target) {
        if (!needsReservation(record, target) || inFlight.full()) {
            return false;
        }
        PartitionKey partition = reader.feed().key();
        int id = inFlight.add(InFlight.RESERVED, 2, partition, record.offset());
        Reservation reservation = new Reservation(record.offset(), id);
        reader.reserve(record, reservation);
        journal.note(
                SessionEvents.outbound(id, InFlight.SENT, 2, partition, record.offset()),
                refusal -> {
                    if (refusal == null) {
                        reservation.confirm();
                        session.goOn();
                    } else {
                        session.fail(refusal);
                    }
                });
        return true;
    }
}
