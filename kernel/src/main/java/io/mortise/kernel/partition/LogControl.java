// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import io.mortise.spi.LogId;
import io.mortise.spi.Reason;
import io.mortise.spi.Refusal;
import io.mortise.spi.storage.LogFailedException;
import io.mortise.spi.storage.LogStorage;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Opens, closes, reopens and trims the log of one partition. Everything here may block and runs on
 * the host's scheduler, one call at a time.
 */
final class LogControl {
    private static final Logger LOG = LoggerFactory.getLogger(LogControl.class);
    private static final int LONGEST_DELAY = 100;

    private final PartitionLog log;
    private final Sequencer sequencer;
    private final PartitionContext context;
    private final LogId id;
    private final StateFile stateFile;
    private final ReentrantLock lock = new ReentrantLock();

    // Guarded by the lock.
    private @Nullable HostedEngine engine;
    private @Nullable LogStorage storage;
    private long keptOffset = -1;
    private int tries;
    private int failures;
    private int nextEpoch;

    /** It is never opened again; whoever was about to comes too late. */
    private volatile boolean ended;

    LogControl(PartitionLog log, PartitionContext context) {
        this.log = log;
        this.sequencer = log.sequencer();
        this.context = context;
        this.id = log.logId();
        this.stateFile = new StateFile(context.files(), id);
    }

    /** Opens the log on {@code on}; if that fails it is tried again later. */
    void open(HostedEngine on) {
        lock.lock();
        try {
            if (engine != null || ended) {
                return; // open, or trying, or not wanted any more
            }
            engine = on;
            tries = 0;
            keptOffset = -1;
            sequencer.recovering(log.unavailable());
            tryOpen(log.leaderEpoch());
        } finally {
            lock.unlock();
        }
    }

    private void tryOpen(int epoch) {
        HostedEngine target = engine;
        nextEpoch = epoch;
        if (target == null || !sequencer.isRecovering() || waitsForDirectory(target)) {
            return;
        }
        try {
            openOn(target, epoch);
        } catch (IOException | RuntimeException e) {
            openLater(target, epoch, e);
            return;
        }
        tries = 0;
        context.leadership().won(log);
    }

