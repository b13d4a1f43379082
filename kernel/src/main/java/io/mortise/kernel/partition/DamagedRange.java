// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import io.mortise.spi.LogId;

/**
 * Offsets of a log that fail their check.
 *
 * @param from first of them
 * @param to one past the last; -1 if nothing from {@code from} on can be read
 * @param file of the engine, empty if unknown
 */
public record DamagedRange(LogId log, long from, long to, String file) {
    @Override
    public String toString() {
        String where = file.isEmpty() ? "" : " (file " + file + ")";
        return to < 0
                ? "from offset " + from + " on it is damaged and refused" + where
                : "offsets " + from + " to " + (to - 1) + " are damaged and refused" + where;
    }
}
