// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.metadata.ratis;

import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;

/**
 * How this node takes part in the group.
 *
 * @param directory of the group's own files, made if absent
 * @param clusterId 22 characters of base64url; names the group
 * @param nodeId this node, one of {@code peers}
 * @param peers all nodes of the group, the same on every node
 * @param electionMinMillis a follower that hears nothing for this long, or up to the maximum,
 *     stands for election
 * @param patienceMillis how long a proposal is sent again and again before it fails
 */
public record RatisSettings(
        Path directory,
        String clusterId,
        int nodeId,
        List<Peer> peers,
        int electionMinMillis,
        int electionMaxMillis,
        int patienceMillis) {
    /** A node of the group. */
    public record Peer(int id, String host, int port) {}

    public RatisSettings {
        peers = List.copyOf(peers);
        if (peers.stream().noneMatch(peer -> peer.id() == nodeId)) {
            throw new IllegalArgumentException(
                    "node " + nodeId + " is not among the peers " + peers);
        }
    }

    /** With time-outs that ride out pauses of a busy machine. */
    public static RatisSettings of(Path directory, String clusterId, int nodeId, List<Peer> peers) {
        return new RatisSettings(directory, clusterId, nodeId, peers, 1_000, 2_000, 8_000);
    }

    Peer self() {
        return peers.stream().filter(peer -> peer.id() == nodeId).findFirst().orElseThrow();
    }

    /** The node of the lowest id gives a new group its first state; the others wait for it. */
    boolean founder() {
        return peers.stream().min(Comparator.comparingInt(Peer::id)).orElseThrow().id() == nodeId;
    }
}
