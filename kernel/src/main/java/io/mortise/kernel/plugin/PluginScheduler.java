// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.plugin;

import io.mortise.spi.Registration;
import io.mortise.spi.runtime.Scheduler;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The scheduler that a plugin sees: its loader is the context loader of its tasks, which end with
 * it.
 */
public final class PluginScheduler implements Scheduler, Registration {
    private final Scheduler scheduler;
    private final ClassLoader loader;
    private final Set<Registration> timed = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    public PluginScheduler(Scheduler scheduler, ClassLoader loader) {
        this.scheduler = scheduler;
        this.loader = loader;
    }

    @Override
    public void execute(Runnable task) {
        refuseIfClosed();
        scheduler.execute(within(task));
    }

    @Override
    public Registration schedule(Runnable task, long delayNanos) {
        refuseIfClosed();
        Timed entry = keep(new Timed());
        entry.registration =
                scheduler.schedule(
                        () -> {
                            timed.remove(entry);
                            within(task).run();
                        },
                        delayNanos);
        return entry.unlessClosed();
    }

    @Override
    public Registration repeat(Runnable task, long delayNanos) {
        refuseIfClosed();
        Timed entry = keep(new Timed());
        entry.registration = scheduler.repeat(within(task), delayNanos);
        return entry.unlessClosed();
    }

    /** Cancels what has not begun and refuses new tasks; tasks under way run to their end. */
    @Override
    public void close() {
        closed = true;
        timed.forEach(Registration::close);
    }

    private Timed keep(Timed entry) {
        timed.add(entry);
        return entry;
    }

    private void refuseIfClosed() {
        if (closed) {
            throw new IllegalStateException("the plugin was stopped");
        }
    }

    private Runnable within(Runnable task) {
        return () -> {
            if (closed) {
                return;
            }
            Thread thread = Thread.currentThread();
            ClassLoader before = thread.getContextClassLoader();
            thread.setContextClassLoader(loader);
            try {
                task.run();
            } finally {
                thread.setContextClassLoader(before);
            }
        };
    }

    /** A task that waits, so that stopping can cancel it. */
    private final class Timed implements Registration {
        private volatile Registration registration = () -> {};

        Timed unlessClosed() {
            if (closed) {
                close();
            }
            return this;
        }

        @Override
        public void close() {
            timed.remove(this);
            registration.close();
        }
    }
}
