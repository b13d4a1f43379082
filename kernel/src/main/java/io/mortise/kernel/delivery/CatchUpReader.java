// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.delivery;

import io.mortise.spi.Reason;
import io.mortise.spi.Refusal;
import io.mortise.spi.broker.FetchedBatches;
import io.mortise.spi.broker.Partition.Visibility;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Set;

/**
 * One session's own place in one partition while it does not keep up with the feed: reads the log
 * in bounded steps and holds no memory between them. Once it reaches the feed's place the session
 * is live again; the feed's and this reader's messages are never the same. Used on the loop.
 */
public final class CatchUpReader {
    private static final int STEP_BYTES = 64 * 1024;

    /** What became of an offer. */
    public enum Outcome {
        /** It is done with, delivered or not wanted. */
        DONE,
        /** It must wait, and all behind it. */
        WAIT,
        /** An identifier was reserved; those behind it may be reserved too, but not delivered. */
        RESERVED
    }

    /** The session. */
    public interface Taker extends Subscriber {
        /** Offers a message, in order. */
        Outcome take(CatchUpReader reader, RecordView record, Target target);

        /**
         * Sees a message behind one that waits for its reservation.
         *
         * @return whether to look further
         */
        boolean reserve(CatchUpReader reader, RecordView record, Target target);

        /** So many offsets went by retention before the session came to them. */
        void overtaken(long offsets);

        /** Something was read: go on with the next step. */
        void goOn();
    }

    private final Taker taker;
    private final Feed feed;
    private final CutWatch cuts;
    private final BatchWalk.Bookmark bookmark = new BatchWalk.Bookmark();
    private final ArrayDeque<Reservation> reserved = new ArrayDeque<>(0);
    private Set<Long> finished = Set.of();
    private long next;
    private long qos0Next;
    private long reservedTo;
    private long limit;
    private boolean lookingAhead;
    private boolean reading;
    private boolean ended;

    /**
     * @param next first record that is not yet done with
     * @param qos0Next QoS 0 messages below it were delivered ahead, or missed
     */
    public CatchUpReader(Taker taker, Feed feed, long next, long qos0Next) {
        this.taker = taker;
        this.feed = feed;
        this.cuts = new CutWatch(feed.partition());
        this.next = next;
        this.qos0Next = qos0Next;
        this.reservedTo = next;
    }

    /** Whose place in the log it competes with. */
    public Feed feed() {
        return feed;
    }

    /** First record that is not yet done with. */
    public long next() {
        return next;
    }

    /** QoS 0 messages below it were delivered ahead, or missed. */
    public long qos0Next() {
        return qos0Next;
    }

    /** Reservations in order of their records. */
    public ArrayDeque<Reservation> reserved() {
        return reserved;
    }

    /** Passes over records that were finished out of order. */
    public void passOver(Set<Long> offsets) {
        finished = new HashSet<>(offsets);
    }

    /** Ends it: what is still being read is dropped. */
    public void end() {
        ended = true;
    }

    /** Whether the session may be fed live again. */
    public boolean caughtUp() {
        boolean level = next == feed.committed() && reserved.isEmpty() && !reading;
        return feed.closed() || level && (taker.keepsPosition() || qos0Next >= feed.sequenced());
    }

    /**
     * Makes one step, as far as the session takes messages.
     *
     * @return whether another step is worth making at once
     */
    public boolean step() {
        if (reading || feed.closed()) {
            return false;
        }
        followCut();
        goOnWhereTheLogStarts();
        if (next < feed.committed()) {
            return visibleStep();
        }
        return next == feed.committed() && !taker.keepsPosition() && aheadStep();
    }

    /** Retention does not wait for sessions: the oldest is dropped. */
    private void goOnWhereTheLogStarts() {
        long start = feed.partition().logStartOffset();
        if (next < start) {
            taker.overtaken(start - next);
            next = start;
        }
    }

    /** It may have begun at an end that was not durable. */
    private void followCut() {
        long end = cuts.cut();
        next = Math.min(next, end);
        qos0Next = Math.min(qos0Next, end);
    }

