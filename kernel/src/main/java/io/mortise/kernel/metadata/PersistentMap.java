// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.metadata;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * An immutable hash trie: {@link #with} and {@link #without} share all but the path to the change,
 * so that a change costs the same among ten topics and a hundred thousand. Look-ups allocate
 * nothing. Iteration has no order.
 */
public final class PersistentMap<K, V> {
    private static final PersistentMap<?, ?> EMPTY = new PersistentMap<>(null, 0);
    private static final int BITS = 5;
    private static final int MASK = (1 << BITS) - 1;

    /** A branch, an entry, or entries whose hashes are equal. */
    private sealed interface Node<K, V> {}

    private record Entry<K, V>(int hash, K key, V value) implements Node<K, V> {}

    private record Branch<K, V>(int bitmap, Node<K, V>[] children) implements Node<K, V> {}

    private record Collision<K, V>(int hash, List<Entry<K, V>> entries) implements Node<K, V> {}

    private final @Nullable Node<K, V> root;
    private final int size;

    private PersistentMap(@Nullable Node<K, V> root, int size) {
        this.root = root;
        this.size = size;
    }

    /** The map without entries. */
    @SuppressWarnings("unchecked") // holds nothing of any type
    public static <K, V> PersistentMap<K, V> empty() {
        return (PersistentMap<K, V>) EMPTY;
    }

    public int size() {
        return size;
    }

    public boolean isEmpty() {
        return size == 0;
    }

    /** The value, or null if there is none. */
    public @Nullable V find(K key) {
        int hash = spread(key);
        Node<K, V> node = root;
        int shift = 0;
        while (node instanceof Branch<K, V> branch) {
            int bit = bit(hash, shift);
            if ((branch.bitmap & bit) == 0) {
                return null;
            }
            node = branch.children[index(branch.bitmap, bit)];
            shift += BITS;
        }
        return node == null ? null : leaf(node, key);
    }

    private static <K, V> @Nullable V leaf(Node<K, V> node, K key) {
        return switch (node) {
            case Entry<K, V> entry -> entry.key.equals(key) ? entry.value : null;
            case Collision<K, V> collision -> {
                int at = indexOf(collision, key);
                yield at < 0 ? null : collision.entries.get(at).value;
            }
            case Branch<K, V> _ -> throw new IllegalStateException("a branch is no leaf");
        };
    }

    /** This map with {@code value} under {@code key}. */
    public PersistentMap<K, V> with(K key, V value) {
        boolean replaced = find(key) != null;
        Entry<K, V> entry = new Entry<>(spread(key), key, value);
        Node<K, V> changed = root == null ? entry : put(root, entry, 0);
        return new PersistentMap<>(changed, replaced ? size : size + 1);
    }

    /** This map without {@code key}. */
    public PersistentMap<K, V> without(K key) {
        if (root == null || find(key) == null) {
            return this;
        }
        return size == 1
                ? empty()
                : new PersistentMap<>(remove(root, key, spread(key), 0), size - 1);
    }

    /** Hands every entry to {@code consumer}. */
    public void forEach(BiConsumer<? super K, ? super V> consumer) {
        if (root != null) {
            visit(root, consumer);
        }
    }

    /** A new list of all values. */
    public List<V> values() {
        List<V> values = new ArrayList<>(size);
        forEach((_, value) -> values.add(value));
        return values;
    }

    private static <K, V> void visit(Node<K, V> node, BiConsumer<? super K, ? super V> consumer) {
        switch (node) {
            case Entry<K, V> entry -> consumer.accept(entry.key, entry.value);
            case Collision<K, V> collision ->
                    collision.entries.forEach(entry -> visit(entry, consumer));
            case Branch<K, V> branch -> {
                for (Node<K, V> child : branch.children) {
                    visit(child, consumer);
                }
            }
        }
    }

    private static <K, V> Node<K, V> put(Node<K, V> node, Entry<K, V> added, int shift) {
        return switch (node) {
            case Entry<K, V> entry -> {
                if (entry.key.equals(added.key)) {
                    yield added;
                }
                yield entry.hash == added.hash
                        ? new Collision<>(added.hash, List.of(entry, added))
                        : join(entry, entry.hash, added, shift);
            }
            case Collision<K, V> collision ->
                    collision.hash == added.hash
                            ? collide(collision, added)
                            : join(collision, collision.hash, added, shift);
            case Branch<K, V> branch -> putBelow(branch, added, shift);
        };
    }

