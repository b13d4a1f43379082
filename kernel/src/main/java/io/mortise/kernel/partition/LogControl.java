// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import io.mortise.kernel.directory.LogDirectory;
import io.mortise.spi.LogId;
import io.mortise.spi.Reason;
import io.mortise.spi.Refusal;
import io.mortise.spi.RefusedException;
import io.mortise.spi.storage.LogStorage;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Opens, closes and reopens the log of one partition. Everything here may block and runs on the
 * host's scheduler, one call at a time.
 */
final class LogControl {
    private static final Logger LOG = LoggerFactory.getLogger(LogControl.class);
    private static final int LONGEST_DELAY = 100;
    private static final long PLACING_NANOS = 5_000_000_000L;

    private final PartitionLog log;
    private final LogStanding standing;
    private final LogRounds rounds;
    private final LogLeadership leadership;
    private final PartitionContext context;
    private final LogId id;
    private final StateFile stateFile;
    private final Generations generations;
    private final EngineChange change;

    /** Held by whoever changes the open log. */
    final ReentrantLock lock = new ReentrantLock();

    // Guarded by the lock.
    private boolean opening;
    private @Nullable GenerationChain storage;

    private long keptOffset = -1;
    private int tries;
    private int failures;
    private int nextEpoch;

    /** It is never opened again; whoever was about to comes too late. */
    private volatile boolean ended;

    LogControl(PartitionLog log, PartitionContext context) {
        this.log = log;
        this.standing = log.standing();
        this.rounds = log.rounds();
        this.leadership = log.leadership();
        this.context = context;
        this.id = log.logId();
        this.stateFile = new StateFile(context.files(), id);
        this.generations = new Generations(log, context);
        this.change = new EngineChange(log, context, this);
    }

    Generations generations() {
        return generations;
    }

    /** The log as it is open; null if it is not. Under the lock. */
    @Nullable GenerationChain storage() {
        return storage;
    }

    /**
     * Opens the log if all its engines are here; if that fails it is tried again later. One that is
     * open follows its topic.
     */
    void open() {
        lock.lock();
        try {
            if (ended) {
                return;
            }
            if (opening) {
                follow();
                return;
            }
            log.configure(PartitionSettings.of(log.topic()));
            generations.find(log.settings());
            opening = true;
            tries = 0;
            keptOffset = -1;
            leadership.recovering(log.unavailable());
            tryOpen(log.leaderEpoch());
        } catch (RefusedException e) {
            leadership.recovering(e.refusal()); // it is opened when that comes
        } catch (IOException e) {
            LOG.error("{}: where it lies cannot be told yet", id, e);
            leadership.recovering(new Refusal(Reason.STORAGE_UNAVAILABLE, id + ": " + e));
            context.scheduler().schedule(this::open, PLACING_NANOS);
        } finally {
            lock.unlock();
        }
    }

    private void tryOpen(int epoch) {
        nextEpoch = epoch;
        if (!opening || !leadership.isRecovering()) {
            return;
        }
        try {
            if (!waitsForDirectory()) {
                openNow(epoch);
                tries = 0;
                context.leadership().won(log);
                follow();
            }
        } catch (IOException | RuntimeException e) {
            openLater(epoch, e);
        }
    }

    /** One look at the directory is enough for all that it keeps: {@link #retry} follows. */
    private boolean waitsForDirectory() throws IOException {
        for (LogDirectory directory : generations.directories()) {
            Refusal offline = directory.offline();
            if (offline != null) {
                leadership.withoutStorage(offline);
                return true;
            }
        }
        return false;
    }

    /** Its directory is in service again. */
    void retry() {
        lock.lock();
        try {
            tries = 0;
            tryOpen(nextEpoch);
        } finally {
            lock.unlock();
        }
    }

