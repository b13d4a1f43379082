// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.segment;

import io.mortise.spi.Registration;
import io.mortise.spi.runtime.FileLayer;
import io.mortise.spi.runtime.Scheduler;
import io.mortise.storage.segment.file.Checkpoint;
import io.mortise.storage.segment.file.CommitFile;
import io.mortise.storage.segment.file.FrameFile;
import io.mortise.storage.segment.file.PackFile;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;

/**
 * What happens aside of the writer: copying from the commit log, packing, sealing, checkpoints,
 * release of commit files and packs. One task at a time, each of bounded work; one that has more to
 * do asks to run again.
 */
final class Background {
    private static final Logger LOG = LoggerFactory.getLogger(Background.class);
    private static final int STEPS = 32;
    private static final long CHECKPOINT_BYTES = 16 << 20;

    private final FileLayer files;
    private final Scheduler scheduler;
    private final Settings settings;
    private final LogCopier copier;
    private final LogPacker packer;
    private final Packs packs;
    private final SegmentEngine engine;
    private final ConcurrentSkipListMap<Long, SegmentLog> wanting = new ConcurrentSkipListMap<>();
    private final AtomicBoolean scheduled = new AtomicBoolean();
    private final ReentrantLock running = new ReentrantLock();
    private volatile boolean stopped;
    private volatile boolean due;
    private long checkpointedFile;
    private long sinceCheckpoint;
    private @Nullable Registration periodic;

    Background(
            FileLayer files,
            Scheduler scheduler,
            Settings settings,
            LogCopier copier,
            LogPacker packer,
            Packs packs,
            SegmentEngine engine) {
        this.files = files;
        this.scheduler = scheduler;
        this.settings = settings;
        this.copier = copier;
        this.packer = packer;
        this.packs = packs;
        this.engine = engine;
    }

    void start() {
        periodic =
                scheduler.repeat(
                        this::periodically, TimeUnit.SECONDS.toNanos(settings.checkpointSeconds()));
    }

    /** Returns when nothing runs and nothing will. */
    void stop() {
        stopped = true;
        if (periodic != null) {
            periodic.close();
        }
        running.lock();
        try {
            wanting.clear();
        } finally {
            running.unlock();
        }
    }

    /**
     * A log's round is over: it may have enough in the commit log to be copied, or extents to be
     * sealed.
     */
    void roundEnded(SegmentLog log) {
        if (log.rolled || log.overlaidBytes >= settings.ownFileBytes()) {
            log.rolled = false;
            wants(log);
        }
    }

    /**
     * A round is durable. So that a restart reads little, a checkpoint follows each commit file and
     * each {@link #CHECKPOINT_BYTES} of own bytes. Writer thread.
     */
    void forced(CommitLog commit, long ownBytes) {
        sinceCheckpoint += ownBytes;
        boolean rolled = commit.currentNumber() != checkpointedFile;
        if (rolled || sinceCheckpoint >= CHECKPOINT_BYTES) {
            checkpointedFile = commit.currentNumber();
            sinceCheckpoint = 0;
            due = true;
        }
        if (due || commit.full()) {
            schedule();
        }
    }

    private void wants(SegmentLog log) {
        if (wanting.put(log.number, log) == null) {
            schedule();
        }
    }

    private void schedule() {
        if (!stopped && scheduled.compareAndSet(false, true)) {
            scheduler.execute(this::run);
        }
    }

    private void run() {
        scheduled.set(false);
        running.lock();
        try {
            if (!stopped && due) {
                due = false;
                var ignored = checkpointed();
            }
            if (!stopped && step()) {
                schedule();
            }
        } finally {
            running.unlock();
        }
    }

    /** Some bounded work; returns whether there is more. */
    private boolean step() {
        int steps = 0;
        for (SegmentLog log : List.copyOf(wanting.values())) {
            if (steps++ == STEPS) {
                return true;
            }
            if (!workOn(log, false)) {
                wanting.remove(log.number);
            }
        }
        return !wanting.isEmpty() || drain();
    }

