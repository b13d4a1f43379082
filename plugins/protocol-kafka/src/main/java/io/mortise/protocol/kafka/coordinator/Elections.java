// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.protocol.kafka.coordinator;

import io.mortise.spi.Registration;
import io.mortise.spi.broker.Partition;
import io.mortise.spi.broker.Topic;
import io.mortise.spi.runtime.Scheduler;

import org.apache.kafka.common.errors.NotLeaderOrFollowerException;
import org.jspecify.annotations.Nullable;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/**
 * Keeps the coordinator's idea of which partitions of its topic this node leads: a partition under
 * a new epoch is resigned first, so that what was in flight fails, then loaded anew.
 */
final class Elections implements AutoCloseable {
    private static final int NOT_LEADING = -1;

    /** Rewritten no sooner than when it is so many times as long as it was left. */
    private static final int MIN_GROWTH = 4;

    private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final Topic topic;
    private final CoordinatorLog log;
    private final Groups groups;
    private final Scheduler scheduler;
    private final long rewriteRecords;
    private final int[] epochs;
    private final long[] reloadAt;
    private final @Nullable Watch[] watches;
    private boolean closed;

    Elections(
            Topic topic,
            CoordinatorLog log,
            Groups groups,
            Scheduler scheduler,
            long rewriteRecords) {
        this.topic = topic;
        this.log = log;
        this.groups = groups;
        this.scheduler = scheduler;
        this.rewriteRecords = rewriteRecords;
        this.epochs = new int[topic.partitionCount()];
        this.watches = new @Nullable Watch[epochs.length];
        this.reloadAt = new long[epochs.length];
        Arrays.fill(epochs, NOT_LEADING);
        Arrays.fill(reloadAt, Long.MAX_VALUE);
    }

    /** Looks at every partition; comes back by itself while one is not led here. */
    synchronized void check() {
        boolean complete = true;
        for (int i = 0; i < epochs.length && !closed; i++) {
            Partition partition = topic.partition(i);
            if (partition != null) {
                watch(i, partition);
            }
            settle(i, partition == null ? NOT_LEADING : partition.leaderEpoch());
            complete &= partition != null;
        }
        if (!complete && !closed) {
            scheduler.schedule(this::check, RETRY_NANOS);
        }
    }

    private void watch(int index, Partition partition) {
        Watch watch = watches[index];
        if (watch == null || !watch.of(partition)) {
            if (watch != null) {
                watch.close();
            }
            watches[index] = new Watch(index, partition);
        }
    }

    /** So long a log is rewritten: its coordinator resigns, and is elected anew. */
    private synchronized void reload(int index) {
        int epoch = epochs[index];
        if (!closed && epoch != NOT_LEADING && topic.partition(index) != null) {
            groups.onResignation(index);
            elect(index, epoch);
        }
    }

    private void elect(int index, int epoch) {
        try {
            OffsetsCompaction.run(log, index);
            long left = log.endOffset(index) - log.startOffset(index);
            reloadAt[index] = log.endOffset(index) + Math.max(rewriteRecords, left * MIN_GROWTH);
            groups.onElection(index, epoch);
        } catch (NotLeaderOrFollowerException e) {
            epochs[index] = NOT_LEADING; // lost meanwhile: looked at again
            scheduler.schedule(this::check, RETRY_NANOS);
        }
    }

    /** Looks again when a partition has another epoch, or is no more the one that is led. */
    private final class Watch implements Partition.AdvanceListener {
        private final int index;
        private final Partition watched;
        private final Registration registration;

        Watch(int index, Partition partition) {
            this.index = index;
            this.watched = partition;
            this.registration = partition.onAdvance(Runnable::run, this);
        }

        boolean of(@Nullable Partition partition) {
            return watched.equals(partition);
        }

        void close() {
            registration.close();
        }

        @Override
        public void advanced(Partition moved) {
            if (moved.leaderEpoch() != epochs[index] || !of(topic.partition(index))) {
                scheduler.execute(Elections.this::check);
            } else if (moved.logEndOffset() >= reloadAt[index]) {
                reloadAt[index] = Long.MAX_VALUE;
                scheduler.execute(() -> reload(index));
            }
        }
    }

    private void settle(int index, int epoch) {
        int earlier = epochs[index];
        if (epoch == earlier) {
            return;
        }
        epochs[index] = epoch;
        if (earlier != NOT_LEADING) {
            groups.onResignation(index);
        }
        if (epoch != NOT_LEADING) {
            elect(index, epoch);
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        for (Watch watch : watches) {
            if (watch != null) {
                watch.close();
            }
        }
    }
}
