// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.broker;

import io.mortise.spi.Refusal;

import org.osgi.annotation.versioning.ConsumerType;

/** The connection end of a session. Every call is made on the session's loop and must not block. */
@ConsumerType
public interface Receiver {
    /**
     * Offers a message.
     *
     * @param delivery borrowed: valid during this call
     * @return false if it cannot be taken now (the connection is not writable): the kernel keeps
     *     its place, or drops it if it is QoS 0 beyond the bound, and offers nothing more until
     *     {@link Session#resume}
     */
    boolean deliver(Delivery delivery);

    /** Ends a run of deliveries: time to write them out. */
    void flush();

    /**
     * Asks the receiver to let go of an identifier that it had received (QoS 2, PUBREL) before an
     * interruption.
     */
    void release(int deliveryId);

    /** Publishes are welcome again. */
    void publishable();

    /**
     * The session is no longer this connection's (taken over, removed by an operator, the broker
     * stops).
     */
    void closed(Refusal reason);
}
