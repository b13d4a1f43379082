// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/** Hands tasks to executors of others, which may have ended. */
final class Tell {
    private Tell() {}

    /** False if {@code executor} has ended, and with it whoever would have been told. */
    static boolean on(Executor executor, Runnable task) {
        try {
            executor.execute(task);
            return true;
        } catch (RejectedExecutionException | IllegalStateException e) {
            return false;
        }
    }
}
