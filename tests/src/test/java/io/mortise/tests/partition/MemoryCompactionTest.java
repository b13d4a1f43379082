// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.tests.partition;

import io.mortise.kernel.partition.CompactionModelSuite;
import io.mortise.kernel.partition.EngineUnderTest;
import io.mortise.tests.partition.MemoryLogModelTest.MemoryUnderTest;

/** Key compaction in memory. */
final class MemoryCompactionTest extends CompactionModelSuite {
    @Override
    protected EngineUnderTest engine(long seed) {
        return new MemoryUnderTest();
    }
}
