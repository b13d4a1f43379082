// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.delivery;

import io.mortise.spi.broker.Topics;
import io.mortise.spi.runtime.Clock;
import io.mortise.spi.runtime.Scheduler;
import io.mortise.spi.security.Security;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;

/**
 * What delivery borrows from the broker.
 *
 * @param buffers where batches on their way into a log are built
 */
public record DeliveryServices(
        Topics topics,
        Security security,
        Clock clock,
        Scheduler scheduler,
        ByteBufAllocator buffers) {
    /** With Netty's pooled buffers. */
    public DeliveryServices(Topics topics, Security security, Clock clock, Scheduler scheduler) {
        this(topics, security, clock, scheduler, PooledByteBufAllocator.DEFAULT);
    }
}
