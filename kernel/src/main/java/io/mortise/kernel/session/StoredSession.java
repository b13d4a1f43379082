// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.session;

import io.mortise.kernel.delivery.PartitionKey;
import io.mortise.spi.broker.Subscription;
import io.mortise.spi.security.Principal;

import org.jspecify.annotations.Nullable;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/** What is kept of a session while no connection holds it. Guarded by its shard's lock. */
final class StoredSession extends FoldedState {
    /** Expiry that never comes. */
    static final long NEVER = 0xFFFF_FFFFL;

    /** {@link #disconnectedAtMillis} while a connection holds the session. */
    static final long CONNECTED = -1;

    /** Position in a partition that had no leader when the session subscribed. */
    static final long UNSETTLED = -1;

    /** A message on its way out. */
    record Outbound(byte state, int qos, @Nullable PartitionKey partition, long offset) {}

    /** Where a session reads on in a partition. */
    static final class Position {
        long offset;
        final TreeSet<Long> finished = new TreeSet<>();

        Position(long offset) {
            this.offset = offset;
        }
    }

    long incarnation;
    long expirySeconds;
    long disconnectedAtMillis = CONNECTED;
    Principal principal = Principal.ANONYMOUS;
    String host = "";
    byte @Nullable [] will;
    long willDelaySeconds;
    final Map<String, Subscription> subscriptions = new LinkedHashMap<>();
    final Map<PartitionKey, Position> positions = new HashMap<>();
    final TreeMap<Integer, Outbound> outbound = new TreeMap<>();
    int lastIdentifier;

    /** Identifiers of exactly-once publishes that the client has not released. */
    final Map<Integer, Place> inbound = new HashMap<>();

    /** Where the record of an inbound identifier went. */
    record Place(PartitionKey partition, long offset) {}

    /** Exactly-once publishes up to this are known here, and those in {@link #seenBeyond}. */
    long seen;

    final TreeSet<Long> seenBeyond = new TreeSet<>();

    void see(long sequence) {
        if (sequence <= seen) {
            return;
        }
        seenBeyond.add(sequence);
        while (!seenBeyond.isEmpty() && seenBeyond.first() == seen + 1) {
            seen++;
            seenBeyond.pollFirst();
        }
    }

    boolean saw(long sequence) {
        return sequence <= seen || seenBeyond.contains(sequence);
    }

    long lastSequence() {
        return seenBeyond.isEmpty() ? seen : seenBeyond.last();
    }

    /** When it is forgotten, if nobody connects. */
    long expiryAtMillis() {
        return expirySeconds == NEVER
                ? Long.MAX_VALUE
                : disconnectedAtMillis + 1000 * expirySeconds;
    }

    /** When its will is due; {@link Long#MAX_VALUE} if it has none. */
    long willAtMillis() {
        return will == null
                ? Long.MAX_VALUE
                : Math.min(disconnectedAtMillis + 1000 * willDelaySeconds, expiryAtMillis());
    }

    /** Whether it does not know where it reads on in some partition. */
    boolean unsettled() {
        for (Position each : positions.values()) {
            if (each.offset == UNSETTLED) {
                return true;
            }
        }
        return false;
    }

    Position position(PartitionKey partition) {
        return positions.computeIfAbsent(partition, p -> new Position(0));
    }
}
