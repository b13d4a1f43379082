// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import io.mortise.kernel.record.TransactionMarker;
import io.mortise.spi.LogId;
import io.mortise.spi.record.BatchHeader;
import io.mortise.spi.storage.CorruptLogException;
import io.mortise.spi.storage.LogSlice;
import io.mortise.spi.storage.LogStorage;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Rebuilds a partition's state from its file and the headers of the batches behind it. What is
 * damaged is passed over, and said.
 */
final class LogReplay {
    private static final Logger LOG = LoggerFactory.getLogger(LogReplay.class);
    private static final int READ_BYTES = 1 << 20;

    private final LogId id;
    private final LogStorage storage;
    private final long nowMillis;
    private final DamagedRanges damage;

    /**
     * @param nowMillis when producers that are found were last heard of, for all one knows: the
     *     timestamps of their records are their own
     */
    LogReplay(LogId id, LogStorage storage, long nowMillis, DamagedRanges damage) {
        this.damage = damage;
        this.id = id;
        this.storage = storage;
        this.nowMillis = nowMillis;
    }

    /**
     * @param saved what the state file held; may be of before a truncation
     */
    PartitionState state(@Nullable PartitionState saved) throws IOException {
        long start = storage.startOffset();
        long end = storage.endOffset();
        // A picture of what power loss took of a weak log knows too much.
        boolean usable = saved != null && saved.offset() <= end;
        PartitionState state = usable ? saved : PartitionState.empty(start);
        replay(state, Math.max(start, Math.min(state.offset(), end)), end);
        state.epochs().advanceStart(start);
        state.transactions().advanceStart(start);
        return new PartitionState(end, state.epochs(), state.producers(), state.transactions());
    }

    private void replay(PartitionState state, long from, long end) throws IOException {
        long next = from;
        while (next < end) {
            try {
                long read = step(state, next, end);
                if (read <= next) {
                    return;
                }
                next = read;
            } catch (CorruptLogException e) {
                long behind = damage.found(id, next, e);
                LOG.error(
                        "{}: producers, transactions and epochs of the damaged offsets from {} on"
                            + " are not known: producers that wrote there may be refused until they"
                            + " begin anew",
                        id,
                        next);
                if (behind <= next) {
                    return;
                }
                next = behind;
            }
        }
    }

    /** Where to go on. */
    private long step(PartitionState state, long next, long end) throws IOException {
        try (LogSlice slice = storage.read(next, end, READ_BYTES)) {
            if (slice.sizeInBytes() == 0) {
                return next;
            }
            for (LogSlice.Part part : slice.parts()) {
                replay(state, SliceBytes.of(part));
            }
            return slice.nextOffset();
        }
    }

    private void replay(PartitionState state, ByteBuffer batches) {
        int at = batches.position();
        while (at < batches.limit()) {
            replay(state, batches, at);
            at += BatchHeader.sizeInBytes(batches, at);
        }
    }

    private void replay(PartitionState state, ByteBuffer batches, int at) {
        long base = BatchHeader.baseOffset(batches, at);
        state.epochs().begin(BatchHeader.leaderEpoch(batches, at), base);
        int attributes = BatchHeader.attributes(batches, at);
        if ((attributes & BatchHeader.CONTROL) != 0) {
            replayMarker(state, batches, at);
        } else if (BatchHeader.producerId(batches, at) >= 0) {
            boolean appendTime = (attributes & BatchHeader.LOG_APPEND_TIME) != 0;
            long time = appendTime ? BatchHeader.maxTimestamp(batches, at) : -1;
            state.remember(batches, at, time, nowMillis);
        }
    }

    private void replayMarker(PartitionState state, ByteBuffer batches, int at) {
        int size = BatchHeader.sizeInBytes(batches, at);
        ByteBuf batch = Unpooled.wrappedBuffer(batches.slice(at, size));
        TransactionMarker marker = TransactionMarker.read(batch, 0);
        if (marker != null) {
            state.remember(marker, BatchHeader.baseOffset(batches, at), nowMillis);
        }
    }
}
