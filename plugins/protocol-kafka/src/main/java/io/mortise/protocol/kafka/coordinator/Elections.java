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
    private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final Topic topic;
    private final Groups groups;
    private final Scheduler scheduler;
    private final int[] epochs;
    private final @Nullable Watch[] watches;
    private boolean closed;

    Elections(Topic topic, Groups groups, Scheduler scheduler) {
        this.topic = topic;
        this.groups = groups;
        this.scheduler = scheduler;
        this.epochs = new int[topic.partitionCount()];
        this.watches = new @Nullable Watch[epochs.length];
        Arrays.fill(epochs, NOT_LEADING);
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

    private void elect(int index, int epoch) {
        try {
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
