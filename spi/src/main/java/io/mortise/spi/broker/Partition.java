// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.broker;

import io.mortise.spi.LogId;
import io.mortise.spi.Refusal;
import io.mortise.spi.Registration;
import io.netty.buffer.ByteBuf;

import org.jspecify.annotations.Nullable;
import org.osgi.annotation.versioning.ProviderType;

import java.util.List;
import java.util.concurrent.Executor;

/** The log of one partition, on the node that leads it. Any thread; nothing here blocks. */
@ProviderType
public interface Partition {
    /** Of a partition without retention. */
    RetentionHold NO_HOLD =
            new RetentionHold() {
                @Override
                public void moveTo(long offset) {
                    // nothing would go anyway
                }

                @Override
                public void close() {
                    // nothing is held
                }
            };

    Topic topic();

    int index();

    LogId logId();

    /** Epoch under which this node leads. */
    int leaderEpoch();

    /** First offset that can be read. */
    long logStartOffset();

    /**
     * Readers that keep a position see nothing at or past this: everything below is as durable as
     * the topic asks.
     */
    long highWatermark();

    /**
     * Readers that want committed transactions only see nothing at or past this: at most {@link
     * #highWatermark}, and no transaction is open below it.
     */
    default long lastStableOffset() {
        return highWatermark();
    }

    /**
     * The aborted transactions that may have records from {@code from} to below {@code to}, in the
     * order of their markers; a reader that wants committed transactions only skips those records.
     */
    default List<AbortedTransaction> abortedTransactions(long from, long to) {
        return List.of();
    }

    /** One past the last sequenced offset. */
    long logEndOffset();

    /**
     * Bytes of the batches in the log, as its engine counts them: of the last moment's appends some
     * may be missing. 0 while no log is open. Asks the engine for each range it keeps: for people
     * and monitoring, not for each message.
     */
    default long sizeInBytes() {
        return 0; // of a partition that keeps nothing
    }

    /**
     * What the log consists of, oldest first, the one that is appended to last: the topic's storage
     * engine may have been changed, and what is older stays where it is until retention lets it go.
     * Asks the engines, as {@link #sizeInBytes} does; empty while no log is open.
     */
    default List<Generation> generations() {
        return List.of(); // of a partition that keeps nothing
    }

    /**
     * Gives batches their place in the log: checks epoch, producer state and bounds, assigns
     * offsets, stamps, copies. Order of calls is order in the log.
     *
     * @param batches borrowed, one or more whole record batches v2 between reader and writer index,
     *     already validated by the caller (see {@link Origin})
     * @param expectedLeaderEpoch -1 for any
     * @param level when {@code callback} is told
     * @param executor where it is told; callbacks of one partition and executor keep the order of
     *     appends
     * @param callback told once, never before this method returns; not told if the result is a
     *     refusal. Null: nobody wants to know
     * @param placement filled with the place, or with a refusal that consumed nothing (BUSY: the
     *     ring is full, see {@link #onCapacity})
     * @return whether it has a place
     */
    boolean append(
            ByteBuf batches,
            int expectedLeaderEpoch,
            Origin origin,
            AckLevel level,
            Executor executor,
            @Nullable AppendCallback callback,
            Placement placement);

    /** The same for those who append now and then: the answer is an object of its own. */
    default AppendResult append(
            ByteBuf batches,
            int expectedLeaderEpoch,
            Origin origin,
            AckLevel level,
            Executor executor,
            @Nullable AppendCallback callback) {
        var placement = new Placement();
        append(batches, expectedLeaderEpoch, origin, level, executor, callback, placement);
        return placement.result();
    }

    /**
     * Tells {@code task} once, on {@code executor}, when an append that was refused as BUSY is
     * worth another try.
     */
    void onCapacity(Executor executor, Runnable task);

    /**
     * Reads whole batches from memory, the first being the one that holds {@code offset}.
     *
     * @return null if that offset is not in memory (use {@link #read}); the caller releases what it
     *     gets
     */
    @Nullable FetchedBatches readCached(long offset, int maxBytes, Visibility visibility);

    /**
     * Reads whole batches from wherever they are. At least one batch is returned even if it is
     * larger than {@code maxBytes}; an empty result means that {@code offset} is the visible end.
     *
     * @param executor where {@code callback} is told, perhaps before this method returns if that is
     *     the current loop
     */
    void read(
            long offset,
            int maxBytes,
            Visibility visibility,
            Executor executor,
            ReadCallback callback);

