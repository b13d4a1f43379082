// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.tests.partition;

import io.mortise.kernel.partition.EngineUnderTest;
import io.mortise.kernel.partition.LogModelSuite;

/** What the kernel and the segment engine promise together, over disks that fail and lose power. */
final class SegmentLogModelTest extends LogModelSuite {
    @Override
    protected EngineUnderTest engine(long seed) {
        return new SegmentUnderTest(seed);
    }
}
