// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.testing.tck;

import io.mortise.spi.testing.LogModel;
import io.mortise.spi.testing.SimulatedFileLayer;
import io.mortise.spi.testing.SimulatedFileLayer.Trouble;

import org.junit.jupiter.api.Test;

import java.io.IOException;

/** Random work, failures and losses beside a list; a failure names its seed. */
abstract class ModelGroup extends Group {
    private static final int STEPS = 400;

    ModelGroup(LogStorageTck kit) {
        super(kit);
    }

    private LogModel model(World world, long seed) {
        return new LogModel(world.harness, seed).levels(levels());
    }

    @Test
    void randomWorkAndLosses() throws IOException {
        for (int seed = 0; seed < seeds(20); seed++) {
            World world = world(seed);
            model(world, seed).run(STEPS);
            done(world);
        }
    }

    @Test
    void randomFailuresOfTheDisk() throws IOException {
        requireSimulatedFiles();
        requireFiles();
        for (int seed = 0; seed < seeds(20); seed++) {
            World world = world(seed);
            model(world, seed).faulty().run(STEPS);
            done(world);
        }
    }

    @Test
    void randomTroublesOfTheDisk() throws IOException {
        requireSimulatedFiles();
        requireFiles();
        for (int seed = 0; seed < seeds(20); seed++) {
            World world = world(seed);
            SimulatedFileLayer files = world.files;
            files.slow(world.harness.clock(), 5_000_000_000L);
            files.on(Trouble.SLOW, 20).on(Trouble.EARLY_WRITE_BACK, 300);
            model(world, seed).troubled(files).run(STEPS);
            done(world);
        }
    }
}
