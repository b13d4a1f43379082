// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.delivery;

import io.mortise.spi.broker.Address;
import io.mortise.spi.security.Principal;

import org.jspecify.annotations.Nullable;

/** Where one address goes, and who was last seen to have the right to publish there. */
final class Placement {
    private static final long TRUST_NANOS = 500_000_000L;

    final Address address;
    final TopicRoute route;
    final PartitionWriter writer;
    final int keyFrom;

    /** -1 for a null key. */
    final int keyLength;

    private @Nullable Principal allowed;
    private String host = "";
    private long checkedAtNanos;

    Placement(
            Address address, TopicRoute route, PartitionWriter writer, int keyFrom, int keyLength) {
        this.address = address;
        this.route = route;
        this.writer = writer;
        this.keyFrom = keyFrom;
        this.keyLength = keyLength;
    }

    boolean allowed(Publishing who, long nowNanos) {
        return who.principal().equals(allowed)
                && host.equals(who.host())
                && nowNanos - checkedAtNanos < TRUST_NANOS;
    }

    void allow(Publishing who, long nowNanos) {
        allowed = who.principal();
        host = who.host();
        checkedAtNanos = nowNanos;
    }
}
