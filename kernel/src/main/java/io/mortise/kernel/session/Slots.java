// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.session;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Who holds each session: one connection or one job at a time; who comes next waits. Any thread.
 */
final class Slots {
    /** Something that wants a session for itself, then calls {@link #release}. */
    interface Claim {
        /** The session is its own now. */
        void granted();

        /** Someone waits for the session; a job need not care, a connection is to let go. */
        void wanted();
    }

    private static final class Slot {
        final ArrayDeque<Claim> waiting = new ArrayDeque<>(1);
        @Nullable Claim holder;
    }

    private final ReentrantLock lock = new ReentrantLock();
    private final Map<String, Slot> slots = new HashMap<>();
    private int waiters;

    /** Has {@code claim} granted at once or after those before it. */
    void claim(String key, Claim claim) {
        Claim holder;
        lock.lock();
        try {
            Slot slot = slots.computeIfAbsent(key, k -> new Slot());
            holder = slot.holder;
            if (holder == null) {
                slot.holder = claim;
            } else {
                slot.waiting.add(claim);
                waiters++;
            }
        } finally {
            lock.unlock();
        }
        if (holder == null) {
            claim.granted();
        } else {
            holder.wanted();
        }
    }

    /**
     * Claims only what nobody holds.
     *
     * @return whether it did; {@link Claim#granted} is not called
     */
    boolean claimIdle(String key, Claim claim) {
        lock.lock();
        try {
            Slot slot = slots.computeIfAbsent(key, k -> new Slot());
            if (slot.holder != null) {
                return false;
            }
            slot.holder = claim;
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** The holder lets go; the next one is granted. */
    void release(String key, Claim claim) {
        Claim next;
        boolean more;
        lock.lock();
        try {
            Slot slot = slots.get(key);
            if (slot == null || !claim.equals(slot.holder)) {
                return;
            }
            next = slot.waiting.poll();
            waiters -= next == null ? 0 : 1;
            slot.holder = next;
            more = !slot.waiting.isEmpty();
            if (next == null) {
                slots.remove(key);
            }
        } finally {
            lock.unlock();
        }
        if (next != null) {
            next.granted();
            if (more) {
                next.wanted();
            }
        }
    }

    /** Holders that someone waits for hear of it again: their loops may have gone meanwhile. */
    void remind() {
        List<Claim> wanted = new ArrayList<>();
        lock.lock();
        try {
            if (waiters > 0) {
                for (Slot slot : slots.values()) {
                    if (slot.holder != null && !slot.waiting.isEmpty()) {
                        wanted.add(slot.holder);
                    }
                }
            }
        } finally {
            lock.unlock();
        }
        wanted.forEach(Claim::wanted);
    }

    /** Those who hold a session now. */
    List<Claim> holders() {
        lock.lock();
        try {
            List<Claim> holders = new ArrayList<>();
            for (Slot slot : slots.values()) {
                if (slot.holder != null) {
                    holders.add(slot.holder);
                }
            }
            return holders;
        } finally {
            lock.unlock();
        }
    }
}
