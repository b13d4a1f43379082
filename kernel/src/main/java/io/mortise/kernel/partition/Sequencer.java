// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import io.mortise.kernel.partition.LogStanding.Phase;
import io.mortise.kernel.partition.ProducerStates.DuplicateBatch;
import io.mortise.kernel.partition.ProducerStates.Verdict;
import io.mortise.kernel.record.TransactionMarker;
import io.mortise.spi.Durability;
import io.mortise.spi.LogId;
import io.mortise.spi.Reason;
import io.mortise.spi.Refusal;
import io.mortise.spi.broker.AckLevel;
import io.mortise.spi.broker.Partition.AppendCallback;
import io.mortise.spi.broker.Placement;
import io.mortise.spi.record.BatchHeader;
import io.netty.buffer.ByteBuf;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.Executor;

/**
 * One partition's order: checks batches, numbers them and copies them into the ring, under the lock
 * of {@link LogStanding}. Any thread.
 */
final class Sequencer {
    private final PartitionLog log;
    private final PartitionContext context;
    private final LogId id;
    private final LogStanding standing;
    private final LogRounds rounds;
    private final Refusal ringFull;
    private final Refusal writerBehind;
    private final Refusal offsetsSpent;

    /** Guarded by the lock. */
    private final BatchStamp stamp = new BatchStamp();

    Sequencer(PartitionLog log, PartitionContext context) {
        this.log = log;
        this.context = context;
        this.id = log.logId();
        this.standing = log.standing();
        this.rounds = log.rounds();
        PartitionOptions options = context.options();
        this.ringFull = busy("the ring of " + options.ringBytes() + " bytes is full");
        this.writerBehind = busy(options.unwrittenBytes() + " bytes wait to be written");
        this.offsetsSpent = busy("offsets are being reserved");
    }

    private Refusal busy(String why) {
        return new Refusal(Reason.BUSY, id + ": " + why);
    }

    /**
     * Gives checked batches their place.
     *
     * @param marker what they are, if they are one
     * @param into where the place is told
     */
    boolean append(
            ByteBuf batches,
            @Nullable MarkerAppend marker,
            int expectedLeaderEpoch,
            AckLevel level,
            Executor executor,
            @Nullable AppendCallback callback,
            Placement into) {
        if (tryAppend(batches, marker, expectedLeaderEpoch, level, executor, callback, into)) {
            return true;
        }
        return isRingFull(into)
                && context.memory().reclaim(standing.ring.chunkBytes(batches.readableBytes()))
                && tryAppend(batches, marker, expectedLeaderEpoch, level, executor, callback, into);
    }

    /**
     * A marker on its way into the log.
     *
     * @param transactionVersion that its producer keeps to; from 2 on a marker raises the epoch
     */
    record MarkerAppend(TransactionMarker marker, int transactionVersion) {}

    @SuppressWarnings("ReferenceEquality") // the one object that says so
    private boolean isRingFull(Placement placement) {
        return placement.refusal() == ringFull;
    }

    private boolean tryAppend(
            ByteBuf batches,
            @Nullable MarkerAppend marker,
            int expectedLeaderEpoch,
            AckLevel level,
            Executor executor,
            @Nullable AppendCallback callback,
            Placement into) {
        Completer completer = null;
        EngineWriter wakes;
        standing.lock.lock();
        try {
            if (!sequence(batches, marker, expectedLeaderEpoch, into)) {
                return false;
            }
            if (callback != null) {
                completer = standing.lanes.await(executor, into.endOffset(), level, callback);
            }
            wakes = standing.writer;
        } finally {
            standing.lock.unlock();
        }
        if (completer != null) {
            completer.fire();
        }
        if (!into.duplicate()) {
            if (wakes != null) {
                wakes.wake();
            }
            log.moved();
        }
        return true;
    }

    private boolean sequence(
            ByteBuf batches, @Nullable MarkerAppend marker, int expectedEpoch, Placement into) {
        EngineWriter target = standing.writer;
        if (standing.phase != Phase.LEADING || target == null) {
            return into.refused(standing.unavailable);
        }
        if (expectedEpoch >= 0 && expectedEpoch != standing.leaderEpoch) {
            return into.refused(
                    new Refusal(
                            Reason.FENCED_EPOCH,
                            id + ": epoch is " + standing.leaderEpoch + ", not " + expectedEpoch));
        }
        if (AppendCheck.produced(batches, batches.readerIndex())) {
            Verdict verdict = judge(batches, marker);
            if (verdict != Verdict.IN_ORDER) {
                return judged(verdict, batches, into);
            }
        }
        if (!target.admits(batches.readableBytes())) {
            return into.refused(writerBehind);
        }
        if (standing.logEnd + batches.readableBytes() > standing.offsetBound) {
            return into.refused(offsetsSpent); // a record has more bytes than it takes offsets
        }
        RingChunk chunk = standing.ring.reserve(batches.readableBytes(), standing.logEnd);
        return chunk == null ? into.refused(ringFull) : place(chunk, batches, marker, target, into);
    }

    private Verdict judge(ByteBuf batch, @Nullable MarkerAppend marker) {
        return marker == null
                ? standing.state.judge(batch, batch.readerIndex())
                : standing.state.judge(marker.marker(), marker.transactionVersion());
    }

    /** Of a batch that is not its producer's next. */
    private boolean judged(Verdict verdict, ByteBuf batch, Placement into) {
        if (verdict != Verdict.DUPLICATE) {
            String message = id + ": " + describe(batch, batch.readerIndex());
            return into.refused(new Refusal(verdict.reason(), message));
        }
        DuplicateBatch earlier = standing.state.duplicate();
        return into.placed(
                earlier.baseOffset, earlier.endOffset, earlier.logAppendTimeMillis, true);
    }

    private static String describe(ByteBuf batch, int at) {
        return "producer "
                + batch.getLong(at + BatchHeader.PRODUCER_ID)
                + " epoch "
                + batch.getShort(at + BatchHeader.PRODUCER_EPOCH)
                + " sequence "
                + batch.getInt(at + BatchHeader.BASE_SEQUENCE);
    }

    private boolean place(
            RingChunk chunk,
            ByteBuf batches,
            @Nullable MarkerAppend marker,
            EngineWriter target,
            Placement into) {
        int bytes = batches.readableBytes();
        int first = chunk.limit();
        int epoch = standing.leaderEpoch;
        long base = standing.logEnd;
        long time = log.settings().logAppendTime() ? context.clock().wallMillis() : -1;
        chunk.memory.setBytes(first, batches, batches.readerIndex(), bytes);
        long next = stamp.stamp(chunk, first, first + bytes, base, epoch, time);
        if (marker != null) {
            standing.state.remember(marker.marker(), base, context.clock().wallMillis());
        } else if (AppendCheck.produced(batches, batches.readerIndex())) {
            standing.state.remember(chunk.view, first, time, context.clock().wallMillis());
        }
        standing.state.placed(epoch, base, bytes);
        chunk.publish(first + bytes, next, context.clock().nanoTime());
        standing.logEnd = next;
        if (log.settings().durability() == Durability.MEMORY) {
            standing.highWatermark = next;
        }
        standing.restable();
        target.addUnwritten(bytes);
        rounds.enqueue(target);
        return into.placed(base, next, time, false);
    }
}
