// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import io.mortise.spi.Durability;
import io.mortise.spi.LogId;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;

/**
 * Takes the log of one partition from one storage engine to another, while it leads. As {@link
 * LogControl} for threads, and under its lock.
 */
final class EngineChange {
    private static final Logger LOG = LoggerFactory.getLogger(EngineChange.class);

    private final PartitionLog log;
    private final PartitionContext context;
    private final LogControl control;
    private final Generations generations;
    private final LogLeadership leadership;
    private final LogId id;

    /** Guarded by the control's lock. */
    private @Nullable CompletableFuture<Void> underWay;

    EngineChange(PartitionLog log, PartitionContext context, LogControl control) {
        this.log = log;
        this.context = context;
        this.control = control;
        this.generations = control.generations();
        this.leadership = log.leadership();
        this.id = log.logId();
    }

    /**
     * Completes when the partition has gone to another engine, or stays; null if it does not go.
     */
    @Nullable CompletableFuture<Void> underWay() {
        return underWay;
    }

    /**
     * Takes the log to another engine: what is sequenced meanwhile waits in the ring, and what the
     * engine before has is forced.
     */
    void begin(GenerationChain open) {
        EngineWriter from = leadership.holdBack();
        if (from == null) {
            return; // it is being closed, or opened again
        }
        underWay = new CompletableFuture<>();
        try {
            boolean forces =
                    open.active().engine().engine().durabilities().contains(Durability.DISK);
            if (forces) {
                open.configure(log.settings().logConfig(Durability.DISK, 0));
            }
            from.detach(log.rounds(), forces)
                    .thenRunAsync(() -> moveOn(open), context.scheduler()::execute);
        } catch (IOException | RuntimeException e) {
            stay(open, e);
        }
    }

    private void moveOn(GenerationChain open) {
        control.lock.lock();
        try {
            PartitionSettings settings = PartitionSettings.of(log.topic());
            if (!leadership.isLeading()) {
                goOnWith(open); // it is being closed, or will be opened again
                return;
            }
            if (!open.equals(control.storage())) {
                settle(); // it was opened again
                control.follow();
                return;
            }
            if (Generations.behind(open, settings)) {
                generations.begin(open, settings, log.leaderEpoch());
                log.standing().reserved(generations.reserve(open, open.endOffset()));
                log.configure(settings);
                generations.drop(open, open.startOffset());
            }
            leadership.goOn(open.active().engine().writer());
            settle();
            control.follow();
        } catch (IOException | RuntimeException e) {
            stay(open, e);
        } finally {
            control.lock.unlock();
        }
    }

    /** Nothing may be told that it is as safe as the topic asks where it is not. */
    private void goOnWith(GenerationChain open) {
        HostedEngine before = open.active().engine();
        if (before.engine().durabilities().contains(log.settings().durability())) {
            leadership.goOn(before.writer());
        }
        settle();
    }

    private void settle() {
        CompletableFuture<Void> done = underWay;
        underWay = null;
        if (done != null) {
            done.complete(null);
        }
    }

    /** The engine before goes on, if that is safe, until the next try. */
    private void stay(GenerationChain open, Exception cause) {
        LOG.error("{}: does not go to another storage engine yet", id, cause);
        if (generations.known()) {
            goOnWith(open);
            context.scheduler().schedule(control::followLater, control.longestDelayNanos());
        } else {
            settle(); // what waits must not go where a restart may not look for it
            log.rounds().failed(open, new IOException("its generations are not known", cause));
        }
    }
}
