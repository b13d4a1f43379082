// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import io.mortise.spi.Durability;
import io.mortise.spi.storage.StorageContext;
import io.mortise.spi.storage.StorageEngineProvider;
import io.mortise.spi.testing.FakeClock;
import io.mortise.spi.testing.FakeScheduler;

import java.util.List;
import java.util.Random;

/** A storage engine and what may happen to it. */
public interface EngineUnderTest {
    StorageEngineProvider provider();

    /** What the engine is opened with; each time over the same disk. */
    StorageContext context(FakeClock clock, FakeScheduler scheduler);

    /** The levels to try, strongest first. */
    List<Durability> levels();

    /** Whether what was acknowledged at {@code level} must outlive {@link #powerFails}. */
    default boolean keeps(Durability level) {
        return level == Durability.DISK;
    }

    /** What was not forced is lost. */
    void powerFails();

    /** The next call, or one of the next, fails. */
    void failSoon(Random random);

    /** Nothing fails any more. */
    void heal();
}
