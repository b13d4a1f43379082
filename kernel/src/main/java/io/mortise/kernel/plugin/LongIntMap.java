// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.plugin;

/** Numbers by identifiers other than 0, without an object per entry. One thread. */
final class LongIntMap {
    private long[] keys = new long[1 << 10];
    private int[] values = new int[1 << 10];
    private int size;

    int size() {
        return size;
    }

    /** The number, or -1 if there is none. */
    int get(long key) {
        int slot = slot(key);
        return keys[slot] == key && key != 0 ? values[slot] : -1;
    }

    boolean contains(long key) {
        return key != 0 && keys[slot(key)] == key;
    }

    void put(long key, int value) {
        if (2 * (size + 1) > keys.length) {
            grow();
        }
        int slot = slot(key);
        size += keys[slot] == key ? 0 : 1;
        keys[slot] = key;
        values[slot] = value;
    }

    private int slot(long key) {
        int slot = (int) ((key * 0x9E3779B97F4A7C15L) >>> 32) & (keys.length - 1);
        while (keys[slot] != 0 && keys[slot] != key) {
            slot = (slot + 1) & (keys.length - 1);
        }
        return slot;
    }

    private void grow() {
        long[] oldKeys = keys;
        int[] oldValues = values;
        keys = new long[2 * oldKeys.length];
        values = new int[keys.length];
        size = 0;
        for (int i = 0; i < oldKeys.length; i++) {
            if (oldKeys[i] != 0) {
                put(oldKeys[i], oldValues[i]);
            }
        }
    }
}
