// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.session;

import io.mortise.spi.broker.Topics;
import io.mortise.spi.storage.KeyValueSpace;
import io.mortise.spi.testing.FakeClock;
import io.mortise.spi.testing.FakeScheduler;

import org.jspecify.annotations.Nullable;

import java.util.Random;

/** What sessions are kept on, and what may happen to it. One thread. */
public interface SessionStorage {
    /** The topics; others after a crash. */
    Topics topics();

    /** Where sessions that nobody uses are kept; null: in memory. */
    default @Nullable KeyValueSpace index() {
        return null;
    }

    /** Adds a topic, at the latest when the scheduler has run. */
    void addTopic(String name, int partitions);

    /** Something inconvenient happens that loses nothing. */
    void disturb(Random random);

    /**
     * The next write to the disk, or one of the next, fails; where that cannot be, nothing does.
     */
    default void failSoon(Random random) {}

    /** Nothing is inconvenient any more. */
    void heal();

    /** The power fails and comes back; the scheduler has forgotten its tasks already. */
    void crash();

    /** Gives back what it holds. */
    default void close() {}

    /** Makes one. */
    @FunctionalInterface
    interface Factory {
        SessionStorage open(FakeClock clock, FakeScheduler scheduler, long seed);
    }
}
