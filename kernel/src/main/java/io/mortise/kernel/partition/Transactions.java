// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import io.mortise.spi.broker.Partition.AbortedTransaction;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;

/**
 * The transactions of one partition: where those that are open began, and which were aborted.
 * Guarded by the partition's lock.
 */
final class Transactions {
    private static final int ENCODED_BYTES = 3 * Long.BYTES;

    /** First offset of each open one, with its producer. */
    private final TreeMap<Long, Long> open = new TreeMap<>();

    /** First offset of each one that ended, with its marker's, which is not durable yet. */
    private final TreeMap<Long, Long> unsettled = new TreeMap<>();

    /** In the order of their markers. */
    private List<Aborted> aborted = new ArrayList<>();

    private record Aborted(long producerId, long firstOffset, long markerOffset) {}

    /** A producer's first record since its last marker. */
    void begin(long producerId, long firstOffset) {
        open.put(firstOffset, producerId);
    }

    /** The marker at {@code markerOffset} ends what began at {@code firstOffset}. */
    void end(long producerId, long firstOffset, long markerOffset, boolean commit) {
        open.remove(firstOffset);
        unsettled.put(firstOffset, markerOffset);
        if (!commit) {
            aborted.add(new Aborted(producerId, firstOffset, markerOffset));
        }
    }

    /** No transaction is open, or ended and not settled, below the result. */
    long lastStable(long highWatermark, long logStart) {
        if (open.isEmpty() && unsettled.isEmpty()) {
            return highWatermark;
        }
        unsettled.values().removeIf(marker -> marker < highWatermark);
        long first = highWatermark;
        if (!open.isEmpty()) {
            first = Math.min(first, open.firstKey());
        }
        if (!unsettled.isEmpty()) {
            first = Math.min(first, unsettled.firstKey());
        }
        return Math.min(highWatermark, Math.max(first, logStart));
    }

    /** Aborted ones with records from {@code from} to below {@code to}. */
    List<AbortedTransaction> aborted(long from, long to) {
        if (aborted.isEmpty()) {
            return List.of();
        }
        List<AbortedTransaction> found = new ArrayList<>();
        for (Aborted one : aborted) {
            if (one.markerOffset() >= from && one.firstOffset() < to) {
                found.add(new AbortedTransaction(one.producerId(), one.firstOffset()));
            }
        }
        return found;
    }

    /** Nothing is left of the aborted transactions with these markers. */
    void forget(Set<Long> markerOffsets) {
        if (!markerOffsets.isEmpty()) {
            aborted.removeIf(one -> markerOffsets.contains(one.markerOffset()));
        }
    }

    /** Forgets what lies wholly below. */
    void advanceStart(long offset) {
        if (!aborted.isEmpty()) {
            aborted.removeIf(one -> one.markerOffset() < offset);
        }
    }

    int encodedBytes() {
        return Integer.BYTES + aborted.size() * ENCODED_BYTES;
    }

    /** Those that are open are known by their producers. */
    void encode(ByteBuffer target) {
        target.putInt(aborted.size());
        for (Aborted one : aborted) {
            target.putLong(one.producerId()).putLong(one.firstOffset()).putLong(one.markerOffset());
        }
    }

    static Transactions decode(ByteBuffer source) {
        var transactions = new Transactions();
        int count = source.getInt();
        transactions.aborted = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            transactions.aborted.add(
                    new Aborted(source.getLong(), source.getLong(), source.getLong()));
        }
        return transactions;
    }
}
