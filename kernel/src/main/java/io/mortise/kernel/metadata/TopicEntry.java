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
 * @param generations the storage engines it has had, in order, without a gap; empty for one that
 *     was created before there were any: it has one, of the engine that its configs say
 * @param partitions in order, from 0
 */
public record TopicEntry(
        TopicId id,
        TenantId tenant,
        String name,
        boolean internal,
        boolean autoCreated,
        Map<String, String> configs,
        List<GenerationEntry> generations,
        List<PartitionEntry> partitions) {
    public TopicEntry {
        configs = Map.copyOf(configs);
        generations = List.copyOf(generations);
        partitions = List.copyOf(partitions);
    }

    TopicEntry withConfigs(Map<String, String> changed) {
        return new TopicEntry(
                id, tenant, name, internal, autoCreated, changed, generations, partitions);
    }

    TopicEntry withGeneration(GenerationEntry generation) {
        if (generation.number() != generations.size()) {
            throw new IllegalStateException(
                    "generation "
                            + generation.number()
                            + " of "
                            + name
                            + " after "
                            + generations.size());
        }
        List<GenerationEntry> changed = new ArrayList<>(generations);
        changed.add(generation);
        return new TopicEntry(
                id, tenant, name, internal, autoCreated, configs, changed, partitions);
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
        return new TopicEntry(
                id, tenant, name, internal, autoCreated, configs, generations, changed);
    }
}
