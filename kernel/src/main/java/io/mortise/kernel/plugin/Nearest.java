// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.plugin;

import org.jspecify.annotations.Nullable;

import java.util.Collection;

/** The name that someone probably meant. */
final class Nearest {
    private Nearest() {}

    /** The nearest by edit distance, or null if none is near. */
    static @Nullable String of(String name, Collection<String> names) {
        String best = null;
        int bestDistance = Math.max(2, name.length() / 2);
        for (String candidate : names) {
            int distance = distance(name, candidate);
            if (distance <= bestDistance && (best == null || distance < bestDistance)) {
                best = candidate;
                bestDistance = distance;
            }
        }
        return best;
    }

    private static int distance(String one, String other) {
        int[] row = new int[other.length() + 1];
        for (int j = 0; j < row.length; j++) {
            row[j] = j;
        }
        for (int i = 1; i <= one.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j < row.length; j++) {
                int replaced = diagonal + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[other.length()];
    }
}