    private void openNow(int epoch) throws IOException {
        PartitionSettings settings = PartitionSettings.of(log.topic());
        GenerationChain opened = generations.open(settings, epoch);
        try {
            truncate(opened);
            generations.drop(opened, opened.startOffset());
            log.configure(settings);
            PartitionState state = replay(opened);
            log.compaction().opened(opened);
            storage = opened;
            int least = Math.max(epoch, state.epochs().latest() + 1);
            standing.reserved(generations.reserve(opened, opened.endOffset()));
            EngineWriter writer = opened.active().engine().writer();
            boolean moves = Generations.behind(opened, settings);
            leadership.lead(writer, opened, state, context.epochs().reach(least), moves);
        } catch (IOException | RuntimeException e) {
            storage = null;
            closeQuietly(opened);
            throw e;
        }
    }

    private PartitionState replay(GenerationChain opened) throws IOException {
        PartitionState saved = stateFile.read();
        boolean ofLostBatches = saved != null && saved.offset() > opened.endOffset();
        var replay = new LogReplay(id, opened, context.clock().wallMillis(), context.damage());
        PartitionState state = replay.state(saved);
        if (ofLostBatches) {
            stateFile.write(state.encode()); // or it would be believed once the log is longer
        }
        return state;
    }

    /** After a failure: what was not durable then must not come back. */
    private void truncate(GenerationChain storage) throws IOException {
        if (keptOffset < 0) {
            return;
        }
        generations.cut(storage, keptOffset);
        if (storage.endOffset() > keptOffset) {
            storage.truncate(keptOffset);
        } else if (storage.endOffset() < keptOffset) {
            long lost = keptOffset - storage.endOffset();
            LOG.error("{}: the engine lost {} acknowledged offsets", id, lost);
            context.metrics().lostOffsets.add(lost);
        }
        keptOffset = -1;
    }

    private void openLater(int epoch, Exception cause) {
        if (cause instanceof IOException) {
            suspectDirectories();
        }
        int most = context.options().reopenTries();
        Reason reason = ++tries < most ? Reason.STORAGE_UNAVAILABLE : Reason.STORAGE_FAILED;
        if (tries < most) {
            LOG.warn("{}: cannot be opened, try {} of {}", id, tries, most, cause);
        } else if (tries == most) {
            LOG.error("{}: cannot be opened; it is tried on, and not told any more", id, cause);
        }
        leadership.withoutStorage(new Refusal(reason, id + ": cannot be opened: " + cause));
        context.scheduler().schedule(() -> again(epoch), delayNanos(tries));
    }

    private void suspectDirectories() {
        try {
            generations.directories().forEach(context.directories()::suspect);
        } catch (IOException | RefusedException e) {
            LOG.debug("{}: its directories are not known", id, e);
        }
    }

    private long delayNanos(int failed) {
        long factor = Math.min(LONGEST_DELAY, 1L << Math.min(failed - 1, 30));
        return context.options().reopenDelayNanos() * factor;
    }

    /** Between two tries of what does not stand in the way of anything else. */
    long longestDelayNanos() {
        return delayNanos(LONGEST_DELAY);
    }

    private void again(int epoch) {
        lock.lock();
        try {
            tryOpen(epoch);
        } finally {
            lock.unlock();
        }
    }

    /**
     * A round failed.
     *
     * @param proven whether an earlier round of the same leadership did not: if the last leadership
     *     had none either, the next one waits
     */
    void failed(Refusal why, boolean proven) {
        lock.lock();
        try {
            if (!leadership.isRecovering()) {
                return; // it is being closed
            }
            context.leadership().lost(log, why);
            keptOffset = standing.writtenOffset;
            closeStorage();
            leadership.withoutStorage(why);
            context.metrics().reopenings.add(1);
            failures = proven ? 1 : failures + 1;
            int next = log.leaderEpoch() + 1;
            nextEpoch = next;
            if (failures == 1) {
                tryOpen(next);
            } else {
                context.scheduler().schedule(() -> again(next), delayNanos(failures - 1));
            }
        } finally {
            lock.unlock();
        }
    }

    /** Closes it for good. */
    CompletableFuture<Void> end(Refusal why) {
        ended = true;
        return close(why);
    }

    /** Writes what is sequenced, keeps the state, closes; {@code why} is what appends hear then. */
    CompletableFuture<Void> close(Refusal why) {
        return close(why, leadership.retire(why), true);
    }

