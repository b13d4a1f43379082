// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.testing.tck;

import io.mortise.spi.Durability;
import io.mortise.spi.testing.Survival;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.util.function.IntPredicate;

/** The last write came to the disk in part, or not, or what was there before shines through. */
abstract class TornTailGroup extends Group {
    TornTailGroup(LogStorageTck kit) {
        super(kit);
    }

    @BeforeEach
    void needsSimulatedFiles() {
        requireSimulatedFiles();
    }

    /** What comes before the loss of power. */
    @FunctionalInterface
    private interface Before {
        void run(Scenario scenario) throws IOException;
    }

    /** Keeps the sectors that {@code kept} says, counted from the first unforced one of a file. */
    private record Sectors(String name, IntPredicate kept, boolean grown, int[] next)
            implements Survival {
        Sectors(String name, IntPredicate kept, boolean grown) {
            this(name, kept, grown, new int[1]);
        }

        @Override
        public int names(int unforced) {
            return unforced;
        }

        @Override
        public int size(String path, int forcedSize, int size) {
            next[0] = 0;
            return grown ? Math.max(size, forcedSize) : forcedSize;
        }

        @Override
        public boolean sector(String path, int sector) {
            return kept.test(next[0]++);
        }
    }

    private void tear(Before before) throws IOException {
        requireLevel(Durability.DISK);
        for (int i = 0; i < 12; i++) {
            int at = i;
            check(before, new Sectors("sectors before " + i, n -> n < at, true));
            check(before, new Sectors("sectors from " + i, n -> n >= at, true));
            check(before, new Sectors("all but sector " + i, n -> n != at, true));
            check(before, new Sectors("sector " + i, n -> n == at, true));
        }
        check(before, new Sectors("odd sectors", n -> n % 2 == 1, true));
        check(before, new Sectors("zeros", n -> false, true));
        check(before, new Sectors("all sectors, but no growth", n -> true, false));
    }

    private void check(Before before, Sectors kept) throws IOException {
        World world = world(1).open();
        var scenario = new Scenario(world, Durability.DISK);
        before.run(scenario);
        world.crash(kept);
        scenario.verify("kept: " + kept.name);
        scenario.goOn();
        world.crash();
        scenario.verify("kept: " + kept.name + ", then again");
        done(world);
    }

    @Test
    void aTornBatchIsCutOff() throws IOException {
        tear(
                scenario -> {
                    scenario.create(1);
                    scenario.append(1, 2, 700);
                    scenario.append(1, 2, 700);
                    scenario.round();
                    scenario.append(1, 3, 3_000);
                    scenario.append(1, 1, 1_200);
                    scenario.flush();
                });
    }

    @Test
    void aTornLargeBatchIsCutOff() throws IOException {
        tear(
                scenario -> {
                    scenario.create(1);
                    scenario.append(1, 2, 90_000);
                    scenario.round();
                    scenario.append(1, 2, 90_000);
                    scenario.append(1, 1, 70_000);
                    scenario.flush();
                });
    }

    @Test
    void aTailThatWasTruncatedNeverComesBack() throws IOException {
        tear(
                scenario -> {
                    scenario.create(1);
                    for (int i = 0; i < 8; i++) {
                        scenario.append(1, 1, 700);
                        scenario.round();
                    }
                    scenario.truncate(1, 3);
                    scenario.append(1, 1, 700);
                    scenario.append(1, 1, 700);
                    scenario.flush();
                });
    }

    @Test
    void aDeletedLogNeverShinesThroughItsSuccessor() throws IOException {
        tear(
                scenario -> {
                    scenario.create(1);
                    scenario.append(1, 1, 700);
                    scenario.append(1, 1, 40_000);
                    scenario.append(1, 1, 700);
                    scenario.round();
                    scenario.delete(1);
                    scenario.create(1);
                    scenario.append(1, 1, 700);
                    scenario.flush();
                });
    }
}
