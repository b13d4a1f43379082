// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.session;

import io.mortise.kernel.delivery.CatchUpReader;
import io.mortise.kernel.delivery.Feed;
import io.mortise.kernel.delivery.Feeds;
import io.mortise.kernel.delivery.PartitionKey;
import io.mortise.kernel.delivery.Reservation;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Where one connected session reads: a {@link CatchUpReader} for each partition in which it is
 * behind, the feed's own place in all others. Used on its loop.
 */
final class ReadingPlaces {
    private final OnlineSession session;
    private final SessionSubscriptions subscriptions;
    private final ResumedState resumed;
    private final Journal journal;
    private final InFlight inFlight;
    private final List<CatchUpReader> readers = new ArrayList<>(0);

    /** Partitions that had no leader when this connection subscribed. */
    private final Set<PartitionKey> unsettled = new HashSet<>(0);

    private int nextReader;

    ReadingPlaces(
            OnlineSession session,
            SessionSubscriptions subscriptions,
            ResumedState resumed,
            Journal journal,
            InFlight inFlight) {
        this.session = session;
        this.subscriptions = subscriptions;
        this.resumed = resumed;
        this.journal = journal;
        this.inFlight = inFlight;
    }

    /** Whether it keeps up with every feed. */
    boolean allLive() {
        return readers.isEmpty();
    }

    /** Whether it is behind in that partition. */
    boolean behind(Feed feed) {
        return reader(feed) != null;
    }

    private @Nullable CatchUpReader reader(Feed feed) {
        for (int i = 0; i < readers.size(); i++) {
            if (readers.get(i).feed().equals(feed)) {
                return readers.get(i);
            }
        }
        return null;
    }

    // Taking up.

    /** Goes on in every partition where the session was. */
    void takeUp() {
        for (Feed feed : subscriptions.feeds()) {
            readFrom(feed, place(feed));
        }
    }

    /**
     * A partition is read from now on.
     *
     * @return whether the session is behind in it
     */
    boolean takeUp(Feed feed) {
        long place = place(feed);
        if (unsettled.remove(feed.key())) {
            journal.note(SessionEvents.positions(Map.of(feed.key(), place)));
        }
        boolean behind = place < feed.committed() || !resumed.finished(feed.key()).isEmpty();
        if (behind) {
            readFrom(feed, place);
        }
        return behind;
    }

    /** A topic that it knows nothing of was made after it subscribed. */
    private long place(Feed feed) {
        Long known = resumed.position(feed.key());
        boolean unknown = known != null && known == StoredSession.UNSETTLED;
        if (unknown || unsettled.contains(feed.key())) {
            return Feeds.leadershipStart(feed.partition());
        }
        return known == null ? feed.partition().logStartOffset() : known;
    }

    /** Takes up a resumed session's place in a partition. */
    private void readFrom(Feed feed, long from) {
        CatchUpReader reader =
                new CatchUpReader(session, feed, from, feed.partition().logEndOffset());
        reader.passOver(resumed.finished(feed.key()));
        readers.add(reader);
    }

    /**
     * What was published before the subscription is not for it. What is noted may be less: offsets
     * that are not durable yet can be given again.
     *
     * @return what to note
     */
    long beginHere(Feed feed) {
        long end = feed.partition().logEndOffset();
        if (feed.committed() < end) {
            readers.add(new CatchUpReader(session, feed, end, end));
        }
        return feed.partition().highWatermark();
    }

    /** It begins where that partition is led again. */
    void beginWhenLed(PartitionKey partition) {
        unsettled.add(partition);
    }

    // Reading behind.

    /** The feed goes on without the session: see {@link CatchUpReader}. */
    void fallBehind(Feed feed, long next, long qos0Next) {
        readers.add(new CatchUpReader(session, feed, next, qos0Next));
    }

    /**
     * Lets each reader make a step, until the receiver is full.
     *
     * @return whether another round is worth making at once
     */
    boolean step() {
        boolean more = false;
        for (int i = 0; i < readers.size() && !session.blocked(); i++) {
            nextReader = nextReader >= readers.size() ? 0 : nextReader;
            more |= readers.get(nextReader++).step();
        }
        readers.removeIf(this::over);
        return more;
    }

    private boolean over(CatchUpReader reader) {
        boolean over = reader.caughtUp();
        if (over) {
            drop(reader);
        }
        return over;
    }

    // Letting go.

    /** Ends what no subscription wants any more. */
    void forgetUnwanted() {
        readers.removeIf(
                reader -> {
                    boolean unwanted = !subscriptions.mayHold(reader.feed().topic());
                    if (unwanted) {
                        drop(reader);
                    }
                    return unwanted || over(reader);
                });
    }

    /** What it had reserved is never delivered. */
    private void drop(CatchUpReader reader) {
        reader.end();
        for (Reservation reservation : reader.reserved()) {
            journal.note(SessionEvents.completed(reservation.identifier()));
            inFlight.remove(inFlight.find(reservation.identifier()));
        }
        reader.reserved().clear();
    }

    /** Ends all; the places are no longer known then. */
    void end() {
        readers.forEach(CatchUpReader::end);
        readers.clear();
    }

    /** Where the session reads on in every partition that its subscriptions may hold for. */
    Map<PartitionKey, Long> positions() {
        Map<PartitionKey, Long> positions = new HashMap<>();
        for (Feed feed : subscriptions.feeds()) {
            CatchUpReader reader = reader(feed);
            long next = reader == null ? feed.committed() : reader.next();
            positions.put(feed.key(), Math.min(next, feed.partition().highWatermark()));
        }
        return positions;
    }
}
