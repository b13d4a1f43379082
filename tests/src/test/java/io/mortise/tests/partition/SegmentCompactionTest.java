// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.tests.partition;

import io.mortise.kernel.partition.CompactionModelSuite;
import io.mortise.kernel.partition.EngineUnderTest;

/** Key compaction over the engine that is shipped, with faults, torn writes and power failures. */
final class SegmentCompactionTest extends CompactionModelSuite {
    @Override
    protected EngineUnderTest engine(long seed) {
        return new SegmentUnderTest(seed);
    }
}
