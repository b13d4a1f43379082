// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.config;

import java.util.List;

/**
 * Who carries the metadata.
 *
 * @param peers all nodes of the group, this one included; empty for the local carrier
 */
public record MetadataConfig(Carrier carrier, List<Peer> peers) {
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
