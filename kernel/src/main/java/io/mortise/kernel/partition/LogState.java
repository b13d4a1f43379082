// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import io.mortise.kernel.compaction.LastBatches;
import io.mortise.kernel.partition.ProducerStates.DuplicateBatch;
import io.mortise.kernel.partition.ProducerStates.Verdict;
import io.mortise.kernel.record.TransactionMarker;
import io.mortise.spi.broker.Partition.EpochEnd;
import io.mortise.spi.record.BatchHeader;
import io.netty.buffer.ByteBuf;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;

/**
 * What a log knows beyond its batches, and when a picture of it goes to the state file. Guarded by
 * the partition's lock.
 */
final class LogState {
    private final long snapshotBytes;
    private PartitionState known = PartitionState.empty(0);
    private long bytesSinceSnapshot;
    private byte @Nullable [] snapshot;
    private long snapshotOffset;

    /** A round failed: this knows batches that are gone. */
    private boolean damaged;

    /**
     * @param snapshotBytes a picture is due after so many bytes
     */
    LogState(long snapshotBytes) {
        this.snapshotBytes = snapshotBytes;
    }

    /** Takes what was found in the log. */
    void become(PartitionState found) {
        known = found;
    }

    /** A new leadership begins with what is known now. */
    void lead(int leaderEpoch, long endOffset) {
        known.epochs().begin(leaderEpoch, endOffset);
        bytesSinceSnapshot = 0;
        snapshot = null;
        damaged = false;
    }

    /** What is known is not to be kept. */
    void damage() {
        damaged = true;
        snapshot = null;
        bytesSinceSnapshot = 0;
    }

    /** How the marker stands to what is known of its producer. */
    Verdict judge(TransactionMarker marker, int transactionVersion) {
        return known.producers().judge(marker, transactionVersion);
    }

    /** How the idempotent batch at {@code at} stands to what is known. */
    Verdict judge(ByteBuf batch, int at) {
        return known.producers()
                .judge(
                        batch.getLong(at + BatchHeader.PRODUCER_ID),
                        batch.getShort(at + BatchHeader.PRODUCER_EPOCH),
                        batch.getInt(at + BatchHeader.BASE_SEQUENCE),
                        batch.getInt(at + BatchHeader.LAST_OFFSET_DELTA),
                        (batch.getShort(at + BatchHeader.ATTRIBUTES) & BatchHeader.TRANSACTIONAL)
                                != 0);
    }

    /** The earlier batch, after the verdict DUPLICATE. */
    DuplicateBatch duplicate() {
        return known.producers().duplicate();
    }

    /** Remembers the producer's batch at {@code at}, which is stamped. */
    void remember(ByteBuffer view, int at, long logAppendTimeMillis, long nowMillis) {
        known.remember(view, at, logAppendTimeMillis, nowMillis);
    }

    /** Remembers the marker at {@code offset}. */
    void remember(TransactionMarker marker, long offset, long nowMillis) {
        known.remember(marker, offset, nowMillis);
    }

    /** Batches of that many bytes were placed from {@code baseOffset} on. */
    void placed(int leaderEpoch, long baseOffset, int bytes) {
        known.epochs().begin(leaderEpoch, baseOffset);
        bytesSinceSnapshot += bytes;
    }

    Transactions transactions() {
        return known.transactions();
    }

    /**
     * The producers that may come back, and where each was last, of what stays whatever happens.
     *
     * @param durableEnd what lies at or past it may be gone tomorrow, and the batch before be the
     *     last
     */
    LastBatches lastBatches(long durableEnd) {
        var last = new LastBatches();
        known.producers()
                .each((id, it) -> last.add(id, it.epoch(), it.lastOffsetBelow(durableEnd)));
        return last;
    }

    void expireProducers(long beforeMillis) {
        known.producers().expire(beforeMillis);
    }

    void advanceStart(long offset) {
        known.epochs().advanceStart(offset);
        known.transactions().advanceStart(offset);
    }

    EpochEnd endOf(int epoch, long logEndOffset) {
        return known.epochs().endOf(epoch, logEndOffset);
    }

    /** Whether {@link #picture} may have something to write. */
    boolean pictureDue(long durableOffset) {
        return snapshot == null
                ? bytesSinceSnapshot >= snapshotBytes
                : snapshotOffset <= durableOffset;
    }

    /**
     * A picture whose batches are all durable; null if there is none (yet) that is worth writing.
     *
     * @param last whether the log is about to be closed
     */
    byte @Nullable [] picture(boolean last, long endOffset, long durableOffset) {
        if (damaged) {
            return null;
        }
        boolean due = snapshot == null && bytesSinceSnapshot >= snapshotBytes;
        if (last ? bytesSinceSnapshot > 0 : due) {
            snapshot =
                    new PartitionState(
                                    endOffset,
                                    known.epochs(),
                                    known.producers(),
                                    known.transactions())
                            .encode();
            snapshotOffset = endOffset;
            bytesSinceSnapshot = 0;
        }
        byte[] picture = snapshot;
        if (picture == null || snapshotOffset > durableOffset) {
            return null;
        }
        snapshot = null;
        return picture;
    }
}
