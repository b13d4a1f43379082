// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.runtime;

/** Platform threads for work that never ends by itself, such as writing to a disk. */
public final class DedicatedThreads {
    private DedicatedThreads() {}

    /** Starts a daemon thread that runs {@code work} until that returns. */
    public static void start(String name, Runnable work) {
        Thread.ofPlatform().name(name).daemon().inheritInheritableThreadLocals(false).start(work);
    }
}
