// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.session;

import io.mortise.kernel.delivery.PartitionKey;
import io.mortise.kernel.session.StoredSession.Outbound;
import io.mortise.kernel.session.StoredSession.Place;
import io.mortise.kernel.session.StoredSession.Position;
import io.mortise.spi.broker.Subscription;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What a connection finds when it takes its session up: a copy, the loop's own. */
final class ResumedState {
    private final boolean present;
    private final long incarnation;
    private final List<Subscription> subscriptions;
    private final Map<PartitionKey, Long> positions = new HashMap<>();
    private final Map<PartitionKey, Set<Long>> finished = new HashMap<>();
    private final Map<Integer, Outbound> outbound = new LinkedHashMap<>();
    private final Map<Integer, Place> inbound;
    private final int lastIdentifier;
    private final long lastSequence;
    private long expirySeconds;

    private ResumedState(
            boolean present, long incarnation, StoredSession stored, long expirySeconds) {
        this.present = present;
        this.incarnation = incarnation;
        this.subscriptions = List.copyOf(stored.subscriptions.values());
        this.inbound = Map.copyOf(stored.inbound);
        this.lastIdentifier = stored.lastIdentifier;
        this.lastSequence = stored.lastSequence();
        this.expirySeconds = expirySeconds;
        stored.positions.forEach(this::copy);
        inOrderOfSending(stored).forEach(id -> copy(id, stored.outbound.get(id)));
    }

    /** Nothing is kept from before. */
    static ResumedState fresh(long incarnation, long expirySeconds) {
        return new ResumedState(false, incarnation, new StoredSession(), expirySeconds);
    }

    /** The caller holds the shard's lock. */
    static ResumedState of(StoredSession stored, long expirySeconds) {
        return new ResumedState(true, stored.incarnation, stored, expirySeconds);
    }

    private void copy(PartitionKey partition, Position position) {
        positions.put(partition, position.offset);
        finished.computeIfAbsent(partition, p -> new HashSet<>()).addAll(position.finished);
    }

    private void copy(int id, @Nullable Outbound sent) {
        if (sent == null) {
            return;
        }
        outbound.put(id, sent);
        PartitionKey partition = sent.partition();
        if (partition != null) {
            finished.computeIfAbsent(partition, p -> new HashSet<>()).add(sent.offset());
        }
    }

    /** Identifiers are given upwards and begin again: the oldest is the first behind the last. */
    private static List<Integer> inOrderOfSending(StoredSession stored) {
        List<Integer> order =
                new ArrayList<>(stored.outbound.tailMap(stored.lastIdentifier, false).keySet());
        order.addAll(stored.outbound.headMap(stored.lastIdentifier, true).keySet());
        return order;
    }

    boolean present() {
        return present;
    }

    long incarnation() {
        return incarnation;
    }

    List<Subscription> subscriptions() {
        return subscriptions;
    }

    /** Where to read on, or null. */
    @Nullable Long position(PartitionKey partition) {
        return positions.get(partition);
    }

    /** Offsets at or past the position that are done with or in flight. */
    Set<Long> finished(PartitionKey partition) {
        return finished.getOrDefault(partition, Set.of());
    }

    /** In flight, in the order of sending. */
    Map<Integer, Outbound> outbound() {
        return outbound;
    }

    /** Exactly-once publishes that the client has not released. */
    Map<Integer, Place> inbound() {
        return inbound;
    }

    int lastIdentifier() {
        return lastIdentifier;
    }

    /** Highest sequence number of an exactly-once publish. */
    long lastSequence() {
        return lastSequence;
    }

    long expirySeconds() {
        return expirySeconds;
    }

    void expirySeconds(long seconds) {
        expirySeconds = seconds;
    }
}
