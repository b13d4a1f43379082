// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import io.mortise.spi.broker.Partition.EpochEnd;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** Which leader epoch began at which offset (KIP-101). Guarded by the partition's lock. */
final class EpochHistory {
    private static final EpochEnd UNKNOWN = new EpochEnd(-1, -1);

    private int[] epochs = new int[2];
    private long[] starts = new long[2];
    private int count;

    /** The newest epoch; -1 if there is none. */
    int latest() {
        return count == 0 ? -1 : epochs[count - 1];
    }

    /** Batches from {@code startOffset} on are of {@code epoch}; nothing if that is known. */
    void begin(int epoch, long startOffset) {
        if (epoch <= latest()) {
            return;
        }
        while (count > 0 && starts[count - 1] >= startOffset) {
            count--; // that epoch wrote nothing
        }
        if (count == epochs.length) {
            epochs = Arrays.copyOf(epochs, count * 2);
            starts = Arrays.copyOf(starts, count * 2);
        }
        epochs[count] = epoch;
        starts[count] = startOffset;
        count++;
    }

    /** The largest epoch not above {@code epoch} and where it ended, as Kafka answers it. */
    EpochEnd endOf(int epoch, long logEndOffset) {
        if (count == 0 || epoch < 0 || epoch > latest()) {
            return UNKNOWN;
        }
        int at = count - 1;
        while (at >= 0 && epochs[at] > epoch) {
            at--;
        }
        long end = at == count - 1 ? logEndOffset : starts[at + 1];
        return new EpochEnd(at < 0 ? epoch : epochs[at], end);
    }

    /** Forgets epochs that ended below {@code startOffset}. */
    void advanceStart(long startOffset) {
        int gone = 0;
        while (gone + 1 < count && starts[gone + 1] <= startOffset) {
            gone++;
        }
        if (gone > 0) {
            System.arraycopy(epochs, gone, epochs, 0, count - gone);
            System.arraycopy(starts, gone, starts, 0, count - gone);
            count -= gone;
        }
        if (count > 0 && starts[0] < startOffset) {
            starts[0] = startOffset;
        }
    }

    int encodedBytes() {
        return Integer.BYTES + count * (Integer.BYTES + Long.BYTES);
    }

    void encode(ByteBuffer target) {
        target.putInt(count);
        for (int i = 0; i < count; i++) {
            target.putInt(epochs[i]).putLong(starts[i]);
        }
    }

    static EpochHistory decode(ByteBuffer source) {
        var history = new EpochHistory();
        for (int left = source.getInt(); left > 0; left--) {
            history.begin(source.getInt(), source.getLong());
        }
        return history;
    }
}
