// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.tests.session;

import io.mortise.kernel.session.SessionModelSuite;
import io.mortise.kernel.session.SessionStorage;
import io.mortise.spi.testing.FakeClock;
import io.mortise.spi.testing.FakeScheduler;
import io.netty.util.ResourceLeakDetector;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** What sessions promise together with the kernel's partitions and the segment engine. */
final class SegmentSessionModelTest extends SessionModelSuite {
    private static ResourceLeakDetector.@Nullable Level level;

    /** What a process that dies holds is no leak. */
    @BeforeAll
    static void ignoreLeaks() {
        level = ResourceLeakDetector.getLevel();
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.DISABLED);
    }

    @AfterAll
    static void mindLeaks() {
        if (level != null) {
            ResourceLeakDetector.setLevel(level);
        }
    }

    @Override
    protected SessionStorage open(FakeClock clock, FakeScheduler scheduler, long seed) {
        return new SegmentTopics(clock, scheduler, seed);
    }

    @Override
    protected int runs() {
        return super.runs() / 5;
    }
}
