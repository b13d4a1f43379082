// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.tests.partition;

import io.mortise.kernel.partition.EngineUnderTest;
import io.mortise.kernel.partition.LogModelSuite;
import io.mortise.spi.Durability;
import io.mortise.spi.storage.StorageContext;
import io.mortise.spi.storage.StorageEngine;
import io.mortise.spi.storage.StorageEngineProvider;
import io.mortise.spi.testing.FakeClock;
import io.mortise.spi.testing.FakeScheduler;

import java.io.IOException;
import java.util.List;
import java.util.Random;

/** Topics that go from one segment engine to another and back, over power loss and failures. */
final class SegmentGenerationModelTest extends LogModelSuite {
    @Override
    protected EngineUnderTest engine(long seed) {
        return new SegmentUnderTest(seed);
    }

    @Override
    protected boolean changesLevels() {
        return true;
    }

    @Override
    protected List<EngineUnderTest> others(long seed) {
        return List.of(new Renamed(new SegmentUnderTest(seed + 1_000_000)));
    }

    /** The same engine under another name, on a disk of its own. */
    private record Renamed(SegmentUnderTest under)
            implements EngineUnderTest, StorageEngineProvider {
        @Override
        public StorageEngineProvider provider() {
            return this;
        }

        @Override
        public String name() {
            return "other-" + under.provider().name();
        }

        @Override
        public StorageEngine open(StorageContext context) throws IOException {
            return under.provider().open(context);
        }

        @Override
        public StorageContext context(FakeClock clock, FakeScheduler scheduler) {
            return under.context(clock, scheduler);
        }

        @Override
        public List<Durability> levels() {
            return under.levels();
        }

        @Override
        public boolean keeps(Durability level) {
            return under.keeps(level);
        }

        @Override
        public void powerFails() {
            under.powerFails();
        }

        @Override
        public void failSoon(Random random) {
            under.failSoon(random);
        }

        @Override
        public void heal() {
            under.heal();
        }
    }
}
