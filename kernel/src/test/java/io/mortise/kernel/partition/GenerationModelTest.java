// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import java.util.List;

/** Topics whose engine and level change all the time, beside failures, crashes and restarts. */
final class GenerationModelTest extends LogModelSuite {
    @Override
    protected EngineUnderTest engine(long seed) {
        return new MemoryEngine();
    }

    @Override
    protected boolean changesLevels() {
        return true;
    }

    @Override
    protected List<EngineUnderTest> others(long seed) {
        return List.of(MemoryEngine.named("other"), MemoryEngine.named("third"));
    }
}
