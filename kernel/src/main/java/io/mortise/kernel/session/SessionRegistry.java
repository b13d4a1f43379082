// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.session;

import io.mortise.kernel.delivery.DeliveryServices;
import io.mortise.kernel.delivery.RetainedSink;
import io.mortise.kernel.delivery.SingleMessage;
import io.mortise.spi.Reason;
import io.mortise.spi.Refusal;
import io.mortise.spi.Registration;
import io.mortise.spi.TenantId;
import io.mortise.spi.broker.Receiver;
import io.mortise.spi.broker.Session.End;
import io.mortise.spi.broker.Sessions;
import io.mortise.spi.plugin.Metrics;
import io.mortise.spi.storage.KeyValueSpace;
import io.netty.buffer.ByteBufUtil;

import org.jspecify.annotations.Nullable;

import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.random.RandomGenerator;

/**
 * The sessions of this node. {@link #start} finds what an earlier run kept; until then, and after
 * {@link #close}, opening is refused. Any thread.
 */
public final class SessionRegistry implements Sessions, SessionHost, AutoCloseable {
    private static final long SWEEP_NANOS = 200_000_000L;
    private static final long TIDY_NANOS = 10_000_000_000L;

    private static final long FLUSH_NANOS = 2_000_000_000L;
    private static final long LOOK_NANOS = 5_000_000_000L;
    private static final long TOMBSTONES_NANOS = 1_000_000_000L;

    private static final Refusal NOT_READY =
            new Refusal(Reason.NOT_READY, "sessions are not open yet, or no more");

    private final DeliveryServices services;
    private final RandomGenerator random;
    private final SessionCounters counters;
    private final StateLog<StoredSession> log;
    private final RetainedStore retained;
    private final ExactlyOnceMarks marks;
    private final LoopContexts contexts;
    private final Slots slots = new Slots();
    private final Deadlines deadlines = new Deadlines();
    private final OfflineSessions offline;
    private final Executor background;
    private final FailedShards failedShards;
    private final UnsettledPositions unsettled;
    private final RetainedTombstones cleared;
    private volatile boolean open;
    private final Registration gauge;
    private @Nullable Registration sweeps;
    private @Nullable Registration tombstones;
    private @Nullable Registration flushing;
    private @Nullable Registration looking;
    private @Nullable Registration tidying;

    /**
     * @param random for incarnation numbers
     */
    public SessionRegistry(DeliveryServices services, RandomGenerator random, Metrics metrics) {
        this(services, random, metrics, null);
    }

    /**
     * @param random for incarnation numbers
     * @param space where sessions that nobody uses are kept, closed with the registry; null: in
     *     memory
     */
    public SessionRegistry(
            DeliveryServices services,
            RandomGenerator random,
            Metrics metrics,
            @Nullable KeyValueSpace space) {
        this.services = services;
        this.random = random;
        this.counters = new SessionCounters(metrics);
        this.log =
                new StateLog<>(
                        "__mortise_sessions",
                        new SessionEvents(),
                        services,
                        counters,
                        space == null ? null : new StateIndex(space));
        this.gauge =
                metrics.gauge(
                        "mortise_session_states_in_memory",
                        "Persistent sessions on the heap",
                        log::inMemory);
        this.retained = new RetainedStore(services, counters);
        this.marks = new ExactlyOnceMarks(services, counters);
        this.contexts = new LoopContexts(services, retained, marks, log);
        this.background = new SerialExecutor(services.scheduler()::execute);
        this.offline = new OfflineSessions(log, contexts, slots, deadlines, background, services);
        this.cleared = new RetainedTombstones(retained, services, background);
        this.unsettled = new UnsettledPositions(log, background);
        this.failedShards = new FailedShards(log, marks, slots, offline, services, background);
    }

    /** Replays what was kept; the stage completes when sessions may be opened. */
    public CompletionStage<Void> start() {
        return log.open()
                .thenCompose(done -> retained.log().open())
                .thenCompose(done -> marks.log().open())
                .thenCompose(
                        done ->
                                new ExactlyOnceRecovery(
                                                log,
                                                shard -> true,
                                                marks.log(),
                                                services,
                                                background)
                                        .run())
                .thenRunAsync(this::begin, background);
    }

