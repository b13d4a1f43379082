// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.simulation;

import io.mortise.spi.Registration;
import io.mortise.spi.runtime.Scheduler;
import io.mortise.spi.testing.FakeClock;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Tasks that are due run in an order drawn from the seed, one at a time, when {@link #runOne} says
 * so.
 */
final class SeededScheduler implements Scheduler {
    private final FakeClock clock;
    private final RandomGenerator random;
    private final List<Task> ready = new ArrayList<>();
    private final List<Task> later = new ArrayList<>();

    SeededScheduler(FakeClock clock, RandomGenerator random) {
        this.clock = clock;
        this.random = random;
    }

    @Override
    public void execute(Runnable task) {
        ready.add(new Task(task, 0, -1));
    }

    @Override
    public Registration schedule(Runnable task, long delayNanos) {
        return addLater(new Task(task, clock.nanoTime() + delayNanos, -1));
    }

    @Override
    public Registration repeat(Runnable task, long delayNanos) {
        return addLater(new Task(task, clock.nanoTime() + delayNanos, delayNanos));
    }

    private Registration addLater(Task task) {
        later.add(task);
        return task;
    }

    /** Tasks that could run now. */
    int ready() {
        long now = clock.nanoTime();
        for (int i = 0; i < later.size(); i++) {
            if (later.get(i).dueNanos <= now) {
                ready.add(take(later, i--));
            }
        }
        return ready.size();
    }

    /** Runs one of the tasks that {@link #ready} counted. */
    void runOne() {
        Task task = take(ready, random.nextInt(ready.size()));
        task.task.run();
        if (task.periodNanos >= 0 && !task.cancelled) {
            task.dueNanos = clock.nanoTime() + task.periodNanos;
            later.add(task);
        }
    }

    /** When the next task is due that is not yet; {@link Long#MAX_VALUE} if there is none. */
    long nextDueNanos() {
        long next = Long.MAX_VALUE;
        for (Task task : later) {
            next = Math.min(next, task.dueNanos);
        }
        return next;
    }

    /** Order does not matter: it is drawn. */
    private static Task take(List<Task> tasks, int index) {
        Task last = tasks.removeLast();
        return index == tasks.size() ? last : tasks.set(index, last);
    }

    private final class Task implements Registration {
        final Runnable task;
        final long periodNanos;
        long dueNanos;
        boolean cancelled;

        Task(Runnable task, long dueNanos, long periodNanos) {
            this.task = task;
            this.dueNanos = dueNanos;
            this.periodNanos = periodNanos;
        }

        @Override
        public void close() {
            cancelled = true;
            later.remove(this);
            ready.remove(this);
        }
    }
}
