// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.listener;

import io.mortise.spi.plugin.Metrics.Counter;
import io.mortise.spi.runtime.Clock;
import io.netty.channel.Channel;

import org.jspecify.annotations.Nullable;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Connections of one listener that have not said anything whole yet, oldest first. All have the
 * same time-out, so a coarse sweep looks at the head only; a timer per connection would cost more
 * than the connection.
 */
final class FirstFrames {
    private final Clock clock;
    private final long timeoutNanos;
    private final Counter overdue;
    private final Queue<Pending> oldestFirst = new ConcurrentLinkedQueue<>();

    FirstFrames(Clock clock, long timeoutNanos, Counter overdue) {
        this.overdue = overdue;
        this.clock = clock;
        this.timeoutNanos = timeoutNanos;
    }

    /** A connection that still has to prove itself; forgets its channel when it has. */
    static final class Pending {
        private final long deadlineNanos;
        private volatile @Nullable Channel channel;

        Pending(long deadlineNanos, Channel channel) {
            this.deadlineNanos = deadlineNanos;
            this.channel = channel;
        }

        void done() {
            channel = null;
        }
    }

    Pending add(Channel channel) {
        var pending = new Pending(clock.nanoTime() + timeoutNanos, channel);
        oldestFirst.add(pending);
        return pending;
    }

    /** Closes what is overdue; one caller at a time. */
    void sweep() {
        long now = clock.nanoTime();
        for (Pending head = oldestFirst.peek(); head != null; head = oldestFirst.peek()) {
            Channel channel = head.channel;
            if (channel != null) {
                if (now - head.deadlineNanos < 0) {
                    return;
                }
                overdue.add(1);
                channel.close();
            }
            oldestFirst.poll();
        }
    }
}
