// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import io.mortise.kernel.directory.Directories;
import io.mortise.kernel.directory.LogDirectory;
import io.mortise.spi.Durability;
import io.mortise.spi.plugin.Metrics;
import io.mortise.spi.plugin.Metrics.Counter;
import io.mortise.spi.runtime.Clock;
import io.mortise.spi.storage.StorageEngine;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/**
 * Writes what was sequenced to one engine, in rounds: gathers from all partitions, appends, flushes
 * once, forces once if a partition of the round asks for DISK, and tells those who wait. {@link
 * #run} is for the one thread it has; a simulation calls {@link #runOnce} instead.
 */
public final class EngineWriter implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(EngineWriter.class);

    private final String engineName;
    private final StorageEngine engine;
    private final LogDirectory directory;
    private final Directories directories;
    private final Clock clock;
    private final RingMemory memory;
    private final long unwrittenBound;
    private final AtomicLong unwrittenBytes = new AtomicLong();

    /** A stack linked through {@link LogRounds#nextDirty}. */
    private final AtomicReference<@Nullable LogRounds> dirty = new AtomicReference<>();

    private final ConcurrentLinkedQueue<Detachment> detachments = new ConcurrentLinkedQueue<>();
    private volatile @Nullable Thread asleep;
    private volatile boolean stopped;

    // The writer thread's own.
    private final List<WriteRun> runs = new ArrayList<>();
    private int runCount;
    private final List<Completer> touched = new ArrayList<>();

    private final Counter rounds;
    private final Counter writtenBytes;
    private final Metrics.Timer flushTime;
    private final Metrics.Timer forceTime;
    private final PartitionMetrics partitionMetrics;

    EngineWriter(
            String engineName,
            StorageEngine engine,
            LogDirectory directory,
            PartitionContext context,
            Metrics metrics) {
        this.engineName = engineName;
        this.engine = engine;
        this.directory = directory;
        this.directories = context.directories();
        this.clock = context.clock();
        this.memory = context.memory();
        this.unwrittenBound = context.options().unwrittenBytes();
        this.partitionMetrics = context.metrics();
        rounds =
                metrics.counter(
                        "mortise_partition_rounds_total",
                        "Rounds of a writer",
                        "engine",
                        engineName,
                        "directory",
                        directory.name());
        writtenBytes =
                metrics.counter(
                        "mortise_partition_written_bytes_total",
                        "Bytes of batches handed to an engine",
                        "engine",
                        engineName,
                        "directory",
                        directory.name());
        flushTime =
                metrics.timer(
                        "mortise_partition_write_seconds",
                        "Time to append and flush a round",
                        "engine",
                        engineName,
                        "directory",
                        directory.name());
        forceTime =
                metrics.timer(
                        "mortise_partition_force_seconds",
                        "Time to force a round to the device",
                        "engine",
                        engineName,
                        "directory",
                        directory.name());
    }

    /** The name that topics choose the engine by. */
    public String engineName() {
        return engineName;
    }

    /** For its thread: the engine's name, with the directory's number behind it from 1 on. */
    public String name() {
        return directory.isPrimary() ? engineName : engineName + "-" + directory.number();
    }

    /** Whether one more append of {@code bytes} is within the bound; one alone always is. */
    boolean admits(int bytes) {
        long now = unwrittenBytes.get();
        return now == 0 || now + bytes <= unwrittenBound;
    }

    /** Counts bytes that were sequenced or, negative, written or given up. */
    void addUnwritten(long bytes) {
        unwrittenBytes.addAndGet(bytes);
        memory.addUnwritten(bytes);
    }

    /** {@code log}, which is not queued yet, has something to write. Under its lock. */
    void enqueue(LogRounds log) {
        LogRounds top;
        do {
            top = dirty.get();
            log.nextDirty = top;
        } while (!dirty.compareAndSet(top, log));
    }

    /** Wakes the thread if it sleeps. */
    void wake() {
        Thread thread = asleep;
        if (thread != null) {
            asleep = null; // one signal is enough
            LockSupport.unpark(thread);
        }
    }

    /** Completes when no round holds {@code log}, and none will until it is enqueued again. */
    CompletableFuture<Void> detach(LogRounds log) {
        return detach(log, false);
    }

    /**
     * As {@link #detach(LogRounds)}.
     *
     * @param forces whether all that the engine has is forced before; if that fails, {@code log}
     *     failed
     */
    CompletableFuture<Void> detach(LogRounds log, boolean forces) {
        var detachment = new Detachment(log, forces, new CompletableFuture<>());
        detachments.add(detachment);
        if (stopped) {
            finishDetachments();
        } else {
            wake();
        }
        return detachment.done();
    }

    /** Ends {@link #run} after the round under way. */
    void stop() {
        stopped = true;
        wake();
    }

    @Override
    public void run() {
        while (!stopped) {
            try {
                if (!runOnce()) {
                    sleep();
                }
            } catch (RuntimeException | Error e) {
                LOG.error("The writer of storage engine {} goes on after a defect", name(), e);
            }
        }
        finishDetachments();
    }

    private void sleep() {
        asleep = Thread.currentThread();
        if (dirty.get() == null && detachments.isEmpty() && !stopped) {
            LockSupport.park(this);
        }
        asleep = null;
    }

    /** Whether {@link #runOnce} would find something to do. */
    public boolean hasWork() {
        return dirty.get() != null || !detachments.isEmpty();
    }

    /**
     * One round. One thread at a time; may block on the disk.
     *
     * @return whether there was anything to write
     */
    public boolean runOnce() {
        boolean worked = gather();
        if (worked) {
            try {
                writeRound();
            } finally {
                clearRuns();
            }
            memory.capacityChanged();
        }
        finishDetachments();
        return worked;
    }

    private boolean gather() {
        LogRounds log = oldestFirst(dirty.getAndSet(null));
        boolean any = log != null;
        while (log != null) {
            LogRounds next = log.nextDirty;
            log.nextDirty = null;
            WriteRun run = nextRun();
            if (log.gather(run)) {
                runCount++;
            } else {
                run.clear();
            }
            log = next;
        }
        return any;
    }

    private static @Nullable LogRounds oldestFirst(@Nullable LogRounds newestFirst) {
        LogRounds result = null;
        LogRounds log = newestFirst;
        while (log != null) {
            LogRounds next = log.nextDirty;
            log.nextDirty = result;
            result = log;
            log = next;
        }
        return result;
    }

    private WriteRun nextRun() {
        if (runCount == runs.size()) {
            runs.add(new WriteRun());
        }
        return runs.get(runCount);
    }

    private void clearRuns() {
        for (int i = 0; i < runCount; i++) {
            runs.get(i).clear();
        }
        runCount = 0;
    }

    private void writeRound() {
        if (runCount == 0) {
            return;
        }
        try {
            write();
            force();
            rounds.add(1);
        } catch (IOException | RuntimeException | Error e) {
            fail(e); // whatever an engine throws: what it has of the round is unknown
        }
    }

    private void write() throws IOException {
        long begin = clock.nanoTime();
        for (int i = 0; i < runCount; i++) {
            runs.get(i).append();
        }
        engine.flush();
        flushTime.record(clock.nanoTime() - begin);
        for (int i = 0; i < runCount; i++) {
            WriteRun run = runs.get(i);
            writtenBytes.add(run.bytes);
            addUnwritten(-run.bytes);
            run.log().flushed(run, touched);
        }
        tell();
    }

    private void force() throws IOException {
        if (!asksForDisk()) {
            return;
        }
        long begin = clock.nanoTime();
        engine.force();
        forceTime.record(clock.nanoTime() - begin);
        for (int i = 0; i < runCount; i++) {
            WriteRun run = runs.get(i);
            if (run.durability == Durability.DISK) {
                run.log().forced(run, touched);
            }
        }
        tell();
    }

    private boolean asksForDisk() {
        for (int i = 0; i < runCount; i++) {
            if (runs.get(i).durability == Durability.DISK) {
                return true;
            }
        }
        return false;
    }

    private void tell() {
        for (int i = 0; i < touched.size(); i++) {
            touched.get(i).fire();
        }
        touched.clear();
    }

    private void fail(Throwable cause) {
        partitionMetrics.failedRounds.add(1);
        LOG.error(
                "Storage engine {} in {}: a round of {} partitions failed; they reopen",
                engineName,
                directory,
                runCount,
                cause);
        for (int i = 0; i < runCount; i++) {
            runs.get(i).log().failed(cause, touched);
        }
        directories.suspect(directory);
        tell();
    }

    private void finishDetachments() {
        int count = detachments.isEmpty() ? 0 : detachments.size();
        for (Detachment next; count > 0 && (next = detachments.poll()) != null; count--) {
            if (stopped || next.log().isSettled()) {
                if (next.forces() && !stopped) {
                    force(next.log());
                }
                next.done().complete(null);
            } else {
                detachments.add(next); // another round holds it
            }
        }
    }

    private void force(LogRounds log) {
        try {
            engine.flush();
            engine.force();
        } catch (IOException | RuntimeException | Error e) {
            LOG.error("Storage engine {}: a log cannot be forced to its end", engineName, e);
            log.failed(e, touched);
            tell();
        }
    }

    private record Detachment(LogRounds log, boolean forces, CompletableFuture<Void> done) {}
}
