// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.simulation;

import java.lang.management.ManagementFactory;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Lives through histories, one seed after the other, and says how fast that was. */
final class Simulation {
    private static final Logger LOG = Logger.getLogger("io.mortise");

    private Simulation() {}

    /** Arguments: the first seed, and how many; one alone is shown in full. */
    public static void main(String[] arguments) {
        long first = Long.parseLong(arguments[0]);
        long count = arguments.length > 1 ? Long.parseLong(arguments[1]) : 1;
        if (count == 1) {
            System.out.println(live(first, true).trace().text());
        } else {
            quietly(() -> System.out.println(run(first, count)));
        }
    }

    /** Failures are on purpose here; their stacks would drown everything else. */
    static void quietly(Runnable task) {
        LOG.setLevel(Level.OFF);
        try {
            task.run();
        } finally {
            LOG.setLevel(null);
        }
    }

    /** What so many histories came to. */
    record Sum(long histories, long operations, long faults, long crashes, double seconds) {
        @Override
        public String toString() {
            return "%d histories with %d operations, %d faults, %d crashes: %.0f a second of one core"
                    .formatted(histories, operations, faults, crashes, histories / seconds);
        }
    }

    /**
     * Lives through {@code count} histories.
     *
     * @throws AssertionError naming the seed of the first that broke a promise
     */
    static Sum run(long first, long count) {
        long operations = 0;
        long faults = 0;
        long crashes = 0;
        long begin = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
        for (long seed = first; seed < first + count; seed++) {
            History history = live(seed, false);
            operations += history.operations();
            faults += history.faults();
            crashes += history.crashes();
        }
        long end = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
        return new Sum(count, operations, faults, crashes, (end - begin) / 1e9);
    }

    /** One history. */
    static History live(long seed, boolean fullTrace) {
        var history = new History(seed, fullTrace);
        try {
            history.run();
            return history;
        } catch (RuntimeException | Error e) {
            throw new AssertionError(
                    "seed %d (-Dmortise.seed=%d shows all): %s%n%s"
                            .formatted(seed, seed, e, history.trace().text()),
                    e);
        }
    }
}
