// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.tests.partition;

import io.mortise.kernel.partition.EngineUnderTest;
import io.mortise.kernel.partition.LogModelSuite;
import io.mortise.spi.Durability;
import io.mortise.spi.storage.StorageContext;
import io.mortise.spi.storage.StorageEngineProvider;
import io.mortise.spi.testing.FakeClock;
import io.mortise.spi.testing.FakeScheduler;
import io.mortise.spi.testing.TestStorageContext;
import io.mortise.spi.testing.VolatileFileLayer;
import io.mortise.storage.memory.MemoryStorageProvider;

import java.util.List;
import java.util.Map;
import java.util.Random;

/** The memory engine: everything is gone with the process, and until then nothing is. */
final class MemoryLogModelTest extends LogModelSuite {
    @Override
    protected EngineUnderTest engine(long seed) {
        return new MemoryUnderTest();
    }

    static final class MemoryUnderTest implements EngineUnderTest {
        @Override
        public StorageEngineProvider provider() {
            return new MemoryStorageProvider();
        }

        @Override
        public StorageContext context(FakeClock clock, FakeScheduler scheduler) {
            Map<String, String> settings = Map.of("maxBytes", "67108864");
            return TestStorageContext.over(new VolatileFileLayer(), settings, clock, scheduler, 1);
        }

        @Override
        public List<Durability> levels() {
            return List.of(Durability.MEMORY);
        }

        @Override
        public void powerFails() {}

        @Override
        public void failSoon(Random random) {
            // Memory does not fail; a full engine is another matter.
        }

        @Override
        public void heal() {}
    }
}
