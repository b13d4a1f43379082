// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.segment;

import java.util.Arrays;

/**
 * Where the batches of an extent lie: one entry for each block of at least 8 KB, at the boundary
 * where it begins. Guarded by the log's lock.
 */
final class SparseIndex {
    /** A block ends at the first boundary at or past this many bytes. */
    static final int BLOCK = 8 << 10;

    long[] offsets;
    int[] positions;
    int count;

    SparseIndex(int capacity) {
        offsets = new long[Math.max(2, capacity)];
        positions = new int[Math.max(2, capacity)];
    }

    /** Notes a batch at the end, which begins a block if the last one is full. */
    void batch(long offset, int position) {
        if (count == 0 || position - positions[count - 1] >= BLOCK) {
            add(offset, position);
        }
    }

    /** Has a block begin here, whether or not the last one is full. */
    void begin(long offset, int position) {
        if (count == 0 || positions[count - 1] < position) {
            add(offset, position);
        }
    }

    void add(long offset, int position) {
        if (count == offsets.length) {
            offsets = Arrays.copyOf(offsets, count * 2);
            positions = Arrays.copyOf(positions, count * 2);
        }
        offsets[count] = offset;
        positions[count++] = position;
    }

    /** The last entry at or below {@code offset}; 0 if none is. */
    int floor(long offset) {
        int found = Arrays.binarySearch(offsets, 0, count, offset);
        return found >= 0 ? found : Math.max(0, -found - 2);
    }

    /** The last entry at or below {@code position}; 0 if none is. */
    int floorPosition(int position) {
        int found = Arrays.binarySearch(positions, 0, count, position);
        return found >= 0 ? found : Math.max(0, -found - 2);
    }

    /** Forgets entries at or past {@code position}. */
    void cut(int position) {
        while (count > 0 && positions[count - 1] >= position) {
            count--;
        }
    }
}