    /**
     * Where a reader may go on whose read of {@code offset} was refused as CORRUPT: behind the
     * range that is damaged. -1 if nothing is known to be readable behind it.
     */
    default long readableAfter(long offset) {
        return -1; // of a partition that nothing can damage
    }

    /**
     * Finds the first record with a timestamp of at least {@code timestampMillis}; -1 in the answer
     * if there is none. Kafka's ListOffsets rules, exact inside batches.
     */
    void offsetForTimestamp(long timestampMillis, Executor executor, TimestampCallback callback);

    /** Finds the record with the greatest timestamp (KIP-734). */
    void offsetOfMaxTimestamp(Executor executor, TimestampCallback callback);

    /**
     * Where an epoch ended (KIP-101): the largest known epoch not above {@code leaderEpoch} and its
     * end offset; -1 and -1 if unknown.
     */
    EpochEnd endOffsetOf(int leaderEpoch);

    /** Deletes what lies below {@code offset} (Kafka's DeleteRecords); told once when durable. */
    void advanceStart(long offset, Executor executor, AppendCallback callback);

    /**
     * Says that what lies from {@code offset} on is needed. Retention by time, size and records
     * heeds it as {@code policy} says; {@link #advanceStart} does not.
     */
    default RetentionHold hold(
            long offset, RetentionHold.Policy policy, RetentionHold.Holder holder) {
        return NO_HOLD; // a partition that lets go of nothing by itself
    }

    /** Hears that an end moved, at least once after each change, several changes in one call. */
    Registration onAdvance(Executor executor, AdvanceListener listener);

    /** How far a reader sees. */
    enum Visibility {
        /** Up to {@link #highWatermark}: readers that keep a position. */
        COMMITTED,
        /** Up to {@link #lastStableOffset}: readers of committed transactions. */
        STABLE,
        /** Up to {@link #logEndOffset}: feeds of QoS 0, coordinators. */
        SEQUENCED
    }

    /** Who built the batches, which says what was checked. */
    enum Origin {
        /**
         * A client's own bytes: structure and records validated, bit 14 clear, idempotence checked
         * here.
         */
        CLIENT,
        /** Built by the broker's own code. */
        BROKER
    }

    /**
     * Where an append went.
     *
     * @param baseOffset of the first record; -1 if refused
     * @param endOffset one past the last record; -1 if refused
     * @param logAppendTimeMillis -1 if the records keep their own timestamps
     * @param duplicate the producer had sent it before; offsets are the earlier ones
     * @param refusal null if it has a place
     */
    record AppendResult(
            long baseOffset,
            long endOffset,
            long logAppendTimeMillis,
            boolean duplicate,
            @Nullable Refusal refusal) {
        /** Not appended. */
        public static AppendResult refused(Refusal refusal) {
            return new AppendResult(-1, -1, -1, false, refusal);
        }
    }

    /** Told when an append reached its level. */
    @FunctionalInterface
    interface AppendCallback {
        /**
         * @param refusal null if it did; otherwise it is unknown whether a later reader will find
         *     it
         */
        void completed(@Nullable Refusal refusal);
    }

    /** Told what was read. */
    @FunctionalInterface
    interface ReadCallback {
        /** Exactly one of the two is not null; {@code batches} is the callee's to release. */
        void completed(@Nullable FetchedBatches batches, @Nullable Refusal refusal);
    }

    /** Told what was found. */
    @FunctionalInterface
    interface TimestampCallback {
        /**
         * @param offset -1 if none
         */
        void completed(
                long offset, long timestampMillis, int leaderEpoch, @Nullable Refusal refusal);
    }

    /** Hears that the log moved. */
    @FunctionalInterface
    interface AdvanceListener {
        /** High watermark, log end or log start moved, or leadership was lost or won. */
        void advanced(Partition partition);
    }

    /**
     * A transaction that was aborted.
     *
     * @param firstOffset of its first record in this partition
     */
    record AbortedTransaction(long producerId, long firstOffset) {}

    /**
     * A part of the log that one storage engine keeps.
     *
     * @param number counts the changes of engine, from 0
     * @param engine as topics name it in {@code storage.engine}
     * @param startOffset the first offset that can be read
     * @param endOffset one past the last
     * @param sizeInBytes of its batches
     */
    record Generation(
            int number, String engine, long startOffset, long endOffset, long sizeInBytes) {}

    /** The end of an epoch. */
    record EpochEnd(int leaderEpoch, long endOffset) {}
}
