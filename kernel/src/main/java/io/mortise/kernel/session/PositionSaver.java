// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.session;

import io.mortise.kernel.delivery.PartitionKey;
import io.mortise.spi.runtime.Clock;

import java.util.HashMap;
import java.util.Map;

/**
 * Notes where a kept session reads on: now and then while messages are acknowledged, which costs at
 * most repeats after a crash, and exactly when its connection ends. Used on the session's loop.
 */
final class PositionSaver {
    private static final long EVERY_NANOS = 1_000_000_000L;

    private final OnlineSession session;
    private final Journal journal;
    private final Clock clock;
    private Map<PartitionKey, Long> saved = Map.of();
    private long savedAtNanos;

    PositionSaver(OnlineSession session, Journal journal, Clock clock) {
        this.session = session;
        this.journal = journal;
        this.clock = clock;
        this.savedAtNanos = clock.nanoTime();
    }

    void acknowledged() {
        if (journal.kept() && clock.nanoTime() - savedAtNanos > EVERY_NANOS) {
            savedAtNanos = clock.nanoTime();
            save();
        }
    }

    private void save() {
        Map<PartitionKey, Long> now = session.positions();
        session.inFlight()
                .each(
                        (id, state, qos, partition, offset) -> {
                            if (partition != null && (qos == 1 || state == InFlight.RESERVED)) {
                                now.computeIfPresent(partition, (p, at) -> Math.min(at, offset));
                            }
                        });
        Map<PartitionKey, Long> moved = new HashMap<>(now);
        moved.entrySet().removeAll(saved.entrySet());
        saved = now;
        if (!moved.isEmpty()) {
            journal.note(SessionEvents.positions(moved));
        }
    }

    /** The connection has ended before it took anything up. */
    void notStarted() {
        journal.note(SessionEvents.disconnected(clock.wallMillis()));
    }

    /** The connection has ended: what is in flight is noted too. */
    void saveAtEnd(InFlight inFlight) {
        if (journal.kept()) {
            journal.note(
                    SessionEvents.closed(
                            clock.wallMillis(),
                            session.positions(),
                            inFlight.lastIdentifier(),
                            inFlight));
        }
    }
}
