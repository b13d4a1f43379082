// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import io.mortise.spi.Registration;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.Collection;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Compacts the logs of one host, one after the other, the dirtiest first: so the memory for keys is
 * there once.
 */
final class Compactor {
    private static final Logger LOG = LoggerFactory.getLogger(Compactor.class);

    private final PartitionContext context;
    private final Collection<PartitionLog> logs;
    private final ReentrantLock turn = new ReentrantLock();
    private final AtomicInteger holds = new AtomicInteger();
    private volatile boolean closed;

    /**
     * @param logs those that there are, always
     */
    Compactor(PartitionContext context, Collection<PartitionLog> logs) {
        this.context = context;
        this.logs = logs;
    }

    /** Ends before the next log. */
    void close() {
        closed = true;
    }

    /** Waits for the log under way; no other is compacted until the hold is closed. Blocks. */
    Registration hold() {
        turn.lock(); // the log under way ends first
        try {
            holds.incrementAndGet();
        } finally {
            turn.unlock();
        }
        var once = new AtomicBoolean();
        return () -> {
            if (once.compareAndSet(false, true)) {
                holds.decrementAndGet();
            }
        };
    }

    /** Compacts until nothing is worth it. Blocks. */
    void run() {
        int most = logs.size(); // a log whose keys did not fit comes again in the next round
        boolean more = true;
        for (int i = 0; i < most && more && !closed; i++) {
            turn.lock();
            try {
                more = holds.get() == 0 && compactDirtiest();
            } finally {
                turn.unlock();
            }
        }
    }

    private boolean compactDirtiest() {
        Candidate next = dirtiest();
        if (next == null) {
            return false;
        }
        LOG.debug("{}: compacting up to {}", next.log().logId(), next.plan().end());
        next.log().compaction().run(next.plan(), context.clock().wallMillis());
        return true;
    }

    private @Nullable Candidate dirtiest() {
        long now = context.clock().wallMillis();
        Candidate best = null;
        for (PartitionLog log : logs) {
            CompactionPlan plan = log.compaction().due(now);
            if (plan != null && (best == null || plan.dirtyRatio() > best.plan().dirtyRatio())) {
                best = new Candidate(log, plan);
            }
        }
        return best;
    }

    private record Candidate(PartitionLog log, CompactionPlan plan) {}
}
