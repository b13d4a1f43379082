// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import io.mortise.kernel.record.TransactionMarker;
import io.mortise.spi.Reason;
import io.netty.util.collection.LongObjectHashMap;

import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.function.BiConsumer;

/**
 * What is remembered of idempotent producers (KIP-98): their epoch and last five batches. Guarded
 * by the partition's lock.
 */
final class ProducerStates {
    /** How a batch stands to what is known of its producer. */
    enum Verdict {
        IN_ORDER,
        /** One of the batches remembered: {@link #duplicate} has it. */
        DUPLICATE,
        /** Sent before, but older than what is remembered. */
        FORGOTTEN_DUPLICATE,
        OUT_OF_ORDER,
        FENCED,
        /** Outside of the transaction that is open. */
        NOT_TRANSACTIONAL,
        COORDINATOR_FENCED,
        UNKNOWN;

        /** Why such a batch is refused. */
        Reason reason() {
            return switch (this) {
                case FORGOTTEN_DUPLICATE -> Reason.DUPLICATE_SEQUENCE;
                case OUT_OF_ORDER -> Reason.OUT_OF_ORDER_SEQUENCE;
                case FENCED -> Reason.FENCED_PRODUCER;
                case UNKNOWN -> Reason.UNKNOWN_PRODUCER;
                case NOT_TRANSACTIONAL -> Reason.INVALID_TRANSACTION;
                case COORDINATOR_FENCED -> Reason.FENCED_COORDINATOR;
                case IN_ORDER, DUPLICATE -> throw new IllegalStateException(this + " is placed");
            };
        }
    }

    private final LongObjectHashMap<ProducerState> producers = new LongObjectHashMap<>(4);
    private final DuplicateBatch duplicate = new DuplicateBatch();

    /** Judges a batch; changes nothing. */
    Verdict judge(
            long producerId,
            short epoch,
            int firstSequence,
            int lastOffsetDelta,
            boolean transactional) {
        ProducerState state = producers.get(producerId);
        if (state == null) {
            return firstSequence <= 0 ? Verdict.IN_ORDER : Verdict.UNKNOWN;
        }
        Verdict verdict = state.judge(epoch, firstSequence, lastOffsetDelta, duplicate);
        boolean outside = !transactional && state.openFrom() != ProducerState.NONE_OPEN;
        return verdict == Verdict.IN_ORDER && outside ? Verdict.NOT_TRANSACTIONAL : verdict;
    }

    /** Judges a marker; changes nothing. */
    Verdict judge(TransactionMarker marker, int transactionVersion) {
        ProducerState state = producers.get(marker.producerId());
        return state == null
                ? Verdict.IN_ORDER
                : state.judge(
                        marker.producerEpoch(), marker.coordinatorEpoch(), transactionVersion);
    }

    /** The earlier batch, after the verdict DUPLICATE; valid until the next call. */
    DuplicateBatch duplicate() {
        return duplicate;
    }

    /**
     * Remembers a batch that is in the log.
     *
     * @return its producer
     */
    ProducerState remember(
            long producerId,
            short epoch,
            int firstSequence,
            int lastOffsetDelta,
            long baseOffset,
            long logAppendTimeMillis,
            long nowMillis) {
        ProducerState state = producers.get(producerId);
        if (state == null) {
            state = new ProducerState(epoch);
            producers.put(producerId, state);
        }
        state.remember(
                epoch,
                firstSequence,
                lastOffsetDelta,
                baseOffset + lastOffsetDelta,
                logAppendTimeMillis,
                nowMillis);
        return state;
    }

    /**
     * Remembers a marker that is in the log.
     *
     * @return where the transaction began; {@link ProducerState#NONE_OPEN} if there was none
     */
    long remember(TransactionMarker marker, long nowMillis) {
        ProducerState state = producers.get(marker.producerId());
        if (state == null) {
            state = new ProducerState(marker.producerEpoch());
            producers.put(marker.producerId(), state);
        }
        long began = state.openFrom();
        state.end(marker.producerEpoch(), marker.coordinatorEpoch(), nowMillis);
        return began;
    }

    /** Shows each producer. */
    void each(BiConsumer<Long, ProducerState> visitor) {
        for (var entry : producers.entries()) {
            visitor.accept(entry.key(), entry.value());
        }
    }

    /**
     * Forgets producers that were last heard of before {@code millis} and have no transaction open.
     */
    void expire(long millis) {
        Iterator<ProducerState> states = producers.values().iterator();
        while (states.hasNext()) {
            ProducerState state = states.next();
            if (state.lastUseMillis() < millis && state.openFrom() == ProducerState.NONE_OPEN) {
                states.remove();
            }
        }
    }

    int size() {
        return producers.size();
    }

    int encodedBytes() {
        return Integer.BYTES + producers.size() * (Long.BYTES + ProducerState.ENCODED_BYTES);
    }

    void encode(ByteBuffer target) {
        target.putInt(producers.size());
        for (var entry : producers.entries()) {
            target.putLong(entry.key());
            entry.value().encode(target);
        }
    }

    static ProducerStates decode(ByteBuffer source) {
        var states = new ProducerStates();
        for (int left = source.getInt(); left > 0; left--) {
            states.producers.put(source.getLong(), ProducerState.decode(source));
        }
        return states;
    }

    /** Where a duplicate's first sending went. */
    static final class DuplicateBatch {
        long baseOffset;
        long endOffset;
        long logAppendTimeMillis;
    }
}
