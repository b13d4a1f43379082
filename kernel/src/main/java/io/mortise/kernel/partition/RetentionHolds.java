// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import io.mortise.spi.broker.Partition;
import io.mortise.spi.broker.RetentionHold;
import io.mortise.spi.runtime.Scheduler;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/** Who needs what of one partition, against its retention. Any thread. */
final class RetentionHolds {
    private static final Logger LOG = LoggerFactory.getLogger(RetentionHolds.class);

    private final Partition partition;
    private final Scheduler scheduler;
    private final PartitionMetrics metrics;
    private final List<Hold> holds = new CopyOnWriteArrayList<>();

    RetentionHolds(Partition partition, PartitionContext context) {
        this.partition = partition;
        this.scheduler = context.scheduler();
        this.metrics = context.metrics();
    }

    RetentionHold add(long offset, RetentionHold.Policy policy, RetentionHold.Holder holder) {
        var hold = new Hold(offset, policy, holder);
        holds.add(hold);
        return hold;
    }

    /** How far retention may go that wants to go to {@code wanted}; asks those who rescue. */
    long allowed(long wanted) {
        long allowed = wanted;
        for (Hold hold : holds) {
            long needed = hold.needed.get();
            if (needed < wanted && hold.policy != RetentionHold.Policy.DROP_OLDEST) {
                allowed = Math.min(allowed, needed);
                if (hold.policy == RetentionHold.Policy.RESCUE) {
                    hold.rescue(needed, wanted);
                }
            }
        }
        return allowed;
    }

    /** The log starts at {@code offset} now. */
    void passed(long offset) {
        for (Hold hold : holds) {
            long needed = hold.needed.get();
            if (needed < offset) {
                metrics.overtakenHolds.add(1);
                hold.moveTo(offset);
                scheduler.execute(() -> hold.tell(needed, offset));
            }
        }
    }

    private final class Hold implements RetentionHold {
        private final AtomicLong needed;
        private final Policy policy;
        private final Holder holder;
        private final AtomicBoolean rescuing = new AtomicBoolean();

        Hold(long offset, Policy policy, Holder holder) {
            this.needed = new AtomicLong(offset);
            this.policy = policy;
            this.holder = holder;
        }

        @Override
        public void moveTo(long offset) {
            needed.accumulateAndGet(offset, Math::max);
        }

        private void rescue(long from, long to) {
            if (rescuing.compareAndSet(false, true)) {
                scheduler.execute(
                        () ->
                                holder.leaves(partition, from, to)
                                        .whenComplete((_, e) -> done(to, e)));
            }
        }

        private void done(long to, @Nullable Throwable failure) {
            if (failure == null) {
                moveTo(to);
            } else {
                LOG.warn("{}: what retention lets go was not rescued", partition.logId(), failure);
            }
            rescuing.set(false);
        }

        private void tell(long from, long to) {
            holder.leaves(partition, from, to)
                    .whenComplete(
                            (_, e) -> {
                                if (e != null) {
                                    LOG.warn("{}: a holder failed", partition.logId(), e);
                                }
                            });
        }

        @Override
        public void close() {
            holds.remove(this);
        }
    }
}
