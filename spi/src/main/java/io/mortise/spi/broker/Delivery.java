// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.broker;

import io.mortise.spi.record.Header;
import io.netty.buffer.ByteBuf;
import io.netty.util.ReferenceCounted;

import org.jspecify.annotations.Nullable;
import org.osgi.annotation.versioning.ProviderType;

import java.util.List;

/**
 * A message on its way to one session; a view that is valid only during {@link Receiver#deliver}.
 */
@ProviderType
public interface Delivery {
    /** Where it was published to. */
    Address address();

    /** The body; borrowed, retain to keep. */
    ByteBuf payload();

    /**
     * User headers and properties; without the reserved ones. The shared empty list where there are
     * none.
     */
    List<Header> headers();

    /** Quality of service of this delivery: the lower of published and granted. */
    int qos();

    /** The retain flag to show. */
    boolean retained();

    /** Sent before with the same identifier. */
    boolean duplicate();

    /** 1 to 65535 for QoS 1 and 2, unique among what is in flight; 0 for QoS 0. */
    int deliveryId();

    /** Identifiers of the matching subscriptions that have one; empty where none has. */
    int[] subscriptionIdentifiers();

    /** Seconds it may still live, at least 1; -1 for ever. */
    long remainingExpirySeconds();

    /** Whether the publisher said that the payload is UTF-8 text. */
    boolean utf8Payload();

    /** Milliseconds since 1970. */
    long timestampMillis();

    /**
     * What an earlier receiver attached to the same record in this pass, or null: lets one encoding
     * serve a whole fan-out.
     *
     * @param kind tells encodings apart, from 0 to 15
     */
    @Nullable ReferenceCounted attachment(int kind);

    /** Attaches an encoding; taken, released at the end of the pass. */
    void attach(int kind, ReferenceCounted encoding);
}