    private void begin() {
        log.onReload(failedShards::failed, failedShards::readAgain);
        offline.takeOver();
        unsettled.start();
        sweeps = services.scheduler().repeat(this::sweep, SWEEP_NANOS);
        tidying = services.scheduler().repeat(this::tidy, TIDY_NANOS);
        tombstones = services.scheduler().repeat(cleared::look, TOMBSTONES_NANOS);
        if (log.sleeps()) {
            flushing = services.scheduler().repeat(log::flush, FLUSH_NANOS);
            looking = services.scheduler().repeat(offline::lookAhead, LOOK_NANOS);
        }
        open = true;
    }

    private void sweep() {
        for (String key : deadlines.due(services.clock().wallMillis())) {
            offline.look(key);
        }
        slots.remind();
    }

    private void tidy() {
        log.tidy();
        retained.log().tidy();
        marks.log().tidy();
    }

    @Override
    public void open(SessionRequest request, Receiver receiver, OpenCallback callback) {
        String key = StateLog.key(request.principal().tenant(), request.clientId());
        if (!usable(key)) {
            releaseWill(request);
            request.loop().execute(() -> callback.completed(null, NOT_READY));
            return;
        }
        slots.claim(key, new Connection(key, request, receiver, callback));
    }

    private boolean usable(String key) {
        return open && failedShards.usable(key);
    }

    private static void releaseWill(SessionRequest request) {
        Will will = request.will();
        if (will != null) {
            will.message().payload().release();
        }
    }

    @Override
    public RetainedMessages retained() {
        return retained;
    }

    @Override
    public RetainedSink copies() {
        return retained;
    }

    @Override
    public SessionCounters counters() {
        return counters;
    }

    @Override
    public ExactlyOnceMarks marks() {
        return marks;
    }

    @Override
    public UnsettledPositions unsettled() {
        return unsettled;
    }

    StateLog<StoredSession> log() {
        return log;
    }

    /** Every session's connection hears that the broker stops; wills stay for the next start. */
    @Override
    public void close() {
        open = false;
        Refusal reason = new Refusal(Reason.SHUTTING_DOWN, "the broker stops");
        for (Slots.Claim holder : slots.holders()) {
            if (holder instanceof Connection connection) {
                connection.end(reason);
            }
        }
        if (sweeps != null) {
            sweeps.close();
        }
        if (tidying != null) {
            tidying.close();
        }
        if (tombstones != null) {
            tombstones.close();
        }
        if (flushing != null && looking != null) {
            flushing.close();
            looking.close();
        }
        unsettled.close();
        log.close();
        gauge.close();
    }

    /** One connection's claim on a session, from its wish to its end. */
    final class Connection implements FailedShards.Dependent {
        private final String key;
        private final SessionRequest request;
        private final Receiver receiver;
        private final OpenCallback callback;
        private byte @Nullable [] will;
        private @Nullable LoopContext context;
        private @Nullable OnlineSession session;
        private @Nullable Refusal ending;
        private volatile boolean kept;
        private volatile @Nullable Refusal unreadable;

        Connection(String key, SessionRequest request, Receiver receiver, OpenCallback callback) {
            this.key = key;
            this.request = request;
            this.receiver = receiver;
            this.callback = callback;
        }

        @Override
        public void granted() {
            if (log.sleeps()) {
                services.scheduler().execute(this::wakeUp);
            } else {
                request.loop().execute(this::begin);
            }
        }

        private void wakeUp() {
            Refusal refusal = null;
            try {
                log.pin(key, this);
            } catch (UncheckedIOException | IllegalStateException e) {
                refusal =
                        new Refusal(Reason.STORAGE_UNAVAILABLE, "the session cannot be read: " + e);
            }
            unreadable = refusal;
            try {
                request.loop().execute(this::begin);
            } catch (RejectedExecutionException gone) {
                release();
            }
        }

        private void release() {
            log.unpin(key, this);
            slots.release(key, this);
        }

        @Override
        public void wanted() {
            String message = "another connection has taken session '" + request.clientId() + "'";
            end(new Refusal(Reason.TAKEN_OVER, message));
        }

