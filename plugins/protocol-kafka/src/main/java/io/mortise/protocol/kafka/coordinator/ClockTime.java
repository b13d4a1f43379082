// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.protocol.kafka.coordinator;

import io.mortise.spi.runtime.Clock;

import org.apache.kafka.common.utils.Time;

import java.util.function.Supplier;

/** Kafka's notion of time on our clock; waiting is the system's. */
final class ClockTime implements Time {
    private final Clock clock;

    ClockTime(Clock clock) {
        this.clock = clock;
    }

    @Override
    public long milliseconds() {
        return clock.wallMillis();
    }

    @Override
    public long nanoseconds() {
        return clock.nanoTime();
    }

    @Override
    public void sleep(long ms) {
        Time.SYSTEM.sleep(ms);
    }

    @Override
    public void waitObject(Object obj, Supplier<Boolean> condition, long deadlineMs)
            throws InterruptedException {
        Time.SYSTEM.waitObject(obj, condition, deadlineMs);
    }
}
