// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.delivery;

import io.mortise.kernel.record.BatchBuilder;
import io.mortise.spi.Reason;
import io.mortise.spi.Refusal;
import io.mortise.spi.broker.AckLevel;
import io.mortise.spi.broker.Partition;
import io.mortise.spi.broker.Placement;
import io.mortise.spi.broker.Session.PublishCallback;
import io.mortise.spi.broker.Topic;
import io.netty.buffer.ByteBuf;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * Joins what one loop appends to one partition within a turn into one batch, which gets its place
 * at the end of the turn. What a full partition refuses waits here, in order, until there is room.
 * Used on that loop only.
 */
public final class PartitionWriter {
    private static final int FULL_BYTES = 256 * 1024;
    private static final int FIRST_BYTES = 1024;

    private final LoopTurn turn;
    private final Topic topic;
    private final int index;
    private final int fullBytes;
    private final BatchBuilder builder = new BatchBuilder();
    private final ArrayDeque<PendingBatch> blocked = new ArrayDeque<>();
    private final List<Runnable> waiting = new ArrayList<>();
    private final Runnable atEnd = this::flush;
    private final Placement placement = new Placement();
    private @Nullable PendingBatch open;
    private boolean dirty;

    /** Writes to partition {@code index} of {@code topic}. */
    public PartitionWriter(LoopTurn turn, Topic topic, int index) {
        this.turn = turn;
        this.topic = topic;
        this.index = index;
        this.fullBytes = Math.min(FULL_BYTES, maxBatchBytes(topic));
    }

    private static int maxBatchBytes(Topic topic) {
        try {
            return Integer.parseInt(topic.config("max.message.bytes"));
        } catch (IllegalArgumentException e) {
            return FULL_BYTES; // the partition refuses what is too large for it
        }
    }

    /** Partition number. */
    public int index() {
        return index;
    }

    /** Whether appends wait for room; then do not bring more before {@link #whenOpen}. */
    public boolean blocked() {
        return !blocked.isEmpty();
    }

    /** Runs {@code task} once on the loop when nothing waits any more. */
    public void whenOpen(Runnable task) {
        waiting.add(task);
    }

    /** What was appended last is {@code who}'s. */
    void by(Publishing who) {
        if (open != null) {
            open.by(who);
        }
    }

    /** Whether something of {@code who} waits for room. */
    boolean holds(Publishing who) {
        for (PendingBatch batch : blocked) {
            if (batch.holds(who)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Appends a record; everything is borrowed and copied.
     *
     * @param level when {@code callback} is told: SEQUENCED or DURABLE
     * @param callback told once, on the loop, never before this returns
     * @param sequenced told of the record's place before {@code callback}
     */
    public void append(
            long timestampMillis,
            byte[] key,
            int keyFrom,
            int keyLength,
            @Nullable ByteBuf value,
            ByteBuf headers,
            int headerCount,
            AckLevel level,
            @Nullable PublishCallback callback,
            @Nullable SequencedListener sequenced) {
        int valueLength = value == null ? 0 : value.readableBytes();
        int most =
                BatchBuilder.maxRecordBytes(
                        Math.max(0, keyLength), valueLength, headers.readableBytes());
        if (open != null && builder.sizeBytes() + most > fullBytes) {
            flush();
        }
        PendingBatch batch = open();
        int delta =
                builder.append(
                        timestampMillis, key, keyFrom, keyLength, value, headers, headerCount);
        batch.add(delta, level, callback, sequenced);
    }

    private PendingBatch open() {
        PendingBatch batch = open;
        if (batch == null) {
            batch = new PendingBatch(turn.buffers().directBuffer(FIRST_BYTES));
            open = batch;
            builder.begin(batch.bytes);
            if (!dirty) {
                dirty = true;
                turn.atEnd(atEnd);
            }
        }
        return batch;
    }

    /** Gives what was appended its place, or queues it behind what waits. */
    void flush() {
        dirty = false;
        PendingBatch batch = open;
        if (batch == null) {
            return;
        }
        open = null;
        builder.finish();
        if (!blocked.isEmpty()) {
            blocked.add(batch);
        } else if (!submit(batch)) {
            blocked.add(batch);
            turn.blocked(this);
        }
    }

    /**
     * @return false if the partition is full and the batch must wait
     */
    private boolean submit(PendingBatch batch) {
        Partition partition = topic.partition(index);
        if (partition == null) {
            batch.fail(
                    turn.loop(),
                    new Refusal(
                            Reason.NOT_LEADER,
                            "partition " + topic.name() + "-" + index + " has no leader here"));
            return true;
        }
        AckLevel level = batch.wantsDurable() ? AckLevel.DURABLE : AckLevel.SEQUENCED;
        partition.append(
                batch.bytes,
                -1,
                Partition.Origin.BROKER,
                level,
                turn.loop(),
                batch.wantsDurable() ? batch : null,
                placement);
        Refusal refusal = placement.refusal();
        if (refusal == null) {
            batch.sequenced(partition, placement.baseOffset());
            return true;
        }
        if (refusal.reason() == Reason.BUSY) {
            partition.onCapacity(turn.loop(), this::retry);
            return false;
        }
        batch.fail(turn.loop(), refusal);
        return true;
    }

    private void retry() {
        while (!blocked.isEmpty()) {
            if (!submit(blocked.element())) {
                return;
            }
            blocked.remove();
        }
        turn.open(this);
        List<Runnable> tasks = List.copyOf(waiting);
        waiting.clear();
        for (Runnable task : tasks) {
            task.run();
        }
    }
}
