// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.delivery;

import io.mortise.spi.Refusal;
import io.mortise.spi.broker.AckLevel;
import io.mortise.spi.broker.Partition;
import io.mortise.spi.broker.Session.PublishCallback;
import io.netty.buffer.ByteBuf;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;

/** One batch on its way into a partition, and who wants to hear of it. */
final class PendingBatch implements Partition.AppendCallback {
    final ByteBuf bytes;
    private final List<PublishCallback> atSequenced = new ArrayList<>(0);
    private final List<PublishCallback> atDurable = new ArrayList<>(0);
    private final List<SequencedListener> listeners = new ArrayList<>(0);
    private final List<Publishing> publishers = new ArrayList<>(1);
    private int[] deltas = {};

    /** Takes {@code bytes}. */
    PendingBatch(ByteBuf bytes) {
        this.bytes = bytes;
    }

    void add(
            int delta,
            AckLevel level,
            @Nullable PublishCallback callback,
            @Nullable SequencedListener listener) {
        if (callback != null) {
            (level == AckLevel.SEQUENCED ? atSequenced : atDurable).add(callback);
        }
        if (listener != null) {
            if (listeners.size() == deltas.length) {
                deltas = java.util.Arrays.copyOf(deltas, 2 * deltas.length + 4);
            }
            deltas[listeners.size()] = delta;
            listeners.add(listener);
        }
    }

    /** Some of it is {@code who}'s. */
    @SuppressWarnings("ReferenceEquality") // the same one mostly comes again
    void by(Publishing who) {
        if (publishers.isEmpty() || publishers.getLast() != who) {
            publishers.add(who);
        }
    }

    boolean holds(Publishing who) {
        return publishers.contains(who);
    }

    boolean wantsDurable() {
        return !atDurable.isEmpty();
    }

    void sequenced(Partition partition, long baseOffset) {
        bytes.release();
        for (int i = 0; i < listeners.size(); i++) {
            listeners.get(i).sequenced(partition, baseOffset + deltas[i]);
        }
        for (int i = 0; i < atSequenced.size(); i++) {
            atSequenced.get(i).completed(null);
        }
    }

    @Override
    public void completed(@Nullable Refusal refusal) {
        for (int i = 0; i < atDurable.size(); i++) {
            atDurable.get(i).completed(refusal);
        }
    }

    /** Nothing of it has a place. */
    void fail(Executor loop, Refusal refusal) {
        bytes.release();
        loop.execute(
                () -> {
                    for (PublishCallback callback : atSequenced) {
                        callback.completed(refusal);
                    }
                    completed(refusal);
                });
    }
}
