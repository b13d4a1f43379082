// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.metadata.ratis;

import static io.mortise.kernel.metadata.MetadataLogSuite.await;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.kernel.config.MetadataConfig;
import io.mortise.kernel.config.MetadataConfig.Carrier;
import io.mortise.kernel.config.MetadataConfig.Peer;
import io.mortise.kernel.metadata.DataDirectory;
import io.mortise.kernel.metadata.Metadata;
import io.mortise.kernel.metadata.MetadataLog;
import io.mortise.kernel.runtime.DiskFileLayer;
import io.mortise.kernel.runtime.SystemClock;
import io.mortise.kernel.runtime.VirtualThreadScheduler;
import io.mortise.spi.RefusedException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.util.List;
import java.util.Random;

final class MetadataCarriersTest {
    private static final String CLUSTER = DataDirectory.newClusterId(new Random(7));

    @TempDir Path folder;

    @Test
    void aSingleNodeFoundsItsGroupAndNeverGoesBack() throws Exception {
        MetadataConfig local = new MetadataConfig(Carrier.LOCAL, null, List.of());
        MetadataConfig group =
                new MetadataConfig(
                        Carrier.RATIS,
                        CLUSTER,
                        List.of(new Peer(0, "127.0.0.1", RatisMetadataLogTest.freePort())));
        try (VirtualThreadScheduler scheduler = new VirtualThreadScheduler("carriers-test")) {
            try (Metadata alone =
                    Metadata.open(choose(local, scheduler), scheduler, new Random())) {
                await(alone.nameCluster(CLUSTER));
            }
            try (Metadata founded =
                    Metadata.open(choose(group, scheduler), scheduler, new Random())) {
                assertThat(founded.image().clusterId()).isEqualTo(CLUSTER);
                await(founded.allocateProducerIds());
            }
            try (Metadata again =
                    Metadata.open(choose(group, scheduler), scheduler, new Random())) {
                assertThat(again.image().nextProducerId()).isEqualTo(1_000);
            }
            assertThatThrownBy(() -> choose(local, scheduler))
                    .isInstanceOf(RefusedException.class)
                    .hasMessageContaining("metadata-group");
        }
    }

    private MetadataLog choose(MetadataConfig config, VirtualThreadScheduler scheduler)
            throws Exception {
        return MetadataCarriers.choose(
                config,
                new DiskFileLayer(folder),
                CLUSTER,
                0,
                scheduler,
                new Random(),
                new SystemClock());
    }
}
