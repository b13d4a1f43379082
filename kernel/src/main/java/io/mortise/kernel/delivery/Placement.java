// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.delivery;

import io.mortise.spi.broker.Address;
import io.mortise.spi.security.Principal;

import org.jspecify.annotations.Nullable;

/** Where one address goes, and who was last seen to have the right to publish there. */
final class Placement {
    final Address address;
    final TopicRoute route;
    final PartitionWriter writer;
    final int keyFrom;

    /** -1 for a null key. */
    final int keyLength;

    private @Nullable Principal allowed;
    private String host = "";
    private long rulesVersion;

    Placement(
            Address address, TopicRoute route, PartitionWriter writer, int keyFrom, int keyLength) {
        this.address = address;
        this.route = route;
        this.writer = writer;
        this.keyFrom = keyFrom;
        this.keyLength = keyLength;
    }

    /**
     * @param version of the rules as of now
     */
    boolean allowed(Publishing who, long version) {
        return rulesVersion == version
                && who.principal().equals(allowed)
                && host.equals(who.host());
    }

    /**
     * @param version of the rules, read before they were asked
     */
    void allow(Publishing who, long version) {
        allowed = who.principal();
        host = who.host();
        rulesVersion = version;
    }
}
