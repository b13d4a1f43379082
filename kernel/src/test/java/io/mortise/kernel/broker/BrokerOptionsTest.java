// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.kernel.config.BrokerConfigReader;
import io.mortise.kernel.partition.PartitionOptions;

import org.junit.jupiter.api.Test;

import java.nio.file.Path;
import java.util.Map;

class BrokerOptionsTest {
    private static PartitionOptions partitions(String yaml) throws Exception {
        return new BrokerOptions(
                        Path.of("data"),
                        Path.of("home"),
                        Path.of("home/conf/keys"),
                        BrokerConfigReader.read("mortise.yaml", yaml),
                        null,
                        null,
                        id -> true,
                        true,
                        Map.of(),
                        (_, files) -> files)
                .partitions();
    }

    @Test
    void logsAreAsTheyAreByDefaultUnlessSaid() throws Exception {
        assertThat(partitions("")).isEqualTo(PartitionOptions.defaults());
        PartitionOptions set =
                partitions(
                        """
                        logs:
                          ringBytes: 4194304
                          unwrittenBytes: 1048576
                          snapshotBytes: 2097152
                          producerExpirySeconds: 3600
                          retentionCheckSeconds: 5
                          compactionCheckSeconds: 7
                          compactionMapBytes: 3145728
                        """);
        assertThat(set)
                .isEqualTo(
                        PartitionOptions.defaults()
                                .withRing(4L << 20, 1L << 20)
                                .withSnapshotBytes(2L << 20)
                                .withIntervals(3_600_000L, 5_000_000_000L, 7_000_000_000L)
                                .withCompactionMapBytes(3L << 20));
    }
}
