// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.metadata;

/**
 * One row of the partition map.
 *
 * @param leader the node that sequences and keeps
 * @param server the node that clients are told; on one node equal to the leader
 * @param shard fixed at creation
 * @param leaderEpoch grows with every new leadership
 */
public record PartitionEntry(int partition, int leader, int server, int shard, int leaderEpoch) {}
