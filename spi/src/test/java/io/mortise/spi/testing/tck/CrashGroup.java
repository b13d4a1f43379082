// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.testing.tck;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.spi.Durability;
import io.mortise.spi.testing.Survival;
import io.mortise.spi.testing.VolatileFileLayer.Operation;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.util.Random;

/** The power fails, or the process dies, at each operation of the disk in turn. */
abstract class CrashGroup extends Group {
    private static final int EVERY = Boolean.getBoolean("mortise.deep") ? 1 : 3;

    CrashGroup(LogStorageTck kit) {
        super(kit);
    }

    @BeforeEach
    void needsSimulatedFiles() {
        requireSimulatedFiles();
    }

    /** Counts operations that change something, and ends the world at one of them. */
    private static final class CountDown {
        private final int at;
        int count;
        String last = "";

        CountDown(World world, int at) {
            this.at = at;
            world.files.faults(this::before);
        }

        private void before(Operation operation, String path) throws IOException {
            if (operation == Operation.READ) {
                return;
            }
            if (count++ >= at) {
                if (last.isEmpty()) {
                    last = operation + " of '" + path + "'";
                }
                throw new IOException("the power is gone");
            }
        }
    }

    @Test
    void thePowerMayFailAtEachOperation() throws IOException {
        requireLevel(Durability.DISK);
        int total = countAll();
        assertThat(total).isGreaterThan(20);
        for (int at = 0; at < total; at++) {
            failAt(at, "nothing unforced kept", Survival.NOTHING);
            if (at % EVERY == 0) {
                failAt(at, "seed " + at, Survival.random(new Random(at)));
            }
        }
    }

    private int countAll() throws IOException {
        World world = world(1);
        var counter = new CountDown(world, Integer.MAX_VALUE);
        new Scenario(world, strongest()).everything();
        return counter.count;
    }

    private void failAt(int at, String name, Survival survival) throws IOException {
        World world = world(1);
        var scenario = new Scenario(world, Durability.DISK);
        var power = new CountDown(world, at);
        run(scenario, power);
        String when = "power failed at operation " + at + " (" + power.last + "), " + name;
        world.crash(survival);
        scenario.verify(when);
        scenario.goOn();
        world.crash();
        scenario.verify(when + ", then again");
        done(world);
    }

    private static void run(Scenario scenario, CountDown power) throws IOException {
        try {
            scenario.everything();
        } catch (IOException expected) {
            if (power.last.isEmpty()) {
                throw expected;
            }
        }
    }

    @Test
    void theProcessMayDieAtEachOperation() throws IOException {
        requireLevel(Durability.OS);
        int total = countAll();
        for (int at = 0; at < total; at++) {
            World world = world(1);
            var scenario = new Scenario(world, Durability.OS);
            var power = new CountDown(world, at);
            run(scenario, power);
            String when = "process died at operation " + at + " (" + power.last + ")";
            world.kill();
            scenario.verify(when);
            scenario.goOn();
            world.kill();
            scenario.verify(when + ", then again");
            done(world);
        }
    }

    @Test
    void thePowerMayFailAtEachOperationOfARecovery() throws IOException {
        requireLevel(Durability.DISK);
        for (int seed = 0; seed < seeds(3); seed++) {
            int total = Integer.MAX_VALUE;
            for (int at = 0; at < total; at++) {
                total = failDuringRecovery(seed, at, total);
            }
        }
    }

    private int failDuringRecovery(int seed, int at, int total) throws IOException {
        World world = world(seed);
        var scenario = new Scenario(world, Durability.DISK);
        scenario.unfinished();
        world.harness.crash(Survival.random(new Random(seed)));
        var power = new CountDown(world, at);
        boolean opened = true;
        try {
            world.open();
            scenario.verify("seed " + seed);
        } catch (IOException expected) {
            opened = false;
        }
        String when = "seed " + seed + ", recovery failed at operation " + at;
        world.crash(Survival.random(new Random(at)));
        scenario.verify(when + " (" + power.last + ")");
        scenario.goOn();
        world.crash();
        scenario.verify(when + ", then again");
        done(world);
        return opened ? Math.min(total, power.count) : total;
    }
}