        @Override
        public boolean dependsOn(StateLog.Shard<StoredSession> shard) {
            return kept && shard.equals(log.shard(key));
        }

        @Override
        public void end(Refusal reason) {
            try {
                request.loop().execute(() -> endHere(reason));
            } catch (RejectedExecutionException gone) {
                abandoned();
            }
        }

        private void endHere(Refusal reason) {
            ending = ending == null ? reason : ending;
            if (session != null) {
                session.end(reason, End.ABNORMAL);
            }
        }

        /** Its loop ended without closing it: what can be done elsewhere is done. */
        private void abandoned() {
            if (kept) {
                offline.abandoned(key);
            }
            release();
        }

        private void begin() {
            Refusal refused = usable(key) ? unreadable : NOT_READY;
            if (refused != null) { // it may have waited while the shard failed
                releaseWill(request);
                callback.completed(null, refused);
                release();
                return;
            }
            if (!log.pinned(key, this)) {
                granted(); // the shard was read again
                return;
            }
            LoopContext acquired = contexts.acquire(request.principal().tenant(), request.loop());
            context = acquired;
            takeWill();
            Opening opening = Opening.decide(log, key, request, random, services.clock());
            Journal journal = new Journal(acquired.journal, key, opening.kept());
            kept = opening.kept();
            if (opening.orphanWill() != null) {
                offline.publishWill(
                        opening.principal(), opening.host(), opening.orphanWill(), null);
            }
            if (opening.forget()) {
                acquired.journal.append(
                        key, null, opening.kept() ? null : refusal -> opened(opening, refusal));
            }
            if (opening.kept()) {
                journal.note(
                        SessionEvents.opened(
                                opening.state().incarnation(),
                                request.expirySeconds(),
                                request.principal(),
                                request.host(),
                                will,
                                willDelaySeconds()),
                        refusal -> opened(opening, refusal));
            } else if (!opening.forget()) {
                request.loop().execute(() -> opened(opening, null));
            }
        }

        private void takeWill() {
            Will asked = request.will();
            if (asked != null) {
                long now = services.clock().wallMillis();
                will = ByteBufUtil.getBytes(SingleMessage.encode(asked.message(), now));
                asked.message().payload().release();
            }
        }

        private void opened(Opening opening, @Nullable Refusal refusal) {
            LoopContext held = Objects.requireNonNull(context);
            Refusal reason = refusal == null ? ending : refusal;
            if (reason != null) {
                contexts.release(request.principal().tenant(), held);
                callback.completed(null, reason);
                release();
                return;
            }
            Journal journal = new Journal(held.journal, key, opening.kept());
            OnlineSession opened =
                    new OnlineSession(
                            SessionRegistry.this,
                            this::ended,
                            held,
                            request,
                            receiver,
                            journal,
                            opening.state());
            session = opened;
            callback.completed(opened, null);
        }

        /** The session has let go of its loop's feeds; what remains of it is decided here. */
        void ended(OnlineSession ended, End end) {
            LoopContext held = Objects.requireNonNull(context);
            boolean stopping = ending != null && ending.reason() == Reason.SHUTTING_DOWN;
            boolean failed = ending != null && ending.reason() == Reason.STORAGE_FAILED;
            boolean willDue = will != null && end != End.NORMAL && !stopping;
            boolean mayBeDone = !failed && willDelaySeconds() == 0; // else it would come twice
            boolean now = willDue && (!ended.keepsPosition() || mayBeDone);
            if (now) {
                offline.publishWill(request.principal(), request.host(), will, null);
            }
            if (ended.keepsPosition()) {
                endKept(held, willDue && !now, stopping);
            }
            TenantId tenant = request.principal().tenant();
            contexts.release(tenant, held);
            session = null;
            release();
        }

        private long willDelaySeconds() {
            Will asked = request.will();
            return asked == null ? 0 : asked.delaySeconds();
        }

        private void endKept(LoopContext held, boolean willWaits, boolean stopping) {
            if (will != null && !willWaits && !stopping) {
                held.journal.append(key, SessionEvents.willDone(), null);
            }
            held.turn.run();
            if (!stopping) {
                offline.disconnected(key);
            }
        }
    }
}
