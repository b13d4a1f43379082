// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.session;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mortise.kernel.record.BatchBuilder;
import io.mortise.spi.Reason;
import io.mortise.spi.Refusal;
import io.mortise.spi.broker.AckLevel;
import io.mortise.spi.broker.Partition;
import io.mortise.spi.broker.Partition.AppendResult;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.List;

/**
 * Writes every key of one shard again, in steps between which events go on, and deletes what lay
 * before: a key's state is encoded and gets its place under the shard's lock, so it holds exactly
 * the events before it.
 */
final class StateSnapshot<V> {
    private static final Logger LOG = LoggerFactory.getLogger(StateSnapshot.class);
    private static final int KEYS_PER_STEP = 256;
    private static final int BYTES_PER_STEP = 256 * 1024;
    private static final long LEAST_BYTES = 1 << 20;

    private final StateLog<V> log;
    private final StateLog.Shard<V> shard;
    private final Partition partition;
    private final List<String> keys;
    private final long from;
    private final int epoch;
    private final Runnable done;
    private int next;
    private long bytes;

    private StateSnapshot(
            StateLog<V> log,
            StateLog.Shard<V> shard,
            Partition partition,
            List<String> keys,
            Runnable done) {
        this.log = log;
        this.shard = shard;
        this.partition = partition;
        this.keys = keys;
        this.from = partition.logEndOffset();
        this.epoch = shard.epoch;
        this.done = done;
    }

    /** Snapshots the shards whose log has grown well beyond their state. */
    static <V> void takeDue(StateLog<V> log) {
        for (StateLog.Shard<V> shard : log.shards()) {
            long due;
            shard.lock.lock();
            try {
                due = Math.max(LEAST_BYTES, 4 * shard.snapshotBytes);
                if (shard.appendedBytes < due) {
                    continue;
                }
            } finally {
                shard.lock.unlock();
            }
            take(log, shard, () -> {});
        }
    }

    /** Snapshots a shard; {@code done} runs at the end, whatever it is. */
    static <V> void take(StateLog<V> log, StateLog.Shard<V> shard, Runnable done) {
        Partition partition = log.partition(shard);
        StateSnapshot<V> snapshot = null;
        shard.lock.lock();
        try {
            if (partition != null && !shard.snapshotting && shard.epoch != -1) {
                shard.snapshotting = true;
                List<String> keys = List.copyOf(shard.states.keySet());
                snapshot = new StateSnapshot<>(log, shard, partition, keys, done);
            }
        } finally {
            shard.lock.unlock();
        }
        if (snapshot == null) {
            done.run();
        } else {
            snapshot.step();
        }
    }

    private void step() {
        ByteBuf batch = Unpooled.buffer(4096);
        AppendResult result;
        int before = next;
        shard.lock.lock();
        try {
            if (shard.epoch != epoch) {
                result = readAgain();
            } else {
                result = encode(batch) == 0 ? null : append(batch);
            }
        } finally {
            shard.lock.unlock();
        }
        if (result == null) {
            finish();
            return;
        }
        Refusal refusal = result.refusal();
        if (refusal == null) {
            return; // goes on when it is durable
        }
        if (refusal.reason() == Reason.BUSY) {
            next = before;
            partition.onCapacity(log.services().scheduler()::execute, this::step);
        } else {
            fail(refusal);
        }
    }

    /** The states are others now, and what was written may be lost. */
    private static AppendResult readAgain() {
        return AppendResult.refused(
                new Refusal(Reason.FENCED_EPOCH, "the shard was read again meanwhile"));
    }

    private int encode(ByteBuf batch) {
        BatchBuilder builder = new BatchBuilder();
        builder.begin(batch);
        long now = log.services().clock().wallMillis();
        while (next < keys.size()
                && builder.count() < KEYS_PER_STEP
                && builder.sizeBytes() < BYTES_PER_STEP) {
            String key = keys.get(next++);
            V state = shard.states.get(key);
            if (state != null && log.codec().obsolete(state, now)) {
                shard.states.remove(key);
            } else if (state != null) {
                ByteBuf encoded = Unpooled.buffer();
                log.codec().encode(state, encoded);
                byte[] name = key.getBytes(UTF_8);
                builder.append(now, name, 0, name.length, encoded, Unpooled.EMPTY_BUFFER, 0);
            }
        }
        int count = builder.count();
        builder.finish();
        return count;
    }

    private AppendResult append(ByteBuf batch) {
        bytes += batch.readableBytes();
        return partition.append(
                batch,
                epoch,
                Partition.Origin.BROKER,
                AckLevel.DURABLE,
                log.services().scheduler()::execute,
                this::durable);
    }

    private void durable(@Nullable Refusal refusal) {
        if (refusal == null) {
            step();
        } else {
            fail(refusal);
        }
    }

    private void finish() {
        shard.lock.lock();
        try {
            shard.appendedBytes = 0;
            shard.snapshotBytes = bytes;
            shard.snapshotting = false;
        } finally {
            shard.lock.unlock();
        }
        partition.advanceStart(
                from, log.services().scheduler()::execute, refusal -> advanced(refusal));
    }

    private void advanced(@Nullable Refusal refusal) {
        if (refusal != null) {
            LOG.warn("Log of shard {} keeps its old part: {}", shard.index, refusal);
        }
        done.run();
    }

    private void fail(Refusal refusal) {
        LOG.warn("Snapshot of shard {} failed: {}", shard.index, refusal);
        shard.lock.lock();
        try {
            shard.snapshotting = false;
        } finally {
            shard.lock.unlock();
        }
        done.run();
    }
}
