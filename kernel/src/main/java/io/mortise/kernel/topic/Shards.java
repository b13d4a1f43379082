// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.topic;

import io.mortise.spi.TopicId;

/** Which shard a partition belongs to, for ever. */
public final class Shards {
    /** Shards of a cluster. */
    public static final int COUNT = 16;

    private Shards() {}

    /** The shard of a new partition; existing ones have theirs in the partition map. */
    public static int of(TopicId topic, int partition) {
        long hash = topic.uuid().getMostSignificantBits() * 0x9E3779B97F4A7C15L;
        hash = mixed(hash ^ topic.uuid().getLeastSignificantBits()) + partition;
        return (int) (mixed(hash) >>> 60);
    }

    /** The finaliser of MurmurHash3. */
    private static long mixed(long hash) {
        long mixed = (hash ^ (hash >>> 33)) * 0xFF51AFD7ED558CCDL;
        mixed = (mixed ^ (mixed >>> 33)) * 0xC4CEB9FE1A85EC53L;
        return mixed ^ (mixed >>> 33);
    }
}
