// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.security;

import org.jspecify.annotations.Nullable;

import java.util.Map;

/**
 * From names to sets of operations; looks up a part of a name without cutting it out. Immutable.
 */
final class LiteralTable {
    private final @Nullable String[] names;
    private final int[] operations;

    LiteralTable(Map<String, Integer> entries) {
        int size = Integer.highestOneBit(Math.max(1, entries.size()) * 4);
        names = new String[size];
        operations = new int[size];
        entries.forEach(this::put);
    }

    private void put(String name, int mask) {
        int slot = hash(name, name.length()) & (names.length - 1);
        while (names[slot] != null) {
            slot = (slot + 1) & (names.length - 1);
        }
        names[slot] = name;
        operations[slot] = mask;
    }

    /**
     * The operations of the first {@code length} characters of {@code name}; 0 if there are none.
     */
    int find(String name, int length) {
        int slot = hash(name, length) & (names.length - 1);
        String candidate = names[slot];
        while (candidate != null) {
            if (candidate.length() == length && name.startsWith(candidate)) {
                return operations[slot];
            }
            slot = (slot + 1) & (names.length - 1);
            candidate = names[slot];
        }
        return 0;
    }

    private static int hash(String name, int length) {
        int hash = 0;
        for (int i = 0; i < length; i++) {
            hash = 31 * hash + name.charAt(i);
        }
        return hash ^ (hash >>> 16);
    }
}
