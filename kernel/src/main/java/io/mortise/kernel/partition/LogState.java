// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import io.mortise.kernel.partition.ProducerStates.DuplicateBatch;
import io.mortise.kernel.partition.ProducerStates.Verdict;
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
    private EpochHistory epochs = new EpochHistory();
    private ProducerStates producers = new ProducerStates();
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
        epochs = found.epochs();
        producers = found.producers();
    }

    /** A new leadership begins with what is known now. */
    void lead(int leaderEpoch, long endOffset) {
        epochs.begin(leaderEpoch, endOffset);
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

    /** How the idempotent batch at {@code at} stands to what is known. */
    Verdict judge(ByteBuf batch, int at) {
        return producers.judge(
                batch.getLong(at + BatchHeader.PRODUCER_ID),
                batch.getShort(at + BatchHeader.PRODUCER_EPOCH),
                batch.getInt(at + BatchHeader.BASE_SEQUENCE),
                batch.getInt(at + BatchHeader.LAST_OFFSET_DELTA));
    }

    /** The earlier batch, after the verdict DUPLICATE. */
    DuplicateBatch duplicate() {
        return producers.duplicate();
    }

    /** Remembers the idempotent batch at {@code at}, which is stamped. */
    void remember(ByteBuffer view, int at, long logAppendTimeMillis, long nowMillis) {
        long baseOffset = BatchHeader.baseOffset(view, at);
        producers.remember(
                BatchHeader.producerId(view, at),
                BatchHeader.producerEpoch(view, at),
                BatchHeader.baseSequence(view, at),
                (int) (BatchHeader.lastOffset(view, at) - baseOffset),
                baseOffset,
                logAppendTimeMillis,
                nowMillis);
    }

    /** Batches of that many bytes were placed from {@code baseOffset} on. */
    void placed(int leaderEpoch, long baseOffset, int bytes) {
        epochs.begin(leaderEpoch, baseOffset);
        bytesSinceSnapshot += bytes;
    }

    void expireProducers(long beforeMillis) {
        producers.expire(beforeMillis);
    }

    void advanceStart(long offset) {
        epochs.advanceStart(offset);
    }

    EpochEnd endOf(int epoch, long logEndOffset) {
        return epochs.endOf(epoch, logEndOffset);
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
            snapshot = new PartitionState(endOffset, epochs, producers).encode();
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
