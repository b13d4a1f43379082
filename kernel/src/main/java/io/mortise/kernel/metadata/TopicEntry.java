// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.metadata;

import io.mortise.spi.TenantId;
import io.mortise.spi.TopicId;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A topic in the image.
 *
 * @param autoCreated because someone used it; counts against the tenant's bound
 * @param configs those set on this topic itself
 * @param partitions in order, from 0
 */
public record TopicEntry(
        TopicId id,
        TenantId tenant,
        String name,
        boolean internal,
        boolean autoCreated,
        Map<String, String> configs,
        List<PartitionEntry> partitions) {
    public TopicEntry {
        configs = Map.copyOf(configs);
        partitions = List.copyOf(partitions);
    }

    TopicEntry withConfigs(Map<String, String> changed) {
        return new TopicEntry(id, tenant, name, internal, autoCreated, changed, partitions);
    }

    TopicEntry withPartition(PartitionEntry partition) {
        if (partition.partition() > partitions.size()) {
            throw new IllegalStateException(
                    "partition "
                            + partition.partition()
                            + " of "
                            + name
                            + " after "
                            + partitions.size());
        }
        List<PartitionEntry> changed = new ArrayList<>(partitions);
        if (partition.partition() == partitions.size()) {
            changed.add(partition);
        } else {
            changed.set(partition.partition(), partition);
        }
        return new TopicEntry(id, tenant, name, internal, autoCreated, configs, changed);
    }
}
