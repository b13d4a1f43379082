// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.tests.partition;

import io.mortise.kernel.partition.EngineUnderTest;
import io.mortise.spi.Durability;
import io.mortise.spi.storage.StorageContext;
import io.mortise.spi.storage.StorageEngineProvider;
import io.mortise.spi.testing.FakeClock;
import io.mortise.spi.testing.FakeScheduler;
import io.mortise.spi.testing.TestStorageContext;
import io.mortise.spi.testing.VolatileFileLayer;
import io.mortise.spi.testing.VolatileFileLayer.Operation;
import io.mortise.storage.segment.SegmentStorageProvider;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** The segment engine with limits so small that few batches meet every one of them. */
final class SegmentUnderTest implements EngineUnderTest {
    static final Map<String, String> SMALL =
            Map.of(
                    "commitFileBytes", "20000",
                    "commitLogBytes", "50000",
                    "ownRoundBytes", "6000",
                    "ownFileBytes", "4000",
                    "stagingBytes", "40000",
                    "checkpointSeconds", "30");

    private static final List<Operation> MAY_FAIL =
            List.of(Operation.WRITE, Operation.FORCE, Operation.OPEN);

    private final VolatileFileLayer files;
    private final long seed;
    private Operation failing = Operation.FORCE;
    private int failures;

    SegmentUnderTest(long seed) {
        this.seed = seed;
        this.files = new VolatileFileLayer(seed);
        files.faults(this::before);
    }

    private void before(Operation operation, String path) throws IOException {
        if (operation == failing && failures > 0) {
            failures--;
            throw new IOException("made to fail: " + operation + " of " + path);
        }
    }

    @Override
    public StorageEngineProvider provider() {
        return new SegmentStorageProvider();
    }

    @Override
    public StorageContext context(FakeClock clock, FakeScheduler scheduler) {
        return TestStorageContext.over(files, SMALL, clock, scheduler, seed);
    }

    @Override
    public List<Durability> levels() {
        return List.of(Durability.DISK, Durability.OS, Durability.MEMORY);
    }

    @Override
    public void powerFails() {
        heal();
        files.crash();
    }

    @Override
    public void failSoon(Random random) {
        failing = MAY_FAIL.get(random.nextInt(MAY_FAIL.size()));
        failures = 1 + random.nextInt(2);
    }

    @Override
    public void heal() {
        failures = 0;
    }
}
