// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.routing;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** One way of an address through the trie: what it found, and which nodes it asked. Reusable. */
final class TrieWalk<V> {
    private static final int NO_MISS = -1;

    private final List<V> found = new ArrayList<>();
    private final List<TrieNode<V>> nodes = new ArrayList<>();
    private int[] misses = new int[16];
    private byte[] address = {};
    private int end;

    /** Walks from {@code root}; the address is borrowed, the result good until the next call. */
    List<V> walk(TrieNode<V> root, byte[] bytes, int length) {
        address = bytes;
        end = length;
        found.clear();
        nodes.clear();
        // leading wildcards match no address that starts with $ (MQTT 5.0, 4.7.2)
        visit(root, 0, length > 0 && bytes[0] == '$');
        return found;
    }

    private void visit(TrieNode<V> node, int from, boolean noWildcards) {
        int step = enter(node);
        if (!noWildcards) {
            collect(node.below);
        }
        if (from > end) {
            collect(node.exact);
            return;
        }
        int to = AddressMapping.levelEnd(address, from, end);
        TrieNode<V> child = node.child(address, from, to);
        if (child == null) {
            misses[step] = from;
        } else {
            visit(child, to + 1, false);
        }
        TrieNode<V> any = node.anyLevel;
        if (any != null && !noWildcards) {
            visit(any, to + 1, false);
        }
    }

    private int enter(TrieNode<V> node) {
        int step = nodes.size();
        nodes.add(node);
        if (step == misses.length) {
            misses = Arrays.copyOf(misses, 2 * step);
        }
        misses[step] = NO_MISS;
        return step;
    }

    @SuppressWarnings("unchecked")
    private void collect(Object[] values) {
        for (Object value : values) {
            found.add((V) value);
        }
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    TrieNode<V>[] nodes() {
        return nodes.toArray(new TrieNode[0]);
    }

    int[] versions() {
        int[] versions = new int[nodes.size()];
        for (int i = 0; i < versions.length; i++) {
            versions[i] = nodes.get(i).version;
        }
        return versions;
    }

    /** For each node, where the level starts that it had no child for, or -1. */
    int[] misses() {
        return Arrays.copyOf(misses, nodes.size());
    }
}
