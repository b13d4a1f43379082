// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.protocol.kafka.handler;

import io.mortise.protocol.kafka.codec.RecordSlices;
import io.mortise.spi.broker.Partition;
import io.mortise.spi.broker.Topic;

import org.apache.kafka.common.message.FetchRequestData.FetchPartition;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FetchResponseData.EpochEndOffset;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.jspecify.annotations.Nullable;

/**
 * One partition of a fetch: what was asked, what was found so far, and in a session what the client
 * was told before. Keeps nothing of the request: a session outlives it. Event loop.
 */
final class FetchSlot {
    private static final int ANY_EPOCH = -1;
    private static final long UNKNOWN = -1;

    private final FetchedTopic topic;
    private final int index;

    // asked
    private int currentLeaderEpoch;
    private int lastFetchedEpoch;
    private long fetchOffset;
    private int maxBytes;

    // found
    private @Nullable Partition partition;
    private Errors error = Errors.NONE;
    private @Nullable EpochEndOffset diverging;
    private @Nullable RecordSlices records;
    private long seenHighWatermark;
    private int seenEpoch;

    // told
    private long toldHighWatermark = UNKNOWN;
    private long toldLogStart = UNKNOWN;
    private Errors toldError = Errors.NONE;

    FetchSlot(FetchedTopic topic, FetchPartition asked) {
        this.topic = topic;
        this.index = asked.partition();
        ask(asked);
    }

    /** The client asks for something else of the same partition. */
    void ask(FetchPartition asked) {
        currentLeaderEpoch = asked.currentLeaderEpoch();
        lastFetchedEpoch = asked.lastFetchedEpoch();
        fetchOffset = asked.fetchOffset();
        maxBytes = asked.partitionMaxBytes();
        toldError = Errors.NONE;
    }

    long fetchOffset() {
        return fetchOffset;
    }

    int maxBytes() {
        return maxBytes;
    }

    void fail(Errors found) {
        error = found;
    }

    /** Null if there is nothing to read or wait for: an error, or a log that went another way. */
    @Nullable Partition readable() {
        return error == Errors.NONE && diverging == null ? partition : null;
    }

    /** Whether to answer at once, whatever the bytes: an error that was not told yet. */
    boolean settled() {
        return diverging != null || error != toldError;
    }

    /** Looks at topic, epochs and bounds before a read. */
    void check() {
        diverging = null;
        partition = null;
        error = topic.error();
        Topic found = topic.topic();
        if (found == null) {
            return;
        }
        if (index < 0 || index >= found.partitionCount()) {
            error = Errors.UNKNOWN_TOPIC_OR_PARTITION;
            return;
        }
        Partition log = found.partition(index);
        partition = log;
        if (log == null) {
            error = Errors.NOT_LEADER_OR_FOLLOWER;
        } else {
            check(log);
        }
    }

    private void check(Partition log) {
        seenHighWatermark = log.highWatermark();
        seenEpoch = log.leaderEpoch();
        error = PartitionLookup.epochError(log, currentLeaderEpoch);
        if (error == Errors.NONE && !checkDivergence(log)) {
            if (fetchOffset < log.logStartOffset() || fetchOffset > log.logEndOffset()) {
                error = Errors.OFFSET_OUT_OF_RANGE;
            }
        }
    }

    /** KIP-595: the client's last batch may be of a history that was cut off. */
    private boolean checkDivergence(Partition log) {
        if (lastFetchedEpoch == ANY_EPOCH) {
            return false;
        }
        Partition.EpochEnd end = log.endOffsetOf(lastFetchedEpoch);
        if (end.leaderEpoch() < lastFetchedEpoch || end.endOffset() < fetchOffset) {
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

    /** What was found is not handed out if the topic may not be read any more. */
    void mindTopic() {
        if (topic.error() != Errors.NONE) {
            error = topic.error();
            releaseRecords();
        }
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

    /** Whether an incremental answer tells of it (KIP-227): records, errors, moved bounds. */
    boolean isNews() {
        Partition log = partition;
        return records != null
                || diverging != null
                || error != Errors.NONE
                || log == null
                || log.highWatermark() != toldHighWatermark
                || log.logStartOffset() != toldLogStart;
    }

    /** Answers; hands the records over. */
    void answer(FetchResponseData response) {
        Partition log = error == Errors.NONE ? partition : null;
        toldError = error;
        toldHighWatermark = log == null ? UNKNOWN : log.highWatermark();
        toldLogStart = log == null ? UNKNOWN : log.logStartOffset();
        PartitionData data =
                new PartitionData()
                        .setPartitionIndex(index)
                        .setErrorCode(error.code())
                        .setHighWatermark(toldHighWatermark)
                        .setLastStableOffset(toldHighWatermark)
                        .setLogStartOffset(toldLogStart)
                        .setRecords(records == null ? MemoryRecords.EMPTY : records);
        if (diverging != null) {
            data.setDivergingEpoch(diverging);
        }
        records = null;
        topic.answerIn(response).partitions().add(data);
    }
}