    /** One look at the directory is enough for all that it keeps: {@link #retry} follows. */
    private boolean waitsForDirectory(HostedEngine target) {
        Refusal offline = target.directory().offline();
        if (offline != null) {
            sequencer.withoutStorage(offline);
        }
        return offline != null;
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

    private void openOn(HostedEngine target, int epoch) throws IOException {
        LogStorage opened = target.engine().openLog(id, epoch, log.settings().logConfig());
        try {
            truncate(opened);
            PartitionState state = replay(opened);
            log.compaction().opened(opened);
            storage = opened;
            int least = Math.max(epoch, state.epochs().latest() + 1);
            sequencer.lead(target.writer(), opened, state, context.epochs().reach(least));
        } catch (IOException | RuntimeException e) {
            storage = null;
            closeQuietly(opened);
            throw e;
        }
    }

    private PartitionState replay(LogStorage opened) throws IOException {
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
    private void truncate(LogStorage storage) throws IOException {
        if (keptOffset < 0) {
            return;
        }
        if (storage.endOffset() > keptOffset) {
            storage.truncate(keptOffset);
        } else if (storage.endOffset() < keptOffset) {
            long lost = keptOffset - storage.endOffset();
            LOG.error("{}: the engine lost {} acknowledged offsets", id, lost);
            context.metrics().lostOffsets.add(lost);
        }
        keptOffset = -1;
    }

    private void openLater(HostedEngine target, int epoch, Exception cause) {
        if (cause instanceof IOException) {
            context.directories().suspect(target.directory());
        }
        int most = context.options().reopenTries();
        Reason reason = ++tries < most ? Reason.STORAGE_UNAVAILABLE : Reason.STORAGE_FAILED;
        if (tries < most) {
            LOG.warn("{}: cannot be opened, try {} of {}", id, tries, most, cause);
        } else if (tries == most) {
            LOG.error("{}: cannot be opened; it is tried on, and not told any more", id, cause);
        }
        sequencer.withoutStorage(new Refusal(reason, id + ": cannot be opened: " + cause));
        context.scheduler().schedule(() -> again(epoch), delayNanos(tries));
    }

    private long delayNanos(int failed) {
        long factor = Math.min(LONGEST_DELAY, 1L << Math.min(failed - 1, 30));
        return context.options().reopenDelayNanos() * factor;
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
            if (!sequencer.isRecovering()) {
                return; // it is being closed
            }
            context.leadership().lost(log, why);
            keptOffset = sequencer.keptOffset();
            closeStorage();
            sequencer.withoutStorage(why);
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
        return close(why, sequencer.retire(why));
    }

    private CompletableFuture<Void> close(Refusal why, @Nullable EngineWriter writer) {
        CompletableFuture<Void> settled =
                writer == null ? CompletableFuture.completedFuture(null) : writer.detach(sequencer);
        return settled.thenComposeAsync(
                _ -> finishClose(why, writer), context.scheduler()::execute);
    }

    private CompletableFuture<Void> finishClose(Refusal why, @Nullable EngineWriter settled) {
        lock.lock();
        try {
            EngineWriter now = sequencer.retire(why);
            if (now != null && !now.equals(settled)) {
                return close(why, now); // an opening that was under way came first
            }
            if (storage != null) {
                write(sequencer.picture(true));
            }
            if (engine != null) {
                context.leadership().lost(log, why);
            }
            sequencer.down();
            closeStorage();
            engine = null;
        } finally {
            lock.unlock();
        }
        return CompletableFuture.completedFuture(null);
    }

    /** Closes and deletes everything; open reads keep what they hold. */
    CompletableFuture<Void> delete(HostedEngine from) {
        var gone = new Refusal(Reason.UNKNOWN_TOPIC, id + " is deleted");
        return end(gone)
                .thenRunAsync(() -> delete(context, from, id), context.scheduler()::execute);
    }

    /** Deletes what is left of a closed log. */
    static void delete(PartitionContext context, HostedEngine from, LogId id) {
        try {
            from.engine().deleteLog(id);
            new StateFile(context.files(), id).delete();
            LogCompaction.file(context, id).delete();
            context.damage().forget(id);
            new PlaceFile(context.files(), id).delete();
        } catch (IOException e) {
            throw new UncheckedIOException(id + " cannot be deleted", e);
        }
    }

    private void closeStorage() {
        LogStorage open = storage;
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
            write(sequencer.picture(false));
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

    void configure(PartitionSettings settings) {
        lock.lock();
        try {
            if (storage != null) {
                storage.configure(settings.logConfig());
            }
            log.configure(settings);
        } catch (IOException e) {
            LOG.error("{}: the engine keeps its old configuration", id, e);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Puts {@code batches} in the place of all from {@code from} to below {@code to}.
     *
     * @param open what the range was read from
     * @throws IllegalStateException if that is not open any more
     */
    void replace(LogStorage open, long from, long to, List<ByteBuffer> batches) throws IOException {
        lock.lock();
        try {
            if (!open.equals(storage)) {
                throw new IllegalStateException(id + " is closed or was opened again");
            }
            open.replace(from, to, batches);
        } catch (LogFailedException e) {
            sequencer.failed(open, e);
            throw e;
        } finally {
            lock.unlock();
        }
    }

    /** Null if everything below {@code offset} is gone for good. */
    @Nullable Refusal advanceStart(long offset) {
        lock.lock();
        try {
            return storage == null ? log.unavailable() : advanceStart(storage, offset);
        } catch (IOException e) {
            LOG.error("{}: start cannot be advanced to {}", id, offset, e);
            return new Refusal(Reason.STORAGE_FAILED, id + ": start cannot be advanced: " + e);
        } finally {
            lock.unlock();
        }
    }

    private @Nullable Refusal advanceStart(LogStorage open, long offset) throws IOException {
        if (offset <= log.logStartOffset()) {
            return null;
        }
        if (offset > log.highWatermark()) {
            return new Refusal(
                    Reason.OFFSET_OUT_OF_RANGE,
                    id + ": start " + offset + " is past the end " + log.highWatermark());
        }
        if (offset > open.endOffset()) {
            return new Refusal(Reason.BUSY, id + ": offset " + offset + " is not written yet");
        }
        try {
            open.advanceStart(offset);
        } catch (LogFailedException e) {
            sequencer.failed(open, e);
            throw e;
        } finally {
            sequencer.startAdvanced(open.startOffset()); // a failure may come after the fact
        }
        log.holds().passed(offset);
        return null;
    }

    /** Lets go of what the topic's retention no longer asks for. */
    void retain(long nowMillis) {
        LogStorage open = log.storage();
        PartitionSettings settings = log.settings();
        if (open == null || !settings.delete()) {
            return;
        }
        long end = Math.min(log.highWatermark(), open.endOffset());
        long offset = Math.min(end, Retention.newStart(open.extents(), settings, end, nowMillis));
        if (offset > log.logStartOffset()) {
            offset = log.holds().allowed(offset);
        }
        if (offset > log.logStartOffset()) {
            Refusal refusal = advanceStart(offset);
            if (refusal == null) {
                LOG.debug("{}: retention moved the start to {}", id, offset);
            }
        }
    }
}
