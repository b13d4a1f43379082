// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.compaction;

import io.mortise.kernel.record.BatchFormat;
import io.netty.buffer.ByteBuf;

import java.util.HashMap;
import java.util.Map;

/** The last batch of every producer that may come back: its sequence and epoch must be found. */
public final class LastBatches {
    /** As the last offset of a producer: every batch of it stays. */
    public static final long ANY = Long.MAX_VALUE;

    private final Map<Long, Last> producers = new HashMap<>();

    private record Last(long offset, short epoch) {}

    /**
     * Adds a producer.
     *
     * @param lastOffset of its last batch with records; -1 if only markers are known; {@link #ANY}
     *     if it is not known which that is
     */
    public void add(long producerId, short epoch, long lastOffset) {
        producers.put(producerId, new Last(lastOffset, epoch));
    }

    boolean holds(ByteBuf batch, int index) {
        long producer = BatchFormat.producerId(batch, index);
        Last last = producer < 0 ? null : producers.get(producer);
        if (last == null) {
            return false;
        }
        if (last.offset() == ANY) {
            return true;
        }
        if (last.offset() >= 0) {
            return BatchFormat.nextOffset(batch, index) - 1 == last.offset();
        }
        return BatchFormat.control(batch, index)
                && BatchFormat.producerEpoch(batch, index) == last.epoch();
    }
}
