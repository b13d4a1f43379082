// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.metadata.ratis;

import io.mortise.spi.runtime.Clock;

import org.apache.ratis.retry.RetryPolicy;
import org.apache.ratis.util.TimeDuration;

import java.util.concurrent.TimeUnit;

/**
 * Sends again until the time is over, however long an attempt takes: a refused connection fails at
 * once, an unreachable peer after seconds. For one request at a time.
 */
final class Patience implements RetryPolicy {
    private static final TimeDuration PAUSE = TimeDuration.valueOf(100, TimeUnit.MILLISECONDS);

    private final Clock clock;
    private volatile long untilNanos;

    Patience(Clock clock) {
        this.clock = clock;
        this.untilNanos = clock.nanoTime();
    }

    /** The request that follows may take so long, and the one attempt that is under way then. */
    void begin(long millis) {
        untilNanos = clock.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    }

    @Override
    public Action handleAttemptFailure(Event event) {
        return untilNanos - clock.nanoTime() > 0 ? () -> PAUSE : NO_RETRY_ACTION;
    }
}
