// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.routing;

import java.util.List;
import java.util.function.Function;

/**
 * Which subscriptions an address matches: a trie over levels with {@code +} for one level and
 * {@code #} for any number at the end; leading wildcards do not match addresses that start with
 * {@code $} (MQTT 5.0, 4.7.2). Matches of addresses that come again are cached; a cached match
 * knows the nodes it walked and stays good while none of them changed.
 *
 * <p>Not thread-safe: each event loop has its own with the subscriptions of its own sessions.
 *
 * @param <V> a subscription; compared by {@code equals} on removal
 * @param <M> what a caller makes of the matching subscriptions, once per cached match
 */
public final class SubscriptionIndex<V, M> {
    private final TrieNode<V> root = new TrieNode<>(null, null);
    private final Function<List<V>, M> compose;
    private final MatchCache<V, M> cache;
    private final TrieWalk<V> walk = new TrieWalk<>();
    private long version;
    private int size;

    /**
     * @param compose makes the result of a match; given a list that is borrowed and may be empty
     * @param cacheEntries bound of the match cache
     */
    public SubscriptionIndex(Function<List<V>, M> compose, int cacheEntries) {
        this.compose = compose;
        this.cache = new MatchCache<>(cacheEntries);
    }

    /** How many subscriptions are held. */
    public int size() {
        return size;
    }

    /** Adds a subscription under a legal filter, levels parted by {@code /}. */
    public void add(byte[] filter, V value) {
        TrieNode<V> node = root;
        int from = 0;
        while (true) {
            int to = AddressMapping.levelEnd(filter, from, filter.length);
            if (is(filter, from, to, '#')) {
                node.below = TrieNode.with(node.below, value);
                break;
            }
            node =
                    is(filter, from, to, '+')
                            ? node.anyLevelOrNew()
                            : node.childOrNew(filter, from, to);
            if (to == filter.length) {
                node.exact = TrieNode.with(node.exact, value);
                break;
            }
            from = to + 1;
        }
        node.version++;
        version++;
        size++;
    }

    /** Removes a subscription added under the same filter; false if there was none. */
    public boolean remove(byte[] filter, V value) {
        TrieNode<V> node = root;
        int from = 0;
        boolean below = false;
        while (from <= filter.length) {
            int to = AddressMapping.levelEnd(filter, from, filter.length);
            below = is(filter, from, to, '#');
            TrieNode<V> next =
                    below
                            ? node
                            : is(filter, from, to, '+')
                                    ? node.anyLevel
                                    : node.child(filter, from, to);
            if (next == null) {
                return false;
            }
            node = next;
            from = to + 1;
        }
        return removeAt(node, below, value);
    }

    private boolean removeAt(TrieNode<V> node, boolean below, V value) {
        Object[] old = below ? node.below : node.exact;
        Object[] rest = TrieNode.without(old, value);
        if (rest.length == old.length) {
            return false;
        }
        if (below) {
            node.below = rest;
        } else {
            node.exact = rest;
        }
        node.version++;
        version++;
        size--;
        prune(node);
        return true;
    }

    private static <V> void prune(TrieNode<V> leaf) {
        TrieNode<V> node = leaf;
        TrieNode<V> parent = node.parent;
        while (parent != null && node.empty()) {
            parent.remove(node);
            node = parent;
            parent = node.parent;
        }
    }

    /** What matches the first {@code length} bytes of {@code address}, which are borrowed. */
    public M match(byte[] address, int length) {
        int hash = MatchCache.hash(address, length);
        MatchCache.Entry<V, M> entry = cache.find(address, length, hash);
        if (entry != null && entry.current(version)) {
            return entry.match;
        }
        M match = compose.apply(walk.walk(root, address, length));
        if (entry != null) {
            entry.renew(match, walk, version);
        } else if (cache.admits(hash)) {
            cache.put(new MatchCache.Entry<>(address, length, hash, match, walk, version));
        }
        return match;
    }

    private static boolean is(byte[] filter, int from, int to, char wildcard) {
        return to - from == 1 && filter[from] == wildcard;
    }
}
