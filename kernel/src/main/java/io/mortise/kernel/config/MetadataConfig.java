// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.config;

import org.jspecify.annotations.Nullable;

import java.util.List;

/**
 * Who carries the metadata.
 *
 * @param clusterId 22 characters of base64url, the same on every node of a group; null: this node's
 *     own
 * @param peers all nodes of the group, this one included; empty for the local carrier
 */
public record MetadataConfig(Carrier carrier, @Nullable String clusterId, List<Peer> peers) {
    public MetadataConfig {
        peers = List.copyOf(peers);
    }

    /** The carriers. */
    public enum Carrier {
        /** A log on this node's disk. */
        LOCAL,
        /** Apache Ratis, for two nodes and more. */
        RATIS
    }

    /** A node of the group. */
    public record Peer(int id, String host, int port) {}
}
