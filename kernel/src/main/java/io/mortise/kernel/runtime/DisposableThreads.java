// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.runtime;

import org.jspecify.annotations.Nullable;

import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;

/**
 * Threads on which foreign code runs once and which then die, so that what it left in thread locals
 * dies with them; and the questions that only the JVM can answer about a class loader.
 */
public final class DisposableThreads {
    private DisposableThreads() {}

    /**
     * Runs {@code task} on a fresh platform thread that inherits nothing, with {@code loader} as
     * its context loader, and waits for it.
     *
     * @throws Exception what the task threw; an {@link Error} is thrown as it is
     */
    public static <T extends @Nullable Object> T call(
            String name, ClassLoader loader, Callable<T> task) throws Exception {
        var outcome = new Outcome<T>();
        Thread thread =
                Thread.ofPlatform()
                        .name(name)
                        .inheritInheritableThreadLocals(false)
                        .unstarted(() -> outcome.run(task));
        thread.setContextClassLoader(loader);
        thread.start();
        joinUninterruptibly(thread);
        return outcome.result();
    }

    /** Live platform threads whose context loader, or own class, is the loader's. */
    public static List<Thread> holding(ClassLoader loader) {
        var found = new ArrayList<Thread>();
        for (Thread thread : live()) {
            if (thread.isAlive()
                    && (loader.equals(thread.getContextClassLoader())
                            || loader.equals(thread.getClass().getClassLoader()))) {
                found.add(thread);
            }
        }
        return found;
    }

    /**
     * Waits until no live platform thread has the loader.
     *
     * @return the threads that are left after {@code nanos}
     */
    public static List<Thread> awaitNoneHolding(ClassLoader loader, long nanos)
            throws InterruptedException {
        long deadline = System.nanoTime() + nanos;
        List<Thread> left = holding(loader);
        while (!left.isEmpty() && System.nanoTime() < deadline) {
            left.getFirst().join(Duration.ofMillis(20));
            left = holding(loader);
        }
        return left;
    }

    /**
     * Asks the collector, a few times, for what {@code reference} refers to.
     *
     * @param queue the one the reference was made with
     * @return whether it is gone
     */
    public static boolean collected(Reference<?> reference, ReferenceQueue<?> queue)
            throws InterruptedException {
        for (int round = 0; round < 10; round++) {
            System.gc();
            if (reference.refersTo(null)) {
                return true;
            }
            if (queue.remove(50) != null && reference.refersTo(null)) {
                return true;
            }
        }
        return reference.refersTo(null);
    }

    private static List<Thread> live() {
        ThreadGroup root = Thread.currentThread().getThreadGroup();
        while (root.getParent() != null) {
            root = root.getParent();
        }
        var threads = new Thread[root.activeCount() * 2 + 16];
        int count = root.enumerate(threads, true);
        return Arrays.asList(threads).subList(0, count);
    }

    private static void joinUninterruptibly(Thread thread) {
        boolean interrupted = false;
        while (true) {
            try {
                thread.join();
                break;
            } catch (InterruptedException again) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** What became of a task; written by its thread, read after join. */
    private static final class Outcome<T extends @Nullable Object> {
        private @Nullable T value;
        private @Nullable Throwable failure;

        void run(Callable<T> task) {
            try {
                value = task.call();
            } catch (Throwable thrown) {
                failure = thrown;
            }
        }

        @SuppressWarnings("NullAway")
        T result() throws Exception {
            return switch (failure) {
                case null -> value;
                case Exception exception -> throw exception;
                case Error error -> throw error;
                default -> throw new IllegalStateException(failure);
            };
        }
    }
}
