// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.runtime;

import io.mortise.spi.Registration;
import io.mortise.spi.runtime.Scheduler;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;

/**
 * Every task on a virtual thread of its own, started by one timer thread when its time has come.
 * Nothing is ever interrupted: an interrupt would close the file channel that the task happens to
 * use, for everyone.
 */
public final class VirtualThreadScheduler implements Scheduler, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(VirtualThreadScheduler.class);

    private final ScheduledThreadPoolExecutor timer;
    private final ThreadFactory threads;
    private final Set<Thread> running = ConcurrentHashMap.newKeySet();
    private final LongAdder failures = new LongAdder();
    private volatile boolean closed;

    /**
     * Starts the timer thread.
     *
     * @param name prefix of the names of all its threads
     */
    public VirtualThreadScheduler(String name) {
        ThreadFactory timerThread = Thread.ofPlatform().name(name + "-timer").daemon().factory();
        timer = new ScheduledThreadPoolExecutor(1, timerThread);
        timer.setRemoveOnCancelPolicy(true);
        timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        threads = Thread.ofVirtual().name(name + "-", 0).factory();
    }

    @Override
    public void execute(Runnable task) {
        if (closed) {
            throw new IllegalStateException("the scheduler is closed");
        }
        start(task);
    }

    @Override
    public Registration schedule(Runnable task, long delayNanos) {
        var timed = new Timed(task, -1);
        timed.arm(delayNanos);
        return timed;
    }

    @Override
    public Registration repeat(Runnable task, long delayNanos) {
        var timed = new Timed(task, delayNanos);
        timed.arm(delayNanos);
        return timed;
    }

    /** Tasks that threw, since start. */
    public long failures() {
        return failures.sum();
    }

    /**
     * Cancels what has not begun; tasks under way go on. Use {@link #awaitIdle} to wait for them.
     */
    @Override
    public void close() {
        closed = true;
        timer.shutdownNow();
    }

    /**
     * Waits until no task runs.
     *
     * @return whether that happened within {@code nanos}
     */
    public boolean awaitIdle(long nanos) throws InterruptedException {
        long deadline = System.nanoTime() + nanos;
        for (Thread thread : running) {
            long left = deadline - System.nanoTime();
            if (left <= 0 || !thread.join(java.time.Duration.ofNanos(left))) {
                return false;
            }
        }
        return true;
    }

    private void start(Runnable task) {
        Thread thread = threads.newThread(() -> run(task));
        running.add(thread);
        thread.start();
    }

    private void run(Runnable task) {
        try {
            task.run();
        } catch (Throwable failure) {
            failures.increment();
            LOG.error("A scheduled task failed", failure);
        } finally {
            running.remove(Thread.currentThread());
        }
    }

    /** One task that waits for its time, perhaps again and again. */
    private final class Timed implements Registration {
        private final Runnable task;
        private final long periodNanos;
        private final AtomicBoolean cancelled = new AtomicBoolean();
        private volatile java.util.concurrent.@Nullable Future<?> armed;

        Timed(Runnable task, long periodNanos) {
            this.task = task;
            this.periodNanos = periodNanos;
        }

        void arm(long delayNanos) {
            if (closed) {
                return;
            }
            try {
                armed = timer.schedule(() -> start(this::fire), delayNanos, TimeUnit.NANOSECONDS);
            } catch (java.util.concurrent.RejectedExecutionException closedMeanwhile) {
                cancelled.set(true);
            }
        }

        private void fire() {
            if (cancelled.get()) {
                return;
            }
            try {
                task.run();
            } finally {
                if (periodNanos >= 0 && !cancelled.get()) {
                    arm(periodNanos);
                }
            }
        }

        @Override
        public void close() {
            cancelled.set(true);
            var waiting = armed;
            if (waiting != null) {
                waiting.cancel(false);
            }
        }
    }
}
