// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import io.mortise.kernel.partition.ProducerStates.DuplicateBatch;
import io.mortise.kernel.partition.ProducerStates.Verdict;

import java.nio.ByteBuffer;

/** One idempotent producer: its epoch and its last five batches, as in Apache Kafka. */
final class ProducerState {
    private static final int REMEMBERED = 5;

    static final int ENCODED_BYTES =
            Short.BYTES
                    + Long.BYTES
                    + Byte.BYTES
                    + REMEMBERED * (2 * Integer.BYTES + 2 * Long.BYTES);

    private short epoch;
    private long lastUseMillis;

    /** Newest last. */
    private final int[] lastSequences = new int[REMEMBERED];

    private final int[] deltas = new int[REMEMBERED];
    private final long[] lastOffsets = new long[REMEMBERED];
    private final long[] appendTimes = new long[REMEMBERED];
    private int count;

    ProducerState(short epoch) {
        this.epoch = epoch;
    }

    long lastUseMillis() {
        return lastUseMillis;
    }

    Verdict judge(short batchEpoch, int firstSequence, int delta, DuplicateBatch duplicate) {
        if (batchEpoch < epoch) {
            return Verdict.FENCED;
        }
        if (batchEpoch > epoch || count == 0) {
            return firstSequence == 0 ? Verdict.IN_ORDER : Verdict.OUT_OF_ORDER;
        }
        int lastSequence = sequenceAfter(firstSequence, delta);
        for (int i = 0; i < count; i++) {
            if (lastSequences[i] == lastSequence && deltas[i] == delta) {
                duplicate.baseOffset = lastOffsets[i] - delta;
                duplicate.endOffset = lastOffsets[i] + 1;
                duplicate.logAppendTimeMillis = appendTimes[i];
                return Verdict.DUPLICATE;
            }
        }
        return judgeNew(firstSequence, lastSequence);
    }

    private Verdict judgeNew(int firstSequence, int lastSequence) {
        int newest = lastSequences[count - 1];
        if (firstSequence == sequenceAfter(newest, 1)) {
            return Verdict.IN_ORDER;
        }
        int firstRemembered = sequenceAfter(lastSequences[0], -deltas[0]);
        int behind = (firstRemembered - lastSequence) & Integer.MAX_VALUE;
        boolean older = behind > 0 && behind < 1 << 30;
        return older ? Verdict.FORGOTTEN_DUPLICATE : Verdict.OUT_OF_ORDER;
    }

    /** Sequence numbers go from 2^31 - 1 to 0. */
    private static int sequenceAfter(int sequence, int steps) {
        return (sequence + steps) & Integer.MAX_VALUE;
    }

    void remember(
            short batchEpoch,
            int firstSequence,
            int delta,
            long lastOffset,
            long appendTimeMillis,
            long nowMillis) {
        if (batchEpoch != epoch) {
            epoch = batchEpoch;
            count = 0;
        }
        if (count == REMEMBERED) {
            forgetOldest();
        }
        lastSequences[count] = sequenceAfter(firstSequence, delta);
        deltas[count] = delta;
        lastOffsets[count] = lastOffset;
        appendTimes[count] = appendTimeMillis;
        count++;
        lastUseMillis = nowMillis;
    }

    private void forgetOldest() {
        count--;
        System.arraycopy(lastSequences, 1, lastSequences, 0, count);
        System.arraycopy(deltas, 1, deltas, 0, count);
        System.arraycopy(lastOffsets, 1, lastOffsets, 0, count);
        System.arraycopy(appendTimes, 1, appendTimes, 0, count);
    }

    /** Forgets batches at or past {@code endOffset}; false if nothing is left. */
    boolean truncate(long endOffset) {
        while (count > 0 && lastOffsets[count - 1] >= endOffset) {
            count--;
        }
        return count > 0;
    }

    void encode(ByteBuffer target) {
        target.putShort(epoch).putLong(lastUseMillis).put((byte) count);
        for (int i = 0; i < REMEMBERED; i++) {
            target.putInt(lastSequences[i]).putInt(deltas[i]);
            target.putLong(lastOffsets[i]).putLong(appendTimes[i]);
        }
    }

    static ProducerState decode(ByteBuffer source) {
        var state = new ProducerState(source.getShort());
        state.lastUseMillis = source.getLong();
        state.count = source.get();
        for (int i = 0; i < REMEMBERED; i++) {
            state.lastSequences[i] = source.getInt();
            state.deltas[i] = source.getInt();
            state.lastOffsets[i] = source.getLong();
            state.appendTimes[i] = source.getLong();
        }
        return state;
    }
}
