// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.compaction;

import io.mortise.kernel.record.BatchFormat;
import io.mortise.kernel.record.TransactionMarker;
import io.mortise.spi.broker.Partition.AbortedTransaction;
import io.netty.buffer.ByteBuf;

import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which transactions a walk over a log is inside of, batch after batch: records of aborted ones
 * count as nothing, and a marker may go once the walk meets no batch of its transaction any more.
 */
public final class TransactionTrail {
    private final Deque<AbortedTransaction> ahead;

    /** Aborted transactions that the walk is inside of: whether one of their batches was met. */
    private final Map<Long, Boolean> aborted = new HashMap<>();

    private final Set<Long> committed = new HashSet<>();

    /**
     * @param abortedTransactions that may have records where the walk goes
     */
    public TransactionTrail(List<AbortedTransaction> abortedTransactions) {
        List<AbortedTransaction> sorted =
                abortedTransactions.stream()
                        .sorted(Comparator.comparingLong(AbortedTransaction::firstOffset))
                        .toList();
        this.ahead = new ArrayDeque<>(sorted);
    }

    /**
     * Goes on over the batch at {@code index}.
     *
     * @return whether its records may go: a batch of an aborted transaction, or the marker of one
     *     that has no batches any more
     */
    boolean passes(ByteBuf batch, int index) {
        enter(BatchFormat.nextOffset(batch, index) - 1);
        if (BatchFormat.control(batch, index)) {
            return marker(batch, index);
        }
        if (!BatchFormat.transactional(batch, index)) {
            return false;
        }
        long producer = BatchFormat.producerId(batch, index);
        if (aborted.replace(producer, true) != null) {
            return true;
        }
        committed.add(producer);
        return false;
    }

    private void enter(long offset) {
        while (!ahead.isEmpty() && ahead.getFirst().firstOffset() <= offset) {
            aborted.putIfAbsent(ahead.removeFirst().producerId(), false);
        }
    }

    private boolean marker(ByteBuf batch, int index) {
        if (BatchFormat.recordCount(batch, index) == 0) {
            return true;
        }
        TransactionMarker marker = TransactionMarker.read(batch, index);
        if (marker == null) {
            return false; // of a kind that is not ours to judge
        }
        if (marker.commit()) {
            return !committed.remove(marker.producerId());
        }
        return !Boolean.TRUE.equals(aborted.remove(marker.producerId()));
    }
}
