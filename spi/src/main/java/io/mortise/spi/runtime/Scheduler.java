// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.runtime;

import io.mortise.spi.Registration;

import org.osgi.annotation.versioning.ProviderType;

/**
 * Runs tasks later or aside. Any thread may call. A task may block (each runs on a virtual thread
 * of its own, or on the one thread of a simulation); one that throws is logged and counted, and
 * ends nothing else.
 */
@ProviderType
public interface Scheduler {
    /** Runs {@code task} soon, aside from the caller. */
    void execute(Runnable task);

    /**
     * Runs {@code task} once, not before {@code delayNanos} have passed; closing cancels what has
     * not begun.
     */
    Registration schedule(Runnable task, long delayNanos);

    /**
     * Runs {@code task} again and again, {@code delayNanos} after its last run ended; closing ends
     * that, and a run under way completes.
     */
    Registration repeat(Runnable task, long delayNanos);
}
