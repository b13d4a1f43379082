// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.routing;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;

/**
 * One level of the subscription trie: the filters that end here, those that end here with {@code
 * #}, and the levels below. Its version moves when a match that walked through it may have become
 * wrong; a new literal level below does not move it, since only matches that missed that very level
 * care, and they look again.
 */
final class TrieNode<V> {
    private static final Object[] NOTHING = {};

    final byte @Nullable [] segment;
    final int hash;
    final @Nullable TrieNode<V> parent;
    int version;

    Object[] exact = NOTHING;
    Object[] below = NOTHING;
    @Nullable TrieNode<V> anyLevel;
    private @Nullable TrieNode<V> @Nullable [] table;
    private int children;

    TrieNode(byte @Nullable [] segment, @Nullable TrieNode<V> parent) {
        this.segment = segment;
        this.parent = parent;
        this.hash = segment == null ? 0 : hash(segment, 0, segment.length);
    }

    static int hash(byte[] bytes, int from, int to) {
        int h = 0;
        for (int i = from; i < to; i++) {
            h = 31 * h + bytes[i];
        }
        return h ^ h >>> 15;
    }

    boolean empty() {
        return exact.length == 0 && below.length == 0 && anyLevel == null && children == 0;
    }

    @Nullable TrieNode<V> child(byte[] bytes, int from, int to) {
        @Nullable TrieNode<V>[] slots = table;
        if (slots == null) {
            return null;
        }
        int wanted = hash(bytes, from, to);
        int mask = slots.length - 1;
        for (int i = wanted & mask; ; i = i + 1 & mask) {
            TrieNode<V> node = slots[i];
            if (node == null || node.hash == wanted && node.named(bytes, from, to)) {
                return node;
            }
        }
    }

    private boolean named(byte[] bytes, int from, int to) {
        return segment != null && Arrays.equals(segment, 0, segment.length, bytes, from, to);
    }

    TrieNode<V> childOrNew(byte[] bytes, int from, int to) {
        TrieNode<V> found = child(bytes, from, to);
        if (found != null) {
            return found;
        }
        TrieNode<V> added = new TrieNode<>(Arrays.copyOfRange(bytes, from, to), this);
        grow();
        place(added);
        children++;
        return added;
    }

    TrieNode<V> anyLevelOrNew() {
        TrieNode<V> found = anyLevel;
        if (found == null) {
            found = new TrieNode<>(null, this);
            anyLevel = found;
            version++;
        }
        return found;
    }

    void remove(TrieNode<V> child) {
        child.version++;
        if (child == anyLevel) {
            anyLevel = null;
            return;
        }
        @Nullable TrieNode<V>[] old = table;
        if (old == null) {
            return;
        }
        children--;
        table = children == 0 ? null : newTable(old.length);
        if (children > 0) {
            for (TrieNode<V> node : old) {
                if (node != null && node != child) {
                    place(node);
                }
            }
        }
    }

    private void grow() {
        @Nullable TrieNode<V>[] old = table;
        if (old == null) {
            table = newTable(4);
        } else if (2 * (children + 1) > old.length) {
            table = newTable(2 * old.length);
            for (TrieNode<V> node : old) {
                if (node != null) {
                    place(node);
                }
            }
        }
    }

    private void place(TrieNode<V> node) {
        @Nullable TrieNode<V>[] slots = table;
        if (slots == null) {
            return;
        }
        int mask = slots.length - 1;
        int i = node.hash & mask;
        while (slots[i] != null) {
            i = i + 1 & mask;
        }
        slots[i] = node;
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    private static <V> @Nullable TrieNode<V>[] newTable(int size) {
        return new TrieNode[size];
    }

    static Object[] with(Object[] values, Object added) {
        Object[] longer = Arrays.copyOf(values, values.length + 1);
        longer[values.length] = added;
        return longer;
    }

    /** Without the first value equal to {@code removed}; the same array if there is none. */
    static Object[] without(Object[] values, Object removed) {
        for (int i = 0; i < values.length; i++) {
            if (values[i].equals(removed)) {
                Object[] shorter = new Object[values.length - 1];
                System.arraycopy(values, 0, shorter, 0, i);
                System.arraycopy(values, i + 1, shorter, i, shorter.length - i);
                return shorter;
            }
        }
        return values;
    }
}
