// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

/** The kernel's half alone: over an engine that is as plain as may be. */
final class CompactionModelTest extends CompactionModelSuite {
    @Override
    protected EngineUnderTest engine(long seed) {
        return new MemoryEngine();
    }
}
