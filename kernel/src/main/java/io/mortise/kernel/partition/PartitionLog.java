// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import io.mortise.kernel.record.TransactionMarker;
import io.mortise.spi.LogId;
import io.mortise.spi.Refusal;
import io.mortise.spi.Registration;
import io.mortise.spi.broker.AckLevel;
import io.mortise.spi.broker.FetchedBatches;
import io.mortise.spi.broker.Partition;
import io.mortise.spi.broker.Placement;
import io.mortise.spi.broker.RetentionHold;
import io.mortise.spi.broker.Topic;
import io.mortise.spi.storage.LogExtent;
import io.mortise.spi.storage.LogStorage;
import io.netty.buffer.ByteBuf;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One partition: what others see of it. Appending is memory only and {@link Sequencer}'s; the
 * engine's writer takes it from the ring ({@link LogRounds}). Opening, closing and everything else
 * that may block is {@link LogControl}'s.
 */
final class PartitionLog implements Partition {
    private final PartitionContext context;
    private final Topic topic;
    private final LogId id;
    private final LogStanding standing;
    private final LogRounds rounds;
    private final LogLeadership leadership;
    private final Sequencer sequencer;
    private final LogControl control;
    private final LogTrimming trimming;
    private final LogReads reads;
    private final LogCompaction compaction;
    private final RetentionHolds holds;
    private final AdvanceListeners listeners = new AdvanceListeners(this);
    private final ReentrantLock placing = new ReentrantLock();
    private volatile PartitionSettings settings;
    private volatile @Nullable String directoryId;

    PartitionLog(
            PartitionContext context,
            Topic topic,
            LogId id,
            PartitionSettings settings,
            int leaderEpoch) {
        this.context = context;
        this.topic = topic;
        this.id = id;
        this.settings = settings;
        this.standing = new LogStanding(id, context, leaderEpoch);
        this.rounds = new LogRounds(this, context);
        this.leadership = new LogLeadership(this);
        this.sequencer = new Sequencer(this, context);
        this.reads = new LogReads(this, context);
        this.compaction = new LogCompaction(this, context);
        this.holds = new RetentionHolds(this, context);
        this.control = new LogControl(this, context);
        this.trimming = new LogTrimming(this);
    }

    // What it is.

    @Override
    public Topic topic() {
        return topic;
    }

    @Override
    public int index() {
        return id.partition();
    }

    @Override
    public LogId logId() {
        return id;
    }

    @Override
    public int leaderEpoch() {
        return standing.leaderEpoch;
    }

    @Override
    public long logStartOffset() {
        return standing.logStart;
    }

    @Override
    public long highWatermark() {
        return standing.highWatermark;
    }

    @Override
    public long logEndOffset() {
        return standing.logEnd;
    }

    @Override
    public long sizeInBytes() {
        LogStorage open = storage();
        return open == null ? 0 : bytes(open);
    }

    private static long bytes(LogStorage open) {
        long size = 0;
        for (LogExtent extent : open.extents()) {
            size += extent.sizeBytes();
        }
        return size;
    }

    @Override
    public List<Generation> generations() {
        return standing.storage instanceof GenerationChain chain
                ? chain.links().stream().map(PartitionLog::shown).toList()
                : List.of();
    }

    private static Generation shown(GenerationChain.Link link) {
        return new Generation(
                link.generation().number(),
                link.generation().engine(),
                link.log().startOffset(),
                link.log().endOffset(),
                bytes(link.log()));
    }

    /** Bytes that one engine keeps of it. */
    long sizeInBytes(String engine) {
        return generations().stream()
                .filter(it -> it.engine().equals(engine))
                .mapToLong(Generation::sizeInBytes)
                .sum();
    }

    LogStanding standing() {
        return standing;
    }

    LogRounds rounds() {
        return rounds;
    }

    LogLeadership leadership() {
        return leadership;
    }

    @Override
    public long lastStableOffset() {
        return standing.lastStable;
    }

    @Override
    public List<AbortedTransaction> abortedTransactions(long from, long to) {
        return standing.abortedTransactions(from, to);
    }

    LogCompaction compaction() {
        return compaction;
    }

    RetentionHolds holds() {
        return holds;
    }

    LogControl control() {
        return control;
    }

    LogTrimming trimming() {
        return trimming;
    }

    PartitionSettings settings() {
        return settings;
    }

    void configure(PartitionSettings changed) {
        settings = changed;
    }

    /** Id of the directory that keeps it; null until that is settled. */
    @Nullable String directoryId() {
        return directoryId;
    }

    /** Settles which directory keeps it. May block. */
    String place(
            Placements placements,
            List<io.mortise.kernel.partition.Generation> of,
            HostedEngine primary)
            throws IOException {
        placing.lock();
        try {
            String at = placements.place(this, of, primary);
            if (primary.onDisk() || directoryId == null) {
                directoryId = at;
            }
            return at;
        } finally {
            placing.unlock();
        }
    }

