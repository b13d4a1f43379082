// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.routing;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;

/**
 * A bounded cache of matches by address. An address enters at its second sight, so a stream of
 * unique addresses neither fills it nor costs memory; a new entry takes the place of an old one
 * where their hashes meet.
 */
final class MatchCache<V, M> {
    private static final int WAYS = 4;

    /** The match of one address, and the way through the trie whose change would spoil it. */
    static final class Entry<V, M> {
        final byte[] address;
        final int hash;
        M match;
        private TrieNode<V>[] nodes;
        private int[] versions;
        private int[] misses;
        private long checkedAt;

        Entry(byte[] address, int length, int hash, M match, TrieWalk<V> walk, long now) {
            this.address = Arrays.copyOf(address, length);
            this.hash = hash;
            this.match = match;
            this.nodes = walk.nodes();
            this.versions = walk.versions();
            this.misses = walk.misses();
            this.checkedAt = now;
        }

        /** Whether the match still holds at the index's version {@code now}. */
        boolean current(long now) {
            if (checkedAt == now) {
                return true;
            }
            for (int i = 0; i < nodes.length; i++) {
                if (nodes[i].version != versions[i] || appeared(nodes[i], misses[i])) {
                    return false;
                }
            }
            checkedAt = now;
            return true;
        }

        private boolean appeared(TrieNode<V> node, int missedFrom) {
            if (missedFrom < 0) {
                return false;
            }
            int to = AddressMapping.levelEnd(address, missedFrom, address.length);
            return node.child(address, missedFrom, to) != null;
        }

        void renew(M newMatch, TrieWalk<V> walk, long now) {
            match = newMatch;
            nodes = walk.nodes();
            versions = walk.versions();
            misses = walk.misses();
            checkedAt = now;
        }
    }

    private final @Nullable Entry<V, M>[] slots;
    private final int[] seen;
    private int turn;

    MatchCache(int entries) {
        int size = Math.max(WAYS, Integer.highestOneBit(Math.max(1, entries)));
        this.slots = newSlots(size);
        this.seen = new int[size];
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    private static <V, M> @Nullable Entry<V, M>[] newSlots(int size) {
        return new Entry[size];
    }

    static int hash(byte[] address, int length) {
        return Murmur2.hash(address, 0, length) | 1; // 0 marks an unused slot of seen
    }

    @Nullable Entry<V, M> find(byte[] address, int length, int hash) {
        int set = set(hash);
        for (int i = set; i < set + WAYS; i++) {
            Entry<V, M> entry = slots[i];
            if (entry != null
                    && entry.hash == hash
                    && Arrays.equals(entry.address, 0, entry.address.length, address, 0, length)) {
                return entry;
            }
        }
        return null;
    }

    /** Whether the address was seen before; remembers it if not. */
    boolean admits(int hash) {
        int slot = (hash >>> 1) & seen.length - 1;
        if (seen[slot] == hash) {
            return true;
        }
        seen[slot] = hash;
        return false;
    }

    void put(Entry<V, M> entry) {
        int set = set(entry.hash);
        for (int i = set; i < set + WAYS; i++) {
            if (slots[i] == null) {
                slots[i] = entry;
                return;
            }
        }
        slots[set + (turn++ & WAYS - 1)] = entry;
    }

    private int set(int hash) {
        return (hash >>> 8) * WAYS & slots.length - 1;
    }
}