    private static <K, V> Node<K, V> putBelow(Branch<K, V> branch, Entry<K, V> added, int shift) {
        int bit = bit(added.hash, shift);
        int index = index(branch.bitmap, bit);
        if ((branch.bitmap & bit) != 0) {
            Node<K, V>[] children = branch.children.clone();
            children[index] = put(children[index], added, shift + BITS);
            return new Branch<>(branch.bitmap, children);
        }
        Node<K, V>[] children = Arrays.copyOf(branch.children, branch.children.length + 1);
        System.arraycopy(
                branch.children, index, children, index + 1, branch.children.length - index);
        children[index] = added;
        return new Branch<>(branch.bitmap | bit, children);
    }

    private static <K, V> Node<K, V> collide(Collision<K, V> collision, Entry<K, V> added) {
        List<Entry<K, V>> entries = new ArrayList<>(collision.entries);
        int at = indexOf(collision, added.key);
        if (at < 0) {
            entries.add(added);
        } else {
            entries.set(at, added);
        }
        return new Collision<>(collision.hash, entries);
    }

    /** A branch (or several, one below the other) over two nodes of different hashes. */
    private static <K, V> Node<K, V> join(
            Node<K, V> old, int oldHash, Entry<K, V> added, int shift) {
        int oldBit = bit(oldHash, shift);
        int addedBit = bit(added.hash, shift);
        if (oldBit == addedBit) {
            return new Branch<>(oldBit, children(join(old, oldHash, added, shift + BITS)));
        }
        boolean oldFirst = Integer.compareUnsigned(oldBit, addedBit) < 0;
        return new Branch<>(
                oldBit | addedBit, oldFirst ? children(old, added) : children(added, old));
    }

    private static <K, V> @Nullable Node<K, V> remove(Node<K, V> node, K key, int hash, int shift) {
        return switch (node) {
            case Entry<K, V> _ -> null;
            case Collision<K, V> collision -> {
                List<Entry<K, V>> rest = new ArrayList<>(collision.entries);
                rest.remove(indexOf(collision, key));
                yield rest.size() == 1 ? rest.getFirst() : new Collision<>(hash, rest);
            }
            case Branch<K, V> branch -> removeBelow(branch, key, hash, shift);
        };
    }

    private static <K, V> @Nullable Node<K, V> removeBelow(
            Branch<K, V> branch, K key, int hash, int shift) {
        int bit = bit(hash, shift);
        int index = index(branch.bitmap, bit);
        Node<K, V> child = remove(branch.children[index], key, hash, shift + BITS);
        int length = branch.children.length;
        if (child != null) {
            if (length == 1 && !(child instanceof Branch<K, V>)) {
                return child;
            }
            Node<K, V>[] children = branch.children.clone();
            children[index] = child;
            return new Branch<>(branch.bitmap, children);
        }
        if (length == 1) {
            return null;
        }
        if (length == 2 && !(branch.children[1 - index] instanceof Branch<K, V>)) {
            return branch.children[1 - index];
        }
        Node<K, V>[] children = Arrays.copyOf(branch.children, length - 1);
        System.arraycopy(branch.children, index + 1, children, index, length - 1 - index);
        return new Branch<>(branch.bitmap & ~bit, children);
    }

    @SafeVarargs
    @SuppressWarnings("varargs") // the array is made here and kept
    private static <K, V> Node<K, V>[] children(Node<K, V>... nodes) {
        return nodes;
    }

    private static <K, V> int indexOf(Collision<K, V> collision, K key) {
        for (int i = 0; i < collision.entries.size(); i++) {
            if (collision.entries.get(i).key.equals(key)) {
                return i;
            }
        }
        return -1;
    }

    private static int spread(Object key) {
        int hash = key.hashCode() * 0x9E3779B9;
        return hash ^ (hash >>> 15);
    }

    private static int bit(int hash, int shift) {
        return 1 << ((hash >>> shift) & MASK);
    }

    private static int index(int bitmap, int bit) {
        return Integer.bitCount(bitmap & (bit - 1));
    }
}