    /** The open log, or null while there is none. */
    @Nullable LogStorage storage() {
        return standing.storage;
    }

    /** Why there is no open log. */
    Refusal unavailable() {
        return standing.unavailable;
    }

    // Appending.

    @Override
    public boolean append(
            ByteBuf batches,
            int expectedLeaderEpoch,
            Origin origin,
            AckLevel level,
            Executor executor,
            @Nullable AppendCallback callback,
            Placement placement) {
        Refusal refusal = AppendCheck.refusal(batches, origin, settings.maxMessageBytes());
        if (refusal != null) {
            context.metrics().refused(refusal.reason());
            return placement.refused(refusal);
        }
        sequencer.append(batches, null, expectedLeaderEpoch, level, executor, callback, placement);
        return count(placement, batches);
    }

    /**
     * Ends a producer's transaction in this partition. As {@link #append} otherwise.
     *
     * @param transactionVersion that the producer keeps to; from 2 on a marker raises the epoch
     */
    AppendResult endTransaction(
            TransactionMarker marker,
            int transactionVersion,
            int expectedLeaderEpoch,
            AckLevel level,
            Executor executor,
            @Nullable AppendCallback callback) {
        ByteBuf batch = marker.batch(context.clock().wallMillis());
        var placement = new Placement();
        sequencer.append(
                batch,
                new Sequencer.MarkerAppend(marker, transactionVersion),
                expectedLeaderEpoch,
                level,
                executor,
                callback,
                placement);
        count(placement, batch);
        return placement.result();
    }

    private boolean count(Placement placement, ByteBuf batches) {
        Refusal refusal = placement.refusal();
        if (refusal != null) {
            context.metrics().refused(refusal.reason());
        } else if (placement.duplicate()) {
            context.metrics().duplicates.add(1);
        } else {
            context.metrics().appends.add(1);
            context.metrics().appendedBytes.add(batches.readableBytes());
        }
        return refusal == null;
    }

    @Override
    public void onCapacity(Executor executor, Runnable task) {
        context.memory().awaitCapacity(executor, task);
    }

    // Reading.

    @Override
    public @Nullable FetchedBatches readCached(long offset, int maxBytes, Visibility visibility) {
        if (standing.storage == null) {
            return null;
        }
        long end = visibleEnd(visibility);
        if (offset >= end) {
            return offset <= standing.logEnd ? new EmptyBatches(offset) : null;
        }
        if (offset < standing.logStart) {
            return null;
        }
        return CachedBatches.read(standing.ring.chunks(), offset, end, maxBytes);
    }

    long visibleEnd(Visibility visibility) {
        return switch (visibility) {
            case COMMITTED -> standing.highWatermark;
            case STABLE -> standing.lastStable;
            case SEQUENCED -> standing.logEnd;
        };
    }

    @Override
    public void read(
            long offset,
            int maxBytes,
            Visibility visibility,
            Executor executor,
            ReadCallback callback) {
        reads.read(offset, maxBytes, visibility, executor, callback);
    }

    @Override
    public long readableAfter(long offset) {
        return context.damage().after(id, offset);
    }

    @Override
    public void offsetForTimestamp(
            long timestampMillis, Executor executor, TimestampCallback callback) {
        reads.offsetForTimestamp(timestampMillis, executor, callback);
    }

    @Override
    public void offsetOfMaxTimestamp(Executor executor, TimestampCallback callback) {
        reads.offsetOfMaxTimestamp(executor, callback);
    }

    @Override
    public EpochEnd endOffsetOf(int epoch) {
        return standing.endOf(epoch);
    }

    @Override
    public void advanceStart(long offset, Executor executor, AppendCallback callback) {
        context.scheduler()
                .execute(
                        () -> {
                            Refusal refusal = trimming.advanceStart(offset);
                            Tell.on(executor, () -> callback.completed(refusal));
                        });
    }

    /** Everything below is gone. */
    void startAdvanced(long offset) {
        standing.startAdvanced(offset);
        moved();
    }

    /** The engine has dropped everything below, to make room. */
    void trimmed(int generation, long offset) {
        if (standing.storage instanceof GenerationChain chain
                && chain.links().getFirst().generation().number() != generation) {
            return; // the partition starts before that
        }
        context.metrics().trimmedOffsets.add(Math.max(0, offset - logStartOffset()));
        startAdvanced(offset);
        holds.passed(offset);
    }

    @Override
    public RetentionHold hold(
            long offset, RetentionHold.Policy policy, RetentionHold.Holder holder) {
        return holds.add(offset, policy, holder);
    }

    /** An end or the leadership moved. Under no lock. */
    void moved() {
        listeners.signal();
    }

    @Override
    public Registration onAdvance(Executor executor, AdvanceListener listener) {
        return listeners.add(executor, listener);
    }

    @Override
    public String toString() {
        return "PartitionLog[" + id + "]";
    }
}
