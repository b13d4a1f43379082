// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.segment;

import io.mortise.spi.runtime.FileLayer;
import io.mortise.spi.runtime.Scheduler;
import io.mortise.spi.runtime.StorageFile;
import io.mortise.storage.segment.CommitLog.Order;
import io.mortise.storage.segment.file.CommitFile;
import io.mortise.storage.segment.file.SharedFile;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Writes zeros aside of the writer, before it needs them: the next file of the commit log, and
 * further on in the own files of logs with large DISK rounds. One task at a time, apart from {@link
 * Background}, whose steps may take longer than the writer has room for.
 */
final class RoomAhead {
    private static final Logger LOG = LoggerFactory.getLogger(RoomAhead.class);

    /** What is made ahead must not bring the disk to the reserve. */
    private static final long MARGIN = 16 << 20;

    private final FileLayer files;
    private final Scheduler scheduler;
    private final ReentrantLock roundLock;
    private final CommitLog commit;
    private final long reserveBytes;
    private final EngineMetrics metrics;
    private final ConcurrentSkipListMap<Long, SegmentLog> wanting = new ConcurrentSkipListMap<>();
    private final AtomicBoolean scheduled = new AtomicBoolean();
    private final ReentrantLock running = new ReentrantLock();
    private volatile boolean stopped;

    RoomAhead(
            FileLayer files,
            Scheduler scheduler,
            ReentrantLock roundLock,
            CommitLog commit,
            Settings settings,
            EngineMetrics metrics) {
        this.files = files;
        this.scheduler = scheduler;
        this.roundLock = roundLock;
        this.commit = commit;
        this.reserveBytes = settings.reserveBytes();
        this.metrics = metrics;
    }

    /** Something was written to the commit log. */
    void look() {
        if (commit.nextWanted()) {
            schedule();
        }
    }

    /** The own file of a log needs more room soon. */
    void wants(SegmentLog log) {
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
            if (!stopped) {
                makeOne();
                for (var next = wanting.pollFirstEntry();
                        next != null;
                        next = wanting.pollFirstEntry()) {
                    extend(next.getValue());
                }
            }
        } finally {
            running.unlock();
        }
    }

    /** Nothing reshapes the log meanwhile. A force that fails fails the log, as any does. */
    private void extend(SegmentLog log) {
        log.copyLock.lock();
        try {
            Extent extent;
            SharedFile file;
            long target;
            log.lock.lock();
            try {
                if (!log.takesRoom()) {
                    return;
                }
                extent = log.active();
                file = extent.open(files).retain();
                target = extent.roomAhead(log.extentBytes);
            } finally {
                log.lock.unlock();
            }
            try {
                while (files.usableBytes() >= reserveBytes + MARGIN
                        && extent.growAside(file.file(), target)) {
                    force(log, extent, file.file());
                }
            } finally {
                file.release();
            }
        } catch (IOException failure) {
            LOG.warn("Log {} gets no room ahead: {}", log.name(), failure.getMessage());
        } finally {
            log.copyLock.unlock();
        }
    }

    private void force(SegmentLog log, Extent extent, StorageFile file) throws IOException {
        extent.asideLock.lock();
        try {
            file.force();
            metrics.forces().add(1);
        } catch (IOException failure) {
            log.failure = failure;
            throw failure;
        } finally {
            extent.asideLock.unlock();
        }
    }

    private void makeOne() {
        Order order;
        roundLock.lock();
        try {
            order = commit.order();
        } finally {
            roundLock.unlock();
        }
        if (order != null) {
            offer(order, made(order));
        }
    }

    private void offer(Order order, @Nullable CommitFile made) {
        CommitFile useless;
        roundLock.lock();
        try {
            useless = commit.offer(made, order.bytes());
        } finally {
            roundLock.unlock();
        }
        if (useless != null) {
            delete(List.of(useless));
        }
    }

    private @Nullable CommitFile made(Order order) {
        CommitFile of = order.of();
        try {
            if (of != null) {
                return of.recycle(files, order.number(), order.salt(), order.bytes());
            }
            if (files.usableBytes() < reserveBytes + MARGIN + order.bytes()) {
                return null;
            }
            return CommitFile.create(files, order.number(), order.salt(), order.bytes());
        } catch (IOException failure) {
            LOG.warn(
                    "File '{}' cannot be made ahead: {}; the present one grows instead; check the"
                            + " disk",
                    CommitFile.path(order.number()),
                    failure.getMessage());
            deleteName(order.number());
            if (of != null) {
                deleteName(of.number());
            }
            return null;
        }
    }

    /** Files that hold nothing that is needed; what cannot be deleted now a restart passes over. */
    void delete(List<CommitFile> gone) {
        if (gone.isEmpty()) {
            return;
        }
        for (CommitFile file : gone) {
            file.shared().release();
            deleteName(file.number());
        }
        try {
            files.forceDirectory(CommitFile.DIRECTORY);
        } catch (IOException failure) {
            LOG.warn(
                    "Directory '{}' cannot be forced: {}; files that are not needed may come back,"
                            + " and a restart passes over them; check the disk",
                    CommitFile.DIRECTORY,
                    failure.getMessage());
        }
    }

    private void deleteName(long number) {
        String path = CommitFile.path(number);
        try {
            files.delete(path);
        } catch (IOException failure) {
            LOG.warn(
                    "File '{}' is not needed and cannot be deleted: {}; the next start does it",
                    path,
                    failure.getMessage());
        }
    }

    /** Returns when nothing is being made and nothing will be. */
    void stop() {
        running.lock();
        try {
            stopped = true;
        } finally {
            running.unlock();
        }
    }
}
