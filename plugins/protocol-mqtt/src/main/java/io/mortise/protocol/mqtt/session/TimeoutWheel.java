// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.mqtt.session;

import org.jspecify.annotations.Nullable;

import java.util.function.Consumer;

/**
 * Deadlines of one event loop's connections in coarse buckets: no timer per connection, and two
 * references each. It is the list of the loop's connections too. On its loop.
 */
final class TimeoutWheel {
    /** An entry without deadline. */
    static final int NEVER = 0;

    private static final int BUCKETS = 256;

    private final Entry[] buckets = new Entry[BUCKETS];
    private final Entry undue = new Sentinel();
    private int now = 1;
    private int size;

    TimeoutWheel() {
        for (int i = 0; i < BUCKETS; i++) {
            buckets[i] = new Sentinel();
        }
    }

    /** Ticks so far, from 1. */
    int now() {
        return now;
    }

    boolean isEmpty() {
        return size == 0;
    }

    void add(Entry entry) {
        size++;
        entry.linkBefore(undue);
    }

    void remove(Entry entry) {
        if (entry.next != null) {
            size--;
            entry.unlink();
        }
    }

    /** Sets or replaces an entry's deadline, in ticks as {@link #now}, or {@link #NEVER}. */
    void schedule(Entry entry, int deadline) {
        if (entry.next == null) {
            return;
        }
        entry.unlink();
        entry.deadline = deadline;
        entry.linkBefore(deadline == NEVER ? undue : buckets[deadline & BUCKETS - 1]);
    }

    /** Moves one tick on and tells the entries that are due. */
    void tick() {
        now++;
        Entry bucket = buckets[now & BUCKETS - 1];
        Entry entry = bucket.next;
        while (entry != null && !(entry instanceof Sentinel)) {
            Entry next = entry.next;
            if (entry.deadline - now <= 0) {
                schedule(entry, entry.due(now));
            }
            entry = next;
        }
    }

    /** Shows every entry; the action may remove or schedule the one it is shown. */
    void forEach(Consumer<Entry> action) {
        forEach(undue, action);
        for (Entry bucket : buckets) {
            forEach(bucket, action);
        }
    }

    private static void forEach(Entry bucket, Consumer<Entry> action) {
        Entry entry = bucket.next;
        while (entry != null && !(entry instanceof Sentinel)) {
            Entry next = entry.next;
            action.accept(entry);
            entry = next;
        }
    }

    /** What has a deadline. */
    abstract static class Entry {
        private @Nullable Entry previous;
        private @Nullable Entry next;
        private int deadline;

        /**
         * The deadline was reached.
         *
         * @return the next one, later than {@code now}, or {@link #NEVER}
         */
        abstract int due(int now);

        private void linkBefore(Entry bucket) {
            Entry last = bucket.previous == null ? bucket : bucket.previous;
            previous = last;
            next = bucket;
            last.next = this;
            bucket.previous = this;
        }

        private void unlink() {
            if (previous != null && next != null) {
                previous.next = next;
                next.previous = previous;
            }
            previous = null;
            next = null;
        }
    }

    private static final class Sentinel extends Entry {
        Sentinel() {
            super.previous = this;
            super.next = this;
        }

        @Override
        int due(int now) {
            return NEVER;
        }
    }
}
