// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.testing;

import io.mortise.spi.Registration;
import io.mortise.spi.runtime.Scheduler;

import java.util.PriorityQueue;

/**
 * Runs nothing by itself: tasks run on the caller's thread when {@link #runReady} or {@link
 * #advanceNanos} is called, in the order of their times. A task that throws is the test's failure.
 */
public final class FakeScheduler implements Scheduler {
    private final FakeClock clock;
    private final PriorityQueue<Timed> waiting = new PriorityQueue<>();
    private long sequence;

    public FakeScheduler(FakeClock clock) {
        this.clock = clock;
    }

    @Override
    public void execute(Runnable task) {
        add(task, 0, -1);
    }

    @Override
    public Registration schedule(Runnable task, long delayNanos) {
        return add(task, delayNanos, -1);
    }

    @Override
    public Registration repeat(Runnable task, long delayNanos) {
        return add(task, delayNanos, delayNanos);
    }

    /** Runs what is due now, tasks added meanwhile included; returns how many ran. */
    public int runReady() {
        int ran = 0;
        Timed next;
        while ((next = takeDue()) != null) {
            next.run();
            ran++;
        }
        return ran;
    }

    /** Runs the one task that is due first, if any. */
    public boolean runOne() {
        Timed next = takeDue();
        if (next == null) {
            return false;
        }
        next.run();
        return true;
    }

    /**
     * Moves the clock from task to task, running each at its time, until {@code nanos} have passed.
     */
    public void advanceNanos(long nanos) {
        long end = clock.nanoTime() + nanos;
        runReady();
        for (long due = nextDue(); due <= end; due = nextDue()) {
            clock.advanceNanos(Math.max(0, due - clock.nanoTime()));
            runReady();
        }
        clock.advanceNanos(end - clock.nanoTime());
    }

    /** Tasks that wait. */
    public synchronized int waiting() {
        return waiting.size();
    }

    /** Forgets all tasks, as the death of the process does. */
    public synchronized void clear() {
        waiting.clear();
    }

    private synchronized long nextDue() {
        Timed next = waiting.peek();
        return next == null ? Long.MAX_VALUE : next.dueNanos;
    }

    private synchronized Timed add(Runnable task, long delayNanos, long periodNanos) {
        var timed = new Timed(task, clock.nanoTime() + delayNanos, periodNanos, sequence++);
        waiting.add(timed);
        return timed;
    }

    private synchronized @org.jspecify.annotations.Nullable Timed takeDue() {
        Timed next = waiting.peek();
        return next != null && next.dueNanos <= clock.nanoTime() ? waiting.poll() : null;
    }

    private synchronized void again(Timed timed) {
        timed.dueNanos = clock.nanoTime() + timed.periodNanos;
        timed.order = sequence++;
        waiting.add(timed);
    }

    private synchronized void cancel(Timed timed) {
        timed.cancelled = true;
        waiting.remove(timed);
    }

    private final class Timed implements Registration, Comparable<Timed> {
        final Runnable task;
        final long periodNanos;
        long dueNanos;
        long order;
        volatile boolean cancelled;

        Timed(Runnable task, long dueNanos, long periodNanos, long order) {
            this.task = task;
            this.dueNanos = dueNanos;
            this.periodNanos = periodNanos;
            this.order = order;
        }

        void run() {
            task.run();
            if (periodNanos >= 0 && !cancelled) {
                again(this);
            }
        }

        @Override
        public int compareTo(Timed other) {
            int byTime = Long.compare(dueNanos, other.dueNanos);
            return byTime != 0 ? byTime : Long.compare(order, other.order);
        }

        @Override
        public void close() {
            cancel(this);
        }
    }
}