    private static void warn(SegmentLog log, String what, IOException failure) {
        LOG.warn(
                "{} {}: {}; nothing is lost, and it is tried again; check the disk",
                log.where(),
                what,
                failure.getMessage());
    }

    private boolean workOn(SegmentLog log, boolean draining) {
        try {
            boolean copies =
                    draining
                            || log.overlaidBytes >= settings.ownFileBytes()
                            || copier.holdsBack(log);
            return (copies && copier.copyRun(log)) || copier.sealOne(log);
        } catch (IOException failure) {
            warn(log, "cannot be copied or sealed now", failure);
            return false;
        }
    }

    /**
     * Empties the oldest commit file if the commit log is over its size; returns whether there is
     * more to do.
     */
    private boolean drain() {
        CommitFile oldest = engine.toDrain();
        if (oldest == null) {
            return false;
        }
        Predicate<FrameFile> drained = file -> file.order() > 0 && file.order() <= oldest.number();
        if (!packed(drained)) {
            return false;
        }
        int steps = 0;
        boolean left = false;
        for (SegmentLog log : engine.allLogs()) {
            while (LogCopier.holds(log, drained)) {
                if (steps++ == STEPS) {
                    return true;
                }
                if (!workOn(log, true)) {
                    left = true;
                    break;
                }
            }
        }
        return !left && checkpointed() && oldest != engine.toDrain();
    }

    /** Moves to packs what small logs have in the files; false if it cannot be done now. */
    private boolean packed(Predicate<FrameFile> files) {
        try {
            packer.pack(engine.allLogs(), files);
            return true;
        } catch (IOException failure) {
            LOG.warn(
                    "No file in 'packs' can be written now: {}; nothing is lost, and it is tried"
                            + " again; check the disk",
                    failure.getMessage());
            return false;
        }
    }

    /** Rewrites packs that are mostly dead, or small and many. */
    private void repack() {
        Set<PackFile> old = packs.toRewrite();
        if (!old.isEmpty()) {
            var ignored = packed(file -> file instanceof PackFile pack && old.contains(pack));
        }
    }

    private void periodically() {
        running.lock();
        try {
            if (!stopped) {
                engine.allLogs().forEach(this::tidy);
                engine.allLogs().forEach(this::rest);
                checkpointed();
            }
        } finally {
            running.unlock();
        }
    }

    private void rest(SegmentLog log) {
        try {
            engine.rest(log);
        } catch (IOException failure) {
            warn(log, "cannot give back what it was given ahead", failure);
        }
    }

    private void tidy(SegmentLog log) {
        try {
            copier.forceDirty(log);
            while (copier.sealOne(log)) {
                // all that can be
            }
        } catch (IOException failure) {
            warn(log, "cannot be forced or sealed now", failure);
        }
    }

    /** Packs hold only what has no file of its own. */
    private void unmix(SegmentLog log) {
        try {
            while (LogCopier.isMixed(log) && copier.copyRun(log)) {
                // a run at a time
            }
        } catch (IOException failure) {
            warn(log, "cannot be copied now", failure);
        }
    }

    private boolean checkpointed() {
        try {
            repack();
            checkpoint();
            return true;
        } catch (IOException failure) {
            LOG.warn(
                    "File 'checkpoint' cannot be written now: {}; nothing is lost, but no file of"
                            + " the commit log is let go until it can; it is tried again; check the"
                            + " disk",
                    failure.getMessage());
            return false;
        }
    }

    /** The last work, after {@link #stop}. */
    void finish() throws IOException {
        engine.allLogs().forEach(this::tidy);
        checkpoint();
    }

    /** Notes durably where a restart has to look, and lets go of what it has not. */
    private void checkpoint() throws IOException {
        engine.allLogs().forEach(this::unmix);
        Checkpoint checkpoint = engine.checkpoint();
        checkpoint.write(files);
        engine.release(checkpoint);
        packs.release();
    }
}