    private CompletableFuture<Void> close(
            Refusal why, @Nullable EngineWriter writer, boolean mayWait) {
        CompletableFuture<Void> settled =
                writer == null ? CompletableFuture.completedFuture(null) : writer.detach(rounds);
        return settled.thenComposeAsync(
                _ -> finishClose(why, writer, mayWait), context.scheduler()::execute);
    }

    private CompletableFuture<Void> finishClose(
            Refusal why, @Nullable EngineWriter settled, boolean mayWait) {
        lock.lock();
        try {
            CompletableFuture<Void> first = change.underWay();
            if (first != null) {
                return first.thenCompose(_ -> close(why));
            }
            EngineWriter now = leadership.retire(why);
            if (now != null && !now.equals(settled)) {
                return close(why, now, mayWait); // an opening that was under way came first
            }
            if (now != null && mayWait && !rounds.isSettled()) {
                return close(why, now, false); // what was held back is to be written
            }
            closeNow(why);
        } finally {
            lock.unlock();
        }
        return CompletableFuture.completedFuture(null);
    }

    private void closeNow(Refusal why) {
        GenerationChain open = storage;
        if (open != null) {
            write(standing.picture(true));
            noteEnd(open);
        }
        if (opening) {
            context.leadership().lost(log, why);
        }
        leadership.down();
        closeStorage();
        opening = false;
    }

    private void noteEnd(GenerationChain open) {
        try {
            generations.ended(open, log.logEndOffset());
        } catch (IOException e) {
            LOG.warn("{}: the next opening passes over offsets", id, e);
        }
    }

    /** Closes and deletes everything; open reads keep what they hold. */
    CompletableFuture<Void> delete() {
        var gone = new Refusal(Reason.UNKNOWN_TOPIC, id + " is deleted");
        return end(gone).thenRunAsync(this::deleteClosed, context.scheduler()::execute);
    }

    private void deleteClosed() {
        lock.lock();
        try {
            generations.delete();
            stateFile.delete();
            LogCompaction.file(context, id).delete();
            context.damage().forget(id);
            new PlaceFile(context.files(), id).delete();
        } catch (IOException e) {
            throw new UncheckedIOException(id + " cannot be deleted", e);
        } finally {
            lock.unlock();
        }
    }

    private void closeStorage() {
        GenerationChain open = storage;
        storage = null;
        if (open != null) {
            closeQuietly(open);
        }
    }

    private void closeQuietly(LogStorage open) {
        try {
            open.close();
        } catch (IOException | RuntimeException e) {
            LOG.warn("{}: closing failed", id, e);
        }
    }

    /** Writes the state file if a picture of the state is due and durable. */
    void snapshot() {
        lock.lock();
        try {
            write(standing.picture(false));
        } finally {
            lock.unlock();
        }
    }

    private void write(byte @Nullable [] state) {
        if (state == null) {
            return;
        }
        try {
            stateFile.write(state);
        } catch (IOException e) {
            LOG.warn("{}: the state cannot be written; the next opening replays more", id, e);
        }
    }

    // Following the topic.

    /** The topic's configs changed. */
    void configure() {
        open();
    }

    /** Does as the topic asks now. Under the lock. */
    void follow() {
        PartitionSettings settings = PartitionSettings.of(log.topic());
        GenerationChain open = storage;
        if (open == null || change.underWay() != null) {
            return; // opening and moving end with the settings that are there then
        }
        if (Generations.behind(open, settings)) {
            change.begin(open);
            return;
        }
        try {
            open.configure(settings.logConfig(settings.durability(), 0));
            log.configure(settings);
        } catch (IOException e) {
            LOG.error("{}: the engine keeps its old configuration", id, e);
        }
    }

    /** As {@link #follow}, under no lock. */
    void followLater() {
        lock.lock();
        try {
            if (opening) {
                follow();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Offsets are about to run out that a restart would pass over. */
    void reserve() {
        lock.lock();
        try {
            GenerationChain open = storage;
            if (open != null) {
                standing.reserved(generations.reserve(open, log.logEndOffset()));
                context.memory().capacityChanged();
            }
        } catch (IOException e) {
            LOG.error("{}: offsets cannot be reserved", id, e);
            context.scheduler().schedule(this::reserve, longestDelayNanos());
        } finally {
            lock.unlock();
        }
    }
}
