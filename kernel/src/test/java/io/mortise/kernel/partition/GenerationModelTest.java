// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import java.util.List;

/** Topics whose engine changes all the time, beside failures, crashes and restarts. */
final class GenerationModelTest extends LogModelSuite {
    @Override
    protected EngineUnderTest engine(long seed) {
        return new MemoryEngine();
    }

    @Override
    protected List<EngineUnderTest> others(long seed) {
        return List.of(MemoryEngine.named("other"), MemoryEngine.named("third"));
    }
}
