// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.metadata.ratis;

import io.mortise.kernel.config.MetadataConfig;
import io.mortise.kernel.config.MetadataConfig.Carrier;
import io.mortise.kernel.metadata.LocalMetadataLog;
import io.mortise.kernel.metadata.Metadata;
import io.mortise.kernel.metadata.MetadataLog;
import io.mortise.kernel.runtime.DiskFileLayer;
import io.mortise.spi.Reason;
import io.mortise.spi.RefusedException;
import io.mortise.spi.runtime.Clock;
import io.mortise.spi.runtime.Scheduler;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Makes the carrier that mortise.yaml asks for, and turns a single node into the founder of a
 * group.
 */
public final class MetadataCarriers {
    private static final Logger LOG = LoggerFactory.getLogger(MetadataCarriers.class);
    private static final String LOCAL = "metadata";
    private static final String GROUP = "metadata-group";
    private static final long SNAPSHOT_BYTES = 4 << 20;

    private MetadataCarriers() {}

    /**
     * The carrier, not started. May block: it reads what a single node has, to seed a group with
     * it.
     *
     * @param data the data directory, locked by this process
     * @throws RefusedException a node of a group is not made a single one by configuration
     */
    public static MetadataLog choose(
            MetadataConfig config,
            DiskFileLayer data,
            String clusterId,
            int nodeId,
            Scheduler scheduler,
            RandomGenerator random,
            Clock clock)
            throws IOException {
        boolean grouped = !data.list(GROUP).isEmpty();
        if (config.carrier() == Carrier.LOCAL) {
            if (grouped) {
                throw new RefusedException(
                        Reason.INVALID_CONFIG,
                        "metadata.carrier is 'local', but "
                                + data.root()
                                + " holds the metadata of a group ("
                                + GROUP
                                + "); set 'metadata.carrier: ratis' again");
            }
            return new LocalMetadataLog(data, LOCAL, SNAPSHOT_BYTES);
        }
        List<RatisSettings.Peer> peers =
                config.peers().stream()
                        .map(peer -> new RatisSettings.Peer(peer.id(), peer.host(), peer.port()))
                        .toList();
        RatisSettings settings =
                RatisSettings.of(data.root().resolve(GROUP), clusterId, nodeId, peers);
        boolean seeds = settings.founder() && !data.list(LOCAL).isEmpty();
        List<byte[]> seed = seeds ? local(data, scheduler, random) : List.of();
        return new RatisMetadataLog(settings, seed, random, clock);
    }

    private static List<byte[]> local(
            DiskFileLayer data, Scheduler scheduler, RandomGenerator random) throws IOException {
        LocalMetadataLog log = new LocalMetadataLog(data, LOCAL, SNAPSHOT_BYTES);
        try (Metadata alone = Metadata.open(log, scheduler, random)) {
            LOG.info(
                    "A new metadata group begins with the {} topics of this node.",
                    alone.image().topics().size());
            return alone.snapshotChunks();
        }
    }
}
