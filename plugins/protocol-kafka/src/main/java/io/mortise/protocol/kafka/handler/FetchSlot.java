// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.protocol.kafka.handler;

import io.mortise.protocol.kafka.codec.RecordSlices;
import io.mortise.spi.broker.Partition;

import org.apache.kafka.common.message.FetchRequestData.FetchPartition;
import org.apache.kafka.common.message.FetchResponseData.EpochEndOffset;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.jspecify.annotations.Nullable;

/** One partition of a fetch: what was asked, and what was found so far. */
final class FetchSlot {
    private static final int ANY_EPOCH = -1;

    private final FetchPartition asked;
    private final @Nullable Partition partition;
    private Errors error;
    private @Nullable EpochEndOffset diverging;
    private @Nullable RecordSlices records;
    private long seenHighWatermark = -1;
    private int seenEpoch = -1;

    FetchSlot(FetchPartition asked, @Nullable Partition partition, Errors error) {
        this.asked = asked;
        this.partition = partition;
        this.error = error;
    }

    FetchPartition asked() {
        return asked;
    }

    Errors error() {
        return error;
    }

    void fail(Errors found) {
        error = found;
    }

    /** Null if there is nothing to read or wait for: an error, or a log that went another way. */
    @Nullable Partition readable() {
        return error == Errors.NONE && diverging == null ? partition : null;
    }

    /** Whether to answer at once, whatever the bytes. */
    boolean settled() {
        return readable() == null;
    }

    /** Looks at epochs and bounds before a read. */
    void check() {
        Partition log = readable();
        if (log == null) {
            return;
        }
        seenHighWatermark = log.highWatermark();
        seenEpoch = log.leaderEpoch();
        error = epochError(log);
        if (error == Errors.NONE && !checkDivergence(log)) {
            long offset = asked.fetchOffset();
            if (offset < log.logStartOffset() || offset > log.logEndOffset()) {
                error = Errors.OFFSET_OUT_OF_RANGE;
            }
        }
    }

    private Errors epochError(Partition log) {
        int epoch = asked.currentLeaderEpoch();
        if (epoch == ANY_EPOCH || epoch == log.leaderEpoch()) {
            return Errors.NONE;
        }
        return epoch < log.leaderEpoch() ? Errors.FENCED_LEADER_EPOCH : Errors.UNKNOWN_LEADER_EPOCH;
    }

    /** KIP-595: the client's last batch may be of a history that was cut off. */
    private boolean checkDivergence(Partition log) {
        if (asked.lastFetchedEpoch() == ANY_EPOCH) {
            return false;
        }
        Partition.EpochEnd end = log.endOffsetOf(asked.lastFetchedEpoch());
        if (end.leaderEpoch() < asked.lastFetchedEpoch() || end.endOffset() < asked.fetchOffset()) {
            diverging =
                    new EpochEndOffset().setEpoch(end.leaderEpoch()).setEndOffset(end.endOffset());
        }
        return diverging != null;
    }

    /** Whether something became visible, or the leadership changed, since {@link #check}. */
    boolean moved() {
        Partition log = readable();
        return log != null
                && (log.highWatermark() != seenHighWatermark || log.leaderEpoch() != seenEpoch);
    }

    void take(RecordSlices found) {
        records = found;
    }

    void releaseRecords() {
        RecordSlices held = records;
        records = null;
        if (held != null) {
            held.release();
        }
    }

    /** The answer; hands the records over. */
    PartitionData answer() {
        PartitionData data =
                new PartitionData().setPartitionIndex(asked.partition()).setErrorCode(error.code());
        Partition log = partition;
        boolean known = log != null && error == Errors.NONE;
        long highWatermark = known && log != null ? log.highWatermark() : -1;
        data.setHighWatermark(highWatermark)
                .setLastStableOffset(highWatermark)
                .setLogStartOffset(known && log != null ? log.logStartOffset() : -1)
                .setRecords(records == null ? MemoryRecords.EMPTY : records);
        if (diverging != null) {
            data.setDivergingEpoch(diverging);
        }
        records = null;
        return data;
    }
}
