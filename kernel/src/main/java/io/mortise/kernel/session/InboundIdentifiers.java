// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.session;

import io.mortise.spi.Refusal;
import io.mortise.spi.broker.Session.PublishCallback;
import io.netty.util.collection.IntObjectHashMap;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/**
 * Identifiers of exactly-once publishes that the client has not released yet (QoS 2). A repeat of
 * one that is still on its way waits with it. Used on one loop.
 */
final class InboundIdentifiers {
    /** One identifier; its publish is on its way while there is a list of those who wait. */
    static final class Entry {
        private @Nullable List<PublishCallback> waiting;
    }

    private @Nullable IntObjectHashMap<Entry> entries;

    /** Adds an identifier whose publish is done. */
    void add(int id) {
        entries().put(id, new Entry());
    }

    private IntObjectHashMap<Entry> entries() {
        IntObjectHashMap<Entry> all = entries;
        if (all == null) {
            all = new IntObjectHashMap<>();
            entries = all;
        }
        return all;
    }

    /**
     * Begins a publish.
     *
     * @return false if the identifier is known: the callback then waits for the first publish, or
     *     {@link #settled} says that it need not wait
     */
    boolean begin(int id, PublishCallback callback) {
        Entry entry = entries().get(id);
        if (entry == null) {
            entry = new Entry();
            entry.waiting = new ArrayList<>(1);
            entry.waiting.add(callback);
            entries().put(id, entry);
            return true;
        }
        if (entry.waiting != null) {
            entry.waiting.add(callback);
        }
        return false;
    }

    /** Whether the identifier is known and its publish done. */
    boolean settled(int id) {
        Entry entry = entries().get(id);
        return entry != null && entry.waiting == null;
    }

    /** The publish is done; a refused one is forgotten, so that it may be tried again. */
    void end(int id, @Nullable Refusal refusal) {
        Entry entry = entries().get(id);
        if (entry == null || entry.waiting == null) {
            return;
        }
        List<PublishCallback> waiting = entry.waiting;
        entry.waiting = null;
        if (refusal != null) {
            entries().remove(id);
        }
        for (PublishCallback callback : waiting) {
            callback.completed(refusal);
        }
    }

    /** What is known of an identifier, or null. */
    @Nullable Entry known(int id) {
        return entries == null ? null : entries.get(id);
    }

    /** Forgets an identifier, unless it stands for something else by now. */
    void forget(int id, Entry entry) {
        if (entry.equals(known(id))) {
            entries().remove(id);
        }
    }
}
