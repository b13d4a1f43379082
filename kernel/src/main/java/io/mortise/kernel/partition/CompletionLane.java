// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import io.mortise.spi.Refusal;
import io.mortise.spi.broker.AckLevel;
import io.mortise.spi.broker.Partition.AppendCallback;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;
import java.util.concurrent.Executor;

/**
 * The callbacks of one partition and executor, in the order of the appends. Guarded by the
 * partition's lock; {@link #queued} by the completer's.
 */
final class CompletionLane {
    private static final AckLevel[] LEVELS = AckLevel.values();

    final CompletionLanes among;
    final Completer completer;

    /** Waits in the completer's queue. */
    boolean queued;

    private long[] ends = new long[8];
    private byte[] levels = new byte[8];
    private @Nullable AppendCallback[] callbacks = new AppendCallback[8];
    private @Nullable Refusal[] refusals = new Refusal[8];
    private int head;
    private int size;

    /** Held only while someone waits, see {@link Completer}. */
    private @Nullable Executor executor;

    CompletionLane(CompletionLanes among, Completer completer) {
        this.among = among;
        this.completer = completer;
    }

    boolean isEmpty() {
        return size == 0;
    }

    @Nullable Executor executor() {
        return executor;
    }

    void add(Executor on, long endOffset, AckLevel level, AppendCallback callback) {
        executor = on;
        if (size == ends.length) {
            grow();
        }
        int at = (head + size) & (ends.length - 1);
        ends[at] = endOffset;
        levels[at] = (byte) level.ordinal();
        callbacks[at] = callback;
        refusals[at] = null;
        size++;
    }

    private void grow() {
        int length = ends.length;
        long[] moreEnds = new long[length * 2];
        byte[] moreLevels = new byte[length * 2];
        AppendCallback[] moreCallbacks = new AppendCallback[length * 2];
        Refusal[] moreRefusals = new Refusal[length * 2];
        for (int i = 0; i < size; i++) {
            int at = (head + i) & (length - 1);
            moreEnds[i] = ends[at];
            moreLevels[i] = levels[at];
            moreCallbacks[i] = callbacks[at];
            moreRefusals[i] = refusals[at];
        }
        ends = moreEnds;
        levels = moreLevels;
        callbacks = moreCallbacks;
        refusals = moreRefusals;
        head = 0;
    }

    /** Whether the first one can be told. */
    boolean ready(long writtenOffset, long durableOffset) {
        return size > 0 && reached(head, writtenOffset, durableOffset);
    }

    private boolean reached(int at, long writtenOffset, long durableOffset) {
        return switch (LEVELS[levels[at]]) {
            case SEQUENCED -> true;
            case WRITTEN -> ends[at] <= Math.max(writtenOffset, durableOffset);
            case DURABLE -> ends[at] <= durableOffset;
        };
    }

    /** Moves those that can be told into {@code batch} until it is full. */
    void drain(CallbackBatch batch, long writtenOffset, long durableOffset) {
        while (!batch.full() && ready(writtenOffset, durableOffset)) {
            AppendCallback callback = callbacks[head];
            if (callback != null) {
                batch.add(callback, refusals[head]);
            }
            callbacks[head] = null;
            refusals[head] = null;
            head = (head + 1) & (ends.length - 1);
            size--;
        }
        if (size == 0) {
            executor = null;
        }
    }

    /** Those that have not reached their level never will: all can be told, in order. */
    void fail(Refusal refusal, long writtenOffset, long durableOffset) {
        for (int i = 0; i < size; i++) {
            int at = (head + i) & (ends.length - 1);
            if (!reached(at, writtenOffset, durableOffset)) {
                refusals[at] = refusal;
            }
            levels[at] = (byte) AckLevel.SEQUENCED.ordinal();
        }
    }

    /** Callbacks on their way out of the lock. */
    static final class CallbackBatch {
        private final AppendCallback[] callbacks = new AppendCallback[128];
        private final @Nullable Refusal[] refusals = new Refusal[128];
        private int size;

        boolean full() {
            return size == callbacks.length;
        }

        boolean isEmpty() {
            return size == 0;
        }

        private void add(AppendCallback callback, @Nullable Refusal refusal) {
            callbacks[size] = callback;
            refusals[size] = refusal;
            size++;
        }

        int size() {
            return size;
        }

        AppendCallback callback(int index) {
            return callbacks[index];
        }

        @Nullable Refusal refusal(int index) {
            return refusals[index];
        }

        @SuppressWarnings("NullAway")
        void clear() {
            Arrays.fill(callbacks, 0, size, null);
            Arrays.fill(refusals, 0, size, null);
            size = 0;
        }
    }
}
