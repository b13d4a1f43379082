// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.simulation;

import java.util.ArrayDeque;
import java.util.concurrent.Executor;

/** A connection's event loop: tasks in order, when the simulation lets it run. */
final class Loop implements Executor {
    private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();

    @Override
    public void execute(Runnable task) {
        tasks.add(task);
    }

    boolean hasWork() {
        return !tasks.isEmpty();
    }

    void runOne() {
        tasks.remove().run();
    }
}
