// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.session;

import io.mortise.spi.testing.FakeClock;
import io.mortise.spi.testing.FakeScheduler;

import org.junit.jupiter.api.Test;

/** Over partitions in memory, which become durable late, fill up, and are read slowly. */
class SessionModelTest extends SessionModelSuite {
    /** A release that its failing log refused was not known when it was repeated. */
    @Test
    void failuresOfSinglePartitionsWithSeed20002() {
        run(20_002, true, true);
    }

    @Override
    protected SessionStorage open(FakeClock clock, FakeScheduler scheduler, long seed) {
        return new MemoryTopics(scheduler);
    }
}
