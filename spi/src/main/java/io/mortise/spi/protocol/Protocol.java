// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.protocol;

import org.osgi.annotation.versioning.ConsumerType;

/** A started protocol. */
@ConsumerType
public interface Protocol extends AutoCloseable {
    /** Whether it serves yet; the kernel's readiness waits for it. Any thread. */
    boolean ready();

    /**
     * Says goodbye to every connection in the protocol's own way and lets work under way end. Its
     * listeners are closed already. May block up to {@code timeoutNanos}; what is open afterwards
     * the kernel closes.
     */
    void drain(long timeoutNanos);

    /**
     * Ends threads and gives back what it holds. Called once, after {@link #drain}, also after a
     * failed one.
     */
    @Override
    void close() throws Exception;
}
