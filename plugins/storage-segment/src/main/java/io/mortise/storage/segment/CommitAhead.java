// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.segment;

import io.mortise.spi.runtime.FileLayer;
import io.mortise.spi.runtime.Scheduler;
import io.mortise.storage.segment.CommitLog.Order;
import io.mortise.storage.segment.file.CommitFile;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Makes the next file of the commit log aside of the writer, before it is needed. One task at a
 * time, apart from {@link Background}, whose steps may take longer than the writer has room for.
 */
final class CommitAhead {
    private static final Logger LOG = LoggerFactory.getLogger(CommitAhead.class);

    private final FileLayer files;
    private final Scheduler scheduler;
    private final ReentrantLock roundLock;
    private final CommitLog commit;
    private final long reserveBytes;
    private final AtomicBoolean scheduled = new AtomicBoolean();
    private final ReentrantLock running = new ReentrantLock();
    private volatile boolean stopped;

    CommitAhead(
            FileLayer files,
            Scheduler scheduler,
            ReentrantLock roundLock,
            CommitLog commit,
            long reserveBytes) {
        this.files = files;
        this.scheduler = scheduler;
        this.roundLock = roundLock;
        this.commit = commit;
        this.reserveBytes = reserveBytes;
    }

    /** Something was written to the commit log. */
    void look() {
        if (commit.nextWanted() && !stopped && scheduled.compareAndSet(false, true)) {
            scheduler.execute(this::run);
        }
    }

    private void run() {
        scheduled.set(false);
        running.lock();
        try {
            if (!stopped) {
                makeOne();
            }
        } finally {
            running.unlock();
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
            if (files.usableBytes() < reserveBytes + order.bytes()) {
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
