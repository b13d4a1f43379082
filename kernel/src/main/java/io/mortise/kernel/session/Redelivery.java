// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.session;

import io.mortise.kernel.delivery.Feed;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;

/** What an earlier connection had in flight, in the order it was first sent. */
final class Redelivery {
    /** One message; {@code feed} is null where its log is gone. */
    record Entry(int id, byte state, int qos, @Nullable Feed feed, long offset) {}

    private final ArrayDeque<Entry> entries = new ArrayDeque<>();
    private boolean reading;

    void add(Entry entry) {
        entries.add(entry);
    }

    boolean done() {
        return entries.isEmpty();
    }

    boolean reading() {
        return reading;
    }

    void reading(boolean now) {
        reading = now;
    }

    Entry head() {
        return entries.element();
    }

    void pass() {
        entries.remove();
    }
}
