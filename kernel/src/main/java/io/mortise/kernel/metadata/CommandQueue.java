// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.metadata;

import io.mortise.kernel.metadata.Metadata.Change;
import io.mortise.kernel.metadata.Metadata.Decision;
import io.mortise.spi.Reason;
import io.mortise.spi.RefusedException;
import io.mortise.spi.runtime.Scheduler;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * Commands that wait to be decided, and the one entry that is under way. Waiting commands are
 * decided together, each against what the ones before it will have done.
 */
final class CommandQueue {
    private static final Logger LOG = LoggerFactory.getLogger(CommandQueue.class);
    private static final int MAX_WAITING = 10_000;
    private static final int MAX_COMMANDS = 500;
    private static final int MAX_RECORDS = 1_000;

    private record Command<T>(Decision<T> decision, CompletableFuture<T> outcome) {}

    private record Decided<T>(Command<T> command, T result) {
        void complete() {
            command.outcome.complete(result);
        }
    }

    private record Batch(
            String proposal, List<Decided<?>> decided, List<MetadataRecord> records, long base) {}

    private final MetadataLog log;
    private final Scheduler scheduler;
    private final Supplier<MetadataImage> image;
    private final String proposer;
    private final ReentrantLock lock = new ReentrantLock();
    private final ArrayDeque<Command<?>> waiting = new ArrayDeque<>();
    private boolean draining;
    private boolean closed;
    private long proposals;
    private @Nullable Batch inFlight;
    private volatile boolean away;

    /**
     * @param image as of now
     * @param proposer begins the names of proposals; unlike that of any other node or run
     */
    CommandQueue(
            MetadataLog log, Scheduler scheduler, Supplier<MetadataImage> image, String proposer) {
        this.log = log;
        this.scheduler = scheduler;
        this.image = image;
        this.proposer = proposer;
    }

    /** See {@link Metadata#change}. */
    <T> CompletionStage<T> submit(Decision<T> decision) {
        Command<T> command = new Command<>(decision, new CompletableFuture<>());
        lock.lock();
        try {
            if (closed) {
                return refused(Reason.SHUTTING_DOWN, "the broker stops");
            }
            if (waiting.size() >= MAX_WAITING) {
                return refused(Reason.BUSY, MAX_WAITING + " metadata commands wait already");
            }
            waiting.add(command);
            wake();
        } finally {
            lock.unlock();
        }
        return command.outcome;
    }

    static <T> CompletionStage<T> refused(Reason reason, String message) {
        return CompletableFuture.failedFuture(new RefusedException(reason, message));
    }

    /**
     * An entry was applied here, whoever proposed it.
     *
     * @param stale it came too late and changed nothing, so it has to be decided again
     */
    void applied(String proposal, boolean stale) {
        Batch batch = takeInFlight(proposal);
        if (batch != null) {
            cameBack();
        }
        if (batch != null && stale) {
            decideAgain(batch);
        } else if (batch != null) {
            finish(batch, null);
        }
    }

    /** How many commands are not decided yet. */
    int waiting() {
        lock.lock();
        try {
            return waiting.size();
        } finally {
            lock.unlock();
        }
    }

    /** Whether the last proposal did not fail. */
    boolean available() {
        return !away;
    }

    /** Refuses what waits and what comes. */
    void close() {
        List<Command<?>> left;
        lock.lock();
        try {
            closed = true;
            left = new ArrayList<>(waiting);
            waiting.clear();
        } finally {
            lock.unlock();
        }
        RefusedException stopping = new RefusedException(Reason.SHUTTING_DOWN, "the broker stops");
        left.forEach(command -> command.outcome.completeExceptionally(stopping));
    }

    private void wake() {
        if (!draining && !waiting.isEmpty()) {
            draining = true;
            scheduler.execute(this::drain);
        }
    }

    private void drain() {
        Batch batch = decide();
        if (batch.records.isEmpty()) {
            finish(batch, null);
            return;
        }
        lock.lock();
        try {
            inFlight = batch;
        } finally {
            lock.unlock();
        }
        try {
            propose(batch);
        } catch (RuntimeException e) {
            LOG.error("A carrier of metadata failed.", e);
            proposed(batch, e);
        }
    }

