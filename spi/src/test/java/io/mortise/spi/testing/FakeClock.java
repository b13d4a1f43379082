// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.testing;

import io.mortise.spi.runtime.Clock;

import java.util.concurrent.atomic.AtomicLong;

/** Time that stands still until it is told to move. */
public final class FakeClock implements Clock {
    private final AtomicLong wallMillis = new AtomicLong(1_800_000_000_000L);
    private final AtomicLong nanoTime = new AtomicLong(1_000_000_000L);

    @Override
    public long wallMillis() {
        return wallMillis.get();
    }

    @Override
    public long nanoTime() {
        return nanoTime.get();
    }

    /** Moves both clocks forward. */
    public void advanceNanos(long nanos) {
        nanoTime.addAndGet(nanos);
        wallMillis.addAndGet(nanos / 1_000_000);
    }

    /** Moves the wall clock alone, either way. */
    public void jumpWallMillis(long millis) {
        wallMillis.addAndGet(millis);
    }
}
