// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.session;

import io.mortise.kernel.delivery.DeliveryServices;
import io.mortise.spi.Reason;
import io.mortise.spi.Refusal;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * What follows when the log of a shard of sessions failed and is read again: what its connections
 * were told may be lost, so they end, and once they have let go, exactly-once publishes are
 * recovered. Until then none of its sessions is opened. Any thread.
 */
final class FailedShards {
    private static final Logger LOG = LoggerFactory.getLogger(FailedShards.class);
    private static final long LOOK_NANOS = 5_000_000L;

    /** A claim that may stand on what a shard held. */
    interface Dependent extends Slots.Claim {
        boolean dependsOn(StateLog.Shard<StoredSession> shard);

        /** It is to let go soon. */
        void end(Refusal reason);
    }

    private final StateLog<StoredSession> log;
    private final ExactlyOnceMarks marks;
    private final Slots slots;
    private final OfflineSessions offline;
    private final DeliveryServices services;
    private final Executor background;
    private final AtomicIntegerArray recovering = new AtomicIntegerArray(StateLog.SHARDS);

    FailedShards(
            StateLog<StoredSession> log,
            ExactlyOnceMarks marks,
            Slots slots,
            OfflineSessions offline,
            DeliveryServices services,
            Executor background) {
        this.log = log;
        this.marks = marks;
        this.slots = slots;
        this.offline = offline;
        this.services = services;
        this.background = background;
    }

    /** Whether a shard's sessions may be opened. */
    boolean usable(String key) {
        return recovering.get(log.shard(key).index) == 0 && log.readable(key);
    }

    /** A shard is about to be read again. */
    void failed(StateLog.Shard<StoredSession> shard) {
        recovering.incrementAndGet(shard.index);
        endDependents(shard);
    }

    private boolean endDependents(StateLog.Shard<StoredSession> shard) {
        Refusal reason = new Refusal(Reason.STORAGE_FAILED, "the log of the session failed");
        boolean any = false;
        for (Slots.Claim holder : slots.holders()) {
            if (holder instanceof Dependent dependent && dependent.dependsOn(shard)) {
                dependent.end(reason);
                any = true;
            }
        }
        return any;
    }

    /** A shard was read again. What its connections still had under way must be settled first. */
    void readAgain(StateLog.Shard<StoredSession> shard) {
        if (endDependents(shard)) {
            services.scheduler().schedule(() -> readAgain(shard), LOOK_NANOS);
            return;
        }
        new ExactlyOnceRecovery(log, shard::equals, marks.log(), services, background)
                .run()
                .whenCompleteAsync((done, failed) -> recovered(shard, failed), background);
    }

    private void recovered(StateLog.Shard<StoredSession> shard, @Nullable Throwable failed) {
        if (failed != null) {
            LOG.error(
                    "Exactly-once publishes of shard {} are not recovered: repeats may be stored"
                            + " again",
                    shard.index,
                    failed);
        }
        offline.takeOver(shard);
        recovering.decrementAndGet(shard.index);
    }
}
