// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.simulation;

import java.lang.management.ManagementFactory;
import java.util.Set;

/** Lives through histories, one seed after the other, and says how fast that was. */
final class Simulation {
    /** Whose defects are known and not mended. */
    static final Set<Long> KNOWN = Set.of();

    private Simulation() {}

    /** Arguments: the first seed, and how many; one alone is shown in full. */
    public static void main(String[] arguments) {
        long first = Long.parseLong(arguments[0]);
        long count = arguments.length > 1 ? Long.parseLong(arguments[1]) : 1;
        if (count == 1) {
            System.out.println(alone(first).trace().text());
        } else {
            System.out.println(run(first, count));
        }
    }

    /** What so many histories came to. */
    record Sum(
            long histories,
            long operations,
            long faults,
            long crashes,
            long compactions,
            double seconds) {
        @Override
        public String toString() {
            return "%d histories with %d operations, %d faults, %d crashes, %d compactions: %.0f a second of one core"
                    .formatted(
                            histories,
                            operations,
                            faults,
                            crashes,
                            compactions,
                            histories / seconds);
        }
    }

    /**
     * Lives through {@code count} histories.
     *
     * @throws AssertionError naming the seed of the first that broke a promise
     */
    static Sum run(long first, long count) {
        Sum[] sum = new Sum[1];
        LogWatch.over(watch -> sum[0] = run(first, count, watch));
        return sum[0];
    }

    private static Sum run(long first, long count, LogWatch watch) {
        long operations = 0;
        long faults = 0;
        long crashes = 0;
        long compactions = 0;
        long begin = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
        for (long seed = first; seed < first + count; seed++) {
            if (KNOWN.contains(seed)) {
                continue;
            }
            History history = live(seed, false, watch);
            operations += history.operations();
            faults += history.faults();
            crashes += history.crashes();
            compactions += history.compactions();
        }
        long end = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
        return new Sum(count, operations, faults, crashes, compactions, (end - begin) / 1e9);
    }

    /** One history, with all that happened in it. */
    static History alone(long seed) {
        History[] lived = new History[1];
        LogWatch.over(watch -> lived[0] = live(seed, true, watch));
        return lived[0];
    }

    private static History live(long seed, boolean fullTrace, LogWatch watch) {
        var history = new History(seed, fullTrace);
        watch.listen(history::logged);
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
