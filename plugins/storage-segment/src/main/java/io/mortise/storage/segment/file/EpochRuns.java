// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.segment.file;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Which leader epochs the batches of an extent carry, by position: a batch's own CRC leaves its
 * epoch out. A run is of one epoch, up to the next run. Immutable.
 */
public final class EpochRuns {
    /** Of batches that may carry any epoch. */
    public static final int UNKNOWN = Integer.MIN_VALUE;

    /** Nothing is known. */
    public static final EpochRuns NONE = new EpochRuns(new int[0], new int[0]);

    /** As many as a sector has room for; the last one is of unknown epochs. */
    private static final int MOST = 56;

    private final int[] positions;
    private final int[] epochs;

    private EpochRuns(int[] positions, int[] epochs) {
        this.positions = positions;
        this.epochs = epochs;
    }

    /** From {@code position} on all batches carry {@code epoch}. */
    public EpochRuns with(int position, int epoch) {
        int kept = before(position);
        if (kept == MOST || (kept > 0 && epochs[kept - 1] == epoch)) {
            return prefix(kept);
        }
        int[] newPositions = Arrays.copyOf(positions, kept + 1);
        int[] newEpochs = Arrays.copyOf(epochs, kept + 1);
        newPositions[kept] = position;
        newEpochs[kept] = kept == MOST - 1 ? UNKNOWN : epoch;
        return new EpochRuns(newPositions, newEpochs);
    }

    /** Nothing lies at {@code position} or behind it. */
    public EpochRuns cut(int position) {
        return prefix(before(position));
    }

    /** The epoch of the batch at {@code position}. */
    public int at(int position) {
        int run = before(position + 1) - 1;
        return run < 0 ? UNKNOWN : epochs[run];
    }

    /** Whether a batch at {@code position} may carry {@code epoch}. */
    public boolean allow(int position, int epoch) {
        int expected = at(position);
        return expected == UNKNOWN || expected == epoch;
    }

    /** Runs that begin before {@code position}. */
    private int before(int position) {
        int count = positions.length;
        while (count > 0 && positions[count - 1] >= position) {
            count--;
        }
        return count;
    }

    private EpochRuns prefix(int count) {
        return count == positions.length
                ? this
                : new EpochRuns(Arrays.copyOf(positions, count), Arrays.copyOf(epochs, count));
    }

    /** Bytes of {@link #put}. */
    int size() {
        return 4 + 8 * positions.length;
    }

    void put(ByteBuffer target) {
        target.putInt(positions.length);
        for (int i = 0; i < positions.length; i++) {
            target.putInt(positions[i]).putInt(epochs[i]);
        }
    }

    /** Bytes of the runs that lie at {@code at}; -1 if these are none. */
    static int size(ByteBuffer source, int at) {
        int count = source.getInt(at);
        return count < 0 || count > MOST ? -1 : 4 + 8 * count;
    }

    static EpochRuns read(ByteBuffer source) {
        int count = source.getInt();
        int[] positions = new int[count];
        int[] epochs = new int[count];
        for (int i = 0; i < count; i++) {
            positions[i] = source.getInt();
            epochs[i] = source.getInt();
        }
        return new EpochRuns(positions, epochs);
    }
}