    private boolean visibleStep() {
        FetchedBatches batches =
                reader().poll(feed.partition(), next, STEP_BYTES, Visibility.COMMITTED);
        if (batches == null) {
            reading = true;
            reader().read(feed.partition(), next, STEP_BYTES, Visibility.COMMITTED, this::loaded);
            return false;
        }
        return show(batches);
    }

    private LogReader reader() {
        return feed.owner().reader();
    }

    private boolean show(FetchedBatches batches) {
        long before = next;
        try (batches) {
            limit = feed.committed();
            lookingAhead = false;
            long end = Math.min(batches.nextOffset(), limit);
            long stopped = walk(batches, before);
            if (!lookingAhead && stopped >= end) {
                next = Math.max(next, end);
            }
        }
        return next > before;
    }

    private long walk(FetchedBatches batches, long from) {
        return feed.owner()
                .walk()
                .walk(
                        batches,
                        feed,
                        from,
                        feed.owner().nowMillis(),
                        reserved.isEmpty() ? bookmark : null,
                        this::visitVisible);
    }

    private void loaded(@Nullable FetchedBatches batches, @Nullable Refusal refusal) {
        reading = false;
        if (batches == null) {
            goOnBehindDamage(refusal);
            feed.owner().readFailed(feed, refusal);
            feed.owner().later(taker::goOn);
            return;
        } else if (ended || feed.closed()) {
            batches.close();
            return;
        } else {
            feed.owner().beginRun();
            boolean moved = show(batches);
            feed.owner().endRun();
            if (moved) {
                taker.goOn(); // otherwise what it waits for says when to go on
            }
        }
    }

    private void goOnBehindDamage(@Nullable Refusal refusal) {
        boolean damaged = refusal != null && refusal.reason() == Reason.CORRUPT;
        long behind = damaged ? feed.partition().readableAfter(next) : -1;
        if (behind > next && !ended) {
            long to = Math.min(behind, feed.committed());
            taker.overtaken(to - next);
            next = to;
        }
    }

    private boolean visitVisible(RecordView record) {
        if (record.offset() >= limit) {
            return false;
        }
        Target target = wanted(record);
        if (lookingAhead) {
            return target == null
                    || record.offset() < reservedTo
                    || taker.reserve(this, record, target);
        }
        Outcome outcome = target == null ? Outcome.DONE : taker.take(this, record, target);
        switch (outcome) {
            case DONE -> next = record.offset() + 1;
            case WAIT -> {
                return false;
            }
            case RESERVED -> lookingAhead = true;
        }
        return true;
    }

    /** Notes that {@code record} has a reservation. */
    public void reserve(RecordView record, Reservation reservation) {
        reserved.add(reservation);
        reservedTo = record.offset() + 1;
    }

    private @Nullable Target wanted(RecordView record) {
        boolean handedOut = record.publishedQos() == 0 && record.offset() < qos0Next;
        if (handedOut || record.expired() || finished.contains(record.offset())) {
            return null;
        }
        Target target = feed.owner().match(record).targetOf(taker);
        return target == null || !target.allowed() ? null : target.forMessage(record);
    }

    private boolean aheadStep() {
        long from = Math.max(next, qos0Next);
        long end = feed.sequenced();
        if (from >= end) {
            qos0Next = from;
            return false;
        }
        FetchedBatches batches =
                reader().poll(feed.partition(), from, STEP_BYTES, Visibility.SEQUENCED);
        if (batches == null) {
            return false; // comes with what is visible
        }
        try (batches) {
            if (batches.sizeInBytes() == 0) {
                return false;
            }
            limit = end;
            long stopped =
                    feed.owner()
                            .walk()
                            .walk(
                                    batches,
                                    feed,
                                    from,
                                    feed.owner().nowMillis(),
                                    null,
                                    this::visitAhead);
            qos0Next = Math.min(stopped, end);
        }
        return qos0Next > from;
    }

    private boolean visitAhead(RecordView record) {
        if (record.offset() >= limit) {
            return false;
        }
        if (record.publishedQos() != 0) {
            return true;
        }
        Target target = wanted(record);
        return target == null || taker.take(this, record, target) == Outcome.DONE;
    }
}
