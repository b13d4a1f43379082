// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.segment;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.spi.runtime.FileLayer;
import io.mortise.spi.runtime.StorageFile;
import io.mortise.spi.testing.EngineHarness;
import io.mortise.spi.testing.ForwardingFileLayer;
import io.mortise.spi.testing.LogModel;
import io.mortise.spi.testing.VolatileFileLayer;

import org.junit.jupiter.api.Test;

import java.io.IOException;

/** Random work, failures and power losses beside a model; a failure names its seed. */
class SegmentModelTest {
    private static final int SEEDS = Boolean.getBoolean("mortise.deep") ? 1000 : 40;
    private static final int STEPS = 600;

    @Test
    void whatWasForgottenWasNeverPromised() throws IOException {
        for (int seed = 0; seed < SEEDS; seed++) {
            new LogModel(EngineBench.small(seed, new VolatileFileLayer()), seed).run(STEPS);
        }
    }

    @Test
    void whatHalfSurvivesIsCutOff() throws IOException {
        for (int seed = 0; seed < SEEDS; seed++) {
            new LogModel(EngineBench.small(seed, new VolatileFileLayer(seed)), seed).run(STEPS);
        }
    }

    @Test
    void aFailingDiskIsNeverBelieved() throws IOException {
        for (int seed = 0; seed < SEEDS; seed++) {
            new LogModel(EngineBench.small(seed, new VolatileFileLayer(seed)), seed)
                    .faulty()
                    .run(STEPS);
        }
    }

    /** A force failed, the process died, and the checkpoint of the next one knew the file. */
    @Test
    void aHeaderThatIsNotDurableHidesNothing() throws IOException {
        new LogModel(EngineBench.small(603, new VolatileFileLayer(603)), 603).faulty().run(STEPS);
    }

    /** A log failed aside and was closed before anybody met that. */
    @Test
    void aLogThatFailedAsideLosesItsRoundOnly() throws IOException {
        new LogModel(EngineBench.small(803, new VolatileFileLayer(803)), 803).faulty().run(STEPS);
    }

    @Test
    void theModelFindsAnEngineThatSkipsForce() {
        int found = 0;
        for (int seed = 0; seed < 10; seed++) {
            EngineHarness broken =
                    EngineBench.small(seed, new VolatileFileLayer())
                            .through(SegmentModelTest::forceless);
            found += fails(broken, seed) ? 1 : 0;
        }
        assertThat(found).isEqualTo(10);
    }

    private static FileLayer forceless(FileLayer files) {
        return new ForwardingFileLayer(files) {
            @Override
            protected StorageFile around(StorageFile file) {
                return new File(file) {
                    /** Nothing: that is the defect. */
                    @Override
                    public void force() {}
                };
            }
        };
    }

    private static boolean fails(EngineHarness broken, int seed) {
        try {
            new LogModel(broken, seed).run(STEPS);
            return false;
        } catch (AssertionError | IOException expected) {
            return true;
        }
    }
}
