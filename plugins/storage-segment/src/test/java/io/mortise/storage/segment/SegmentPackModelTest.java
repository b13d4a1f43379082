// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.segment;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.spi.runtime.FileLayer;
import io.mortise.spi.runtime.StorageFile;
import io.mortise.spi.testing.EngineHarness;
import io.mortise.spi.testing.ForwardingFileLayer;
import io.mortise.spi.testing.LogModel;
import io.mortise.spi.testing.SimulatedFileLayer;
import io.mortise.spi.testing.SimulatedFileLayer.Trouble;
import io.mortise.spi.testing.VolatileFileLayer;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;

/**
 * Random work beside a model where packs, extents, truncation, replacement and deletion mix, over
 * power losses and disk failures; a failure names its seed.
 */
class SegmentPackModelTest {
    private static final int SEEDS = Boolean.getBoolean("mortise.deep") ? 4000 : 120;
    private static final int STEPS = 400;

    private int packs;

    @AfterEach
    void packsOccurred() {
        assertThat(packs).as("packs that were made").isGreaterThan(SEEDS * 5);
    }

    private EngineHarness counted(EngineHarness harness) {
        return harness.through(
                files ->
                        new ForwardingFileLayer(files) {
                            @Override
                            public StorageFile open(String path, FileLayer.OpenMode mode)
                                    throws IOException {
                                if (path.startsWith("packs/") && mode == OpenMode.CREATE_NEW) {
                                    packs++;
                                }
                                return super.open(path, mode);
                            }
                        });
    }

    private EngineHarness packing(int seed, VolatileFileLayer files) {
        return counted(EngineBench.packing(seed, files));
    }

    @Test
    void whatWasForgottenWasNeverPromised() throws IOException {
        for (int seed = 0; seed < SEEDS; seed++) {
            new LogModel(packing(seed, new VolatileFileLayer()), seed).run(STEPS);
        }
    }

    @Test
    void whatHalfSurvivesIsCutOff() throws IOException {
        for (int seed = 0; seed < SEEDS; seed++) {
            new LogModel(packing(seed, new VolatileFileLayer(seed)), seed).run(STEPS);
        }
    }

    @Test
    void aFailingDiskIsNeverBelieved() throws IOException {
        for (int seed = 0; seed < SEEDS; seed++) {
            new LogModel(packing(seed, new VolatileFileLayer(seed)), seed).faulty().run(STEPS);
        }
    }

    @Test
    void aDiskThatIsFullNowAndThenLosesNothing() throws IOException {
        for (int seed = 0; seed < SEEDS; seed++) {
            var disk = new SimulatedFileLayer(seed);
            disk.on(Trouble.EARLY_WRITE_BACK, 100);
            new LogModel(packing(seed, disk), seed).faulty().troubled(disk).run(STEPS);
        }
    }
}
