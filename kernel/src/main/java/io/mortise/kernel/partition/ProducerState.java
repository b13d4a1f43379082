// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import io.mortise.kernel.compaction.LastBatches;
import io.mortise.kernel.partition.ProducerStates.DuplicateBatch;
import io.mortise.kernel.partition.ProducerStates.Verdict;

import java.nio.ByteBuffer;

/** One idempotent producer: its epoch and its last five batches, as in Apache Kafka. */
final class ProducerState {
    private static final int REMEMBERED = 5;

    static final int ENCODED_BYTES =
            Short.BYTES
                    + Integer.BYTES
                    + 2 * Long.BYTES
                    + Byte.BYTES
                    + REMEMBERED * (2 * Integer.BYTES + 2 * Long.BYTES);

    /** No transaction is open. */
    static final long NONE_OPEN = -1;

    /** Of a batch that carries none: the broker's own on behalf of a transaction. */
    private static final int NO_SEQUENCE = -1;

    private short epoch;
    private int coordinatorEpoch = -1;
    private long openFrom = NONE_OPEN;
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

    short epoch() {
        return epoch;
    }

    /** First offset of the open transaction; {@link #NONE_OPEN} if there is none. */
    long openFrom() {
        return openFrom;
    }

    void open(long firstOffset) {
        openFrom = firstOffset;
    }

    /**
     * Last offset of its last batch below {@code end}; -1 if only markers are known, {@link
     * LastBatches#ANY} if all that is remembered lies past it.
     */
    long lastOffsetBelow(long end) {
        for (int i = count - 1; i >= 0; i--) {
            if (lastOffsets[i] < end) {
                return lastOffsets[i];
            }
        }
        return count == 0 ? -1 : LastBatches.ANY;
    }

    /**
     * Judges a marker.
     *
     * @param transactionVersion from 2 on each transaction has an epoch of its own, which its
     *     marker has raised (KIP-890)
     */
    Verdict judge(short markerEpoch, int coordinator, int transactionVersion) {
        boolean raises = transactionVersion >= 2;
        boolean again = raises && markerEpoch == epoch && openFrom == NONE_OPEN;
        boolean last = raises && markerEpoch == epoch && markerEpoch == Short.MAX_VALUE;
        if (raises ? markerEpoch <= epoch && !again && !last : markerEpoch < epoch) {
            return Verdict.FENCED;
        }
        return coordinator < coordinatorEpoch ? Verdict.COORDINATOR_FENCED : Verdict.IN_ORDER;
    }

    /** The transaction is over. */
    void end(short markerEpoch, int coordinator, long nowMillis) {
        enter(markerEpoch);
        coordinatorEpoch = coordinator;
        openFrom = NONE_OPEN;
        lastUseMillis = nowMillis;
    }

    private void enter(short newEpoch) {
        if (newEpoch != epoch) {
            epoch = newEpoch;
            count = 0;
        }
    }

    Verdict judge(short batchEpoch, int firstSequence, int delta, DuplicateBatch duplicate) {
        if (batchEpoch < epoch) {
            return Verdict.FENCED;
        }
        if (firstSequence == NO_SEQUENCE) {
            return Verdict.IN_ORDER;
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
        enter(batchEpoch);
        if (count == REMEMBERED) {
            forgetOldest();
        }
        lastSequences[count] =
                firstSequence == NO_SEQUENCE ? NO_SEQUENCE : sequenceAfter(firstSequence, delta);
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

    void encode(ByteBuffer target) {
        target.putShort(epoch).putInt(coordinatorEpoch).putLong(openFrom);
        target.putLong(lastUseMillis).put((byte) count);
        for (int i = 0; i < REMEMBERED; i++) {
            target.putInt(lastSequences[i]).putInt(deltas[i]);
            target.putLong(lastOffsets[i]).putLong(appendTimes[i]);
        }
    }

    static ProducerState decode(ByteBuffer source) {
        var state = new ProducerState(source.getShort());
        state.coordinatorEpoch = source.getInt();
        state.openFrom = source.getLong();
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
