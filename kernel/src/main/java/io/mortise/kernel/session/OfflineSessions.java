// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.session;

import io.mortise.kernel.delivery.DeliveryServices;
import io.mortise.kernel.delivery.Publishing;
import io.mortise.kernel.delivery.SingleMessage;
import io.mortise.spi.Refusal;
import io.mortise.spi.TenantId;
import io.mortise.spi.broker.Session.PublishCallback;
import io.mortise.spi.security.Principal;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;

/**
 * Kept sessions without a connection: when their time comes, their wills are published and they are
 * forgotten. A session's job runs only while nobody holds it.
 */
final class OfflineSessions {
    private static final Logger LOG = LoggerFactory.getLogger(OfflineSessions.class);

    /** Deadlines as near as this are in memory. */
    private static final long SOON_MILLIS = 60_000;

    private final StateLog<StoredSession> log;
    private final LoopContexts contexts;
    private final Slots slots;
    private final Deadlines deadlines;
    private final Executor background;
    private final DeliveryServices services;

    OfflineSessions(
            StateLog<StoredSession> log,
            LoopContexts contexts,
            Slots slots,
            Deadlines deadlines,
            Executor background,
            DeliveryServices services) {
        this.log = log;
        this.contexts = contexts;
        this.slots = slots;
        this.deadlines = deadlines;
        this.background = background;
        this.services = services;
    }

    /** What a stored session waits for. */
    private record Due(
            Principal principal, String host, byte @Nullable [] will, long willAt, long expiryAt) {
        long next() {
            return will == null ? expiryAt : Math.min(willAt, expiryAt);
        }
    }

    /** After a start: connections that an earlier run had are gone. */
    void takeOver() {
        log.shards().forEach(this::takeOver);
    }

    /** Connections that a shard's sessions had when they were noted last are gone. */
    void takeOver(StateLog.Shard<StoredSession> shard) {
        List<String> orphans = new ArrayList<>();
        List<String> all = new ArrayList<>();
        log.each(
                shard,
                (key, stored) -> {
                    all.add(key);
                    if (stored.disconnectedAtMillis == StoredSession.CONNECTED) {
                        orphans.add(key);
                    }
                });
        for (String key : orphans) {
            Job job = new Job(key);
            if (slots.claimIdle(key, job)) {
                log.pin(key, job);
                job.append(SessionEvents.disconnected(services.clock().wallMillis()));
                job.release();
            }
        }
        all.forEach(this::disconnected);
    }

    private LoopContext acquire() {
        return contexts.acquire(TenantId.DEFAULT, background);
    }

    /** A session's connection went without a word. */
    void abandoned(String key) {
        background.execute(
                () -> {
                    LoopContext context = acquire();
                    context.journal.append(
                            key, SessionEvents.disconnected(services.clock().wallMillis()), null);
                    contexts.release(TenantId.DEFAULT, context);
                    disconnected(key);
                });
    }

    /** A session lost its connection: it is looked at when something is due. */
    void disconnected(String key) {
        if (log.sleeps()) {
            background.execute(() -> remember(key, due(key)));
        } else {
            remember(key, due(key));
        }
    }

    /** What is far away is found in the index when its time comes. */
    private void remember(String key, @Nullable Due due) {
        if (due == null || due.next() == Long.MAX_VALUE) {
            return;
        }
        if (!log.sleeps() || due.next() - services.clock().wallMillis() < SOON_MILLIS) {
            deadlines.add(due.next(), key);
        }
    }

    /** Looks for sleeping sessions whose time comes soon. May block. */
    void lookAhead() {
        long soon = services.clock().wallMillis() + SOON_MILLIS / 2;
        log.due(soon, (key, atMillis) -> deadlines.add(atMillis, key));
    }

    private @Nullable Due due(String key) {
        return log.with(key, OfflineSessions::due);
    }

    private static @Nullable Due due(@Nullable StoredSession stored) {
        if (stored == null || stored.disconnectedAtMillis == StoredSession.CONNECTED) {
            return null;
        }
        return new Due(
                stored.principal,
                stored.host,
                stored.will,
                stored.willAtMillis(),
                stored.expiryAtMillis());
    }

    /** Something may be due for a session. */
    void look(String key) {
        Job job = new Job(key);
        if (slots.claimIdle(key, job)) {
            background.execute(job::run);
        }
    }

    /** One look at a session that nobody holds meanwhile. */
    private final class Job implements Slots.Claim {
        private final String key;

        Job(String key) {
            this.key = key;
        }

        @Override
        public void granted() {
            background.execute(this::run);
        }

        @Override
        public void wanted() {
            // it is over soon
        }

        void run() {
            log.pin(key, this);
            Due due = due(key);
            long now = services.clock().wallMillis();
            if (due == null) {
                release();
                return;
            }
            if (due.will() != null && due.willAt() <= now) {
                publishWill(due.principal(), due.host(), due.will(), refusal -> willDone(refusal));
                return;
            }
            if (due.expiryAt() <= now) {
                append(null);
            } else {
                remember(key, due);
            }
            release();
        }

        void release() {
            log.unpin(key, this);
            slots.release(key, this);
        }

        private void willDone(@Nullable Refusal refusal) {
            if (refusal != null) {
                LOG.warn("A will was not published: {}", refusal);
            }
            append(SessionEvents.willDone());
            run();
        }

        private void append(@Nullable ByteBuf event) {
            LoopContext context = acquire();
            context.journal.append(key, event, null);
            contexts.release(TenantId.DEFAULT, context);
        }
    }

    /** Publishes a will; {@code callback} is told on the background. */
    void publishWill(
            Principal principal, String host, byte[] will, @Nullable PublishCallback callback) {
        background.execute(
                () -> {
                    LoopContext context = contexts.acquire(principal.tenant(), background);
                    context.publisher.publish(
                            new WillPublisher(principal, host),
                            SingleMessage.decode(
                                    Unpooled.wrappedBuffer(will), services.clock().wallMillis()),
                            null,
                            refusal -> {
                                contexts.release(principal.tenant(), context);
                                if (callback != null) {
                                    callback.completed(refusal);
                                }
                            },
                            null);
                });
    }

    /** Publishes for a client that is gone. */
    private record WillPublisher(Principal principal, String host) implements Publishing {
        @Override
        public byte @Nullable [] origin() {
            return null;
        }

        @Override
        public void stalled() {
            // one message; it waits its turn
        }

        @Override
        public void resumed() {
            // nobody was held up
        }
    }
}
