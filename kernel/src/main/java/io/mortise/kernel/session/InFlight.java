// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.session;

import io.mortise.kernel.delivery.PartitionKey;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;

/**
 * The messages of QoS 1 and 2 that one session has not finished, by identifier. Identifiers are
 * given in order 1, 2, 3 ..., passing over those in use. Grows with use. Not thread-safe.
 */
final class InFlight {
    /** Reserved, but not yet delivered (QoS 2). */
    static final byte RESERVED = 1;

    /** Delivered. */
    static final byte SENT = 2;

    /** The receiver has it (QoS 2). */
    static final byte RECEIVED = 3;

    private static final int MAX_IDENTIFIER = 65_535;

    private final int window;
    private int[] identifiers = {};
    private byte[] states = {};
    private byte[] qualities = {};
    private long[] offsets = {};
    private @Nullable PartitionKey[] partitions = {};
    private int last;
    private int size;

    InFlight(int window) {
        this.window = window;
    }

    int size() {
        return size;
    }

    boolean full() {
        return size >= window;
    }

    /**
     * Adds an entry under the next free identifier.
     *
     * @param partition null if it is from no log
     */
    int add(byte state, int qos, @Nullable PartitionKey partition, long offset) {
        int id = last;
        do {
            id = id == MAX_IDENTIFIER ? 1 : id + 1;
        } while (taken(id));
        last = id;
        put(id, state, qos, partition, offset);
        return id;
    }

    private boolean taken(int id) {
        return identifiers.length > 0 && identifiers[id & identifiers.length - 1] != 0;
    }

    /** Puts an entry that an earlier connection had. */
    void put(int id, byte state, int qos, @Nullable PartitionKey partition, long offset) {
        while (2 * size >= identifiers.length || taken(id)) {
            grow();
        }
        int slot = id & identifiers.length - 1;
        identifiers[slot] = id;
        states[slot] = state;
        qualities[slot] = (byte) qos;
        partitions[slot] = partition;
        offsets[slot] = offset;
        size++;
    }

    private void grow() {
        int[] oldIds = identifiers;
        byte[] oldStates = states;
        byte[] oldQualities = qualities;
        long[] oldOffsets = offsets;
        @Nullable PartitionKey[] oldPartitions = partitions;
        int length = Math.max(8, 2 * oldIds.length); // identifiers that fit stay apart
        identifiers = new int[length];
        states = new byte[length];
        qualities = new byte[length];
        offsets = new long[length];
        partitions = new @Nullable PartitionKey[length];
        for (int i = 0; i < oldIds.length; i++) {
            if (oldIds[i] != 0) {
                int slot = oldIds[i] & length - 1;
                identifiers[slot] = oldIds[i];
                states[slot] = oldStates[i];
                qualities[slot] = oldQualities[i];
                offsets[slot] = oldOffsets[i];
                partitions[slot] = oldPartitions[i];
            }
        }
    }

    /** Where an identifier's entry is, or -1. */
    int find(int id) {
        int slot = identifiers.length == 0 ? -1 : id & identifiers.length - 1;
        return slot >= 0 && id != 0 && identifiers[slot] == id ? slot : -1;
    }

    byte state(int slot) {
        return states[slot];
    }

    void state(int slot, byte state) {
        states[slot] = state;
    }

    int qos(int slot) {
        return qualities[slot];
    }

    void remove(int slot) {
        identifiers[slot] = 0;
        partitions[slot] = null;
        size--;
    }

    int lastIdentifier() {
        return last;
    }

    /** The next identifier starts again after this one. */
    void resumeAfter(int identifier) {
        last = identifier;
    }

    /** Sees entries. */
    interface Visitor {
        void entry(int id, byte state, int qos, @Nullable PartitionKey partition, long offset);
    }

    /** Shows every entry, in no order. */
    void each(Visitor visitor) {
        for (int i = 0; i < identifiers.length; i++) {
            if (identifiers[i] != 0) {
                visitor.entry(identifiers[i], states[i], qualities[i], partitions[i], offsets[i]);
            }
        }
    }

    void clear() {
        Arrays.fill(identifiers, 0);
        Arrays.fill(partitions, null);
        size = 0;
    }
}