    private void propose(Batch batch) {
        byte[] entry =
                RecordCodec.write(new RecordCodec.Entry(batch.base, batch.proposal, batch.records));
        log.propose(entry).whenComplete((_, failure) -> proposed(batch, failure));
    }

    /**
     * Committed entries are finished by {@link #applied}, perhaps already, perhaps a little later.
     */
    private void proposed(Batch batch, @Nullable Throwable failure) {
        if (failure != null && takeInFlight(batch.proposal) != null) {
            RefusedException refused = unavailable(failure);
            went(refused);
            finish(batch, refused);
        }
    }

    /** Says it once, not for each command. */
    private void went(RefusedException why) {
        if (!away) {
            away = true;
            LOG.warn(
                    "Metadata is away: topics, users and rules cannot be changed until it is back;"
                            + " what exists is served on. {}",
                    why.getMessage());
        }
    }

    private void cameBack() {
        if (away) {
            away = false;
            LOG.info("Metadata is back.");
        }
    }

    private static RefusedException unavailable(Throwable failure) {
        Throwable cause = failure.getCause() == null ? failure : failure.getCause();
        if (failure instanceof RefusedException refused) {
            return refused;
        }
        return cause instanceof RefusedException refused
                ? refused
                : new RefusedException(
                        Reason.METADATA_UNAVAILABLE, "metadata: " + failure.getMessage());
    }

    /** Decides waiting commands one after the other, until the entry is large enough. */
    private Batch decide() {
        MetadataImage base = image.get();
        MetadataImage speculative = base;
        List<Decided<?>> decided = new ArrayList<>();
        List<MetadataRecord> records = new ArrayList<>();
        Command<?> command = poll();
        while (command != null) {
            speculative = decide(command, speculative, decided, records);
            boolean full = decided.size() >= MAX_COMMANDS || records.size() >= MAX_RECORDS;
            command = full ? null : poll();
        }
        return new Batch(proposer + "-" + ++proposals, decided, records, base.version());
    }

    private @Nullable Command<?> poll() {
        lock.lock();
        try {
            return waiting.poll();
        } finally {
            lock.unlock();
        }
    }

    private <T> MetadataImage decide(
            Command<T> command,
            MetadataImage before,
            List<Decided<?>> decided,
            List<MetadataRecord> records) {
        try {
            Change<T> change = command.decision.decide(before);
            MetadataImage after = Replay.apply(before, change.records());
            records.addAll(change.records());
            decided.add(new Decided<>(command, change.result()));
            return after;
        } catch (RefusedException e) {
            command.outcome.completeExceptionally(e);
        } catch (RuntimeException e) {
            LOG.error("A metadata command failed; nothing was changed.", e);
            command.outcome.completeExceptionally(
                    new RefusedException(Reason.INTERNAL_ERROR, "metadata command: " + e));
        }
        return before;
    }

    private @Nullable Batch takeInFlight(String proposal) {
        lock.lock();
        try {
            Batch batch = inFlight;
            if (batch == null || !batch.proposal.equals(proposal)) {
                return null;
            }
            inFlight = null;
            return batch;
        } finally {
            lock.unlock();
        }
    }

    /** Tells the commands of a batch how they ended and begins the next one. */
    private void finish(Batch batch, @Nullable RefusedException failure) {
        for (Decided<?> decided : batch.decided) {
            if (failure == null) {
                decided.complete();
            } else {
                decided.command.outcome.completeExceptionally(failure);
            }
        }
        next(List.of());
    }

    private void decideAgain(Batch batch) {
        List<Command<?>> commands = new ArrayList<>();
        batch.decided.forEach(decided -> commands.add(decided.command));
        next(commands);
    }

    private void next(List<Command<?>> again) {
        lock.lock();
        try {
            for (int i = again.size() - 1; i >= 0; i--) {
                waiting.addFirst(again.get(i));
            }
            draining = false;
            wake();
        } finally {
            lock.unlock();
        }
    }

    /** Fails what is under way, because nobody can know any more whether it was applied. */
    void giveUp(String why) {
        Batch batch = inFlightNow();
        if (batch != null && takeInFlight(batch.proposal) != null) {
            finish(batch, new RefusedException(Reason.METADATA_UNAVAILABLE, "metadata: " + why));
        }
    }

    private @Nullable Batch inFlightNow() {
        lock.lock();
        try {
            return inFlight;
        } finally {
            lock.unlock();
        }
    }
}
