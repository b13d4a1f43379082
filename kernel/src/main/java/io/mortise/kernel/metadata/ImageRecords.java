// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.metadata;

import io.mortise.kernel.metadata.MetadataRecord.ClusterNamed;
import io.mortise.kernel.metadata.MetadataRecord.ConnectorPut;
import io.mortise.kernel.metadata.MetadataRecord.ConnectorRemoved;
import io.mortise.kernel.metadata.MetadataRecord.GenerationPut;
import io.mortise.kernel.metadata.MetadataRecord.PartitionPut;
import io.mortise.kernel.metadata.MetadataRecord.PluginPut;
import io.mortise.kernel.metadata.MetadataRecord.PluginRemoved;
import io.mortise.kernel.metadata.MetadataRecord.ProducerIdsTaken;
import io.mortise.kernel.metadata.MetadataRecord.RulePut;
import io.mortise.kernel.metadata.MetadataRecord.RuleRemoved;
import io.mortise.kernel.metadata.MetadataRecord.TopicConfigured;
import io.mortise.kernel.metadata.MetadataRecord.TopicCreated;
import io.mortise.kernel.metadata.MetadataRecord.TopicDeleted;
import io.mortise.kernel.metadata.MetadataRecord.UserPut;
import io.mortise.kernel.metadata.MetadataRecord.UserRemoved;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Turns an image back into records: all of them for a snapshot, or those that lead from one image
 * to another, so that listeners hear the same records whether a node replayed entries or was handed
 * a snapshot.
 */
final class ImageRecords {
    private ImageRecords() {}

    /** Records that lead from {@code before} to {@code after}. */
    static List<MetadataRecord> between(MetadataImage before, MetadataImage after) {
        List<MetadataRecord> records = new ArrayList<>();
        if (!before.clusterId().equals(after.clusterId())) {
            records.add(new ClusterNamed(after.clusterId()));
        }
        topics(before, after, records);
        diff(
                before.users(),
                after.users(),
                user -> new UserPut(user.tenant().name(), user.name(), user.credential()),
                user -> new UserRemoved(user.tenant().name(), user.name()),
                records);
        diff(
                before.rules(),
                after.rules(),
                ImageRecords::put,
                rule -> new RuleRemoved(rule.id()),
                records);
        diff(
                before.plugins(),
                after.plugins(),
                ImageRecords::put,
                plugin -> new PluginRemoved(plugin.id()),
                records);
        diff(
                before.connectors(),
                after.connectors(),
                ImageRecords::put,
                connector -> new ConnectorRemoved(connector.name()),
                records);
        if (before.nextProducerId() != after.nextProducerId()) {
            records.add(new ProducerIdsTaken(after.nextProducerId()));
        }
        return records;
    }

    private static void topics(
            MetadataImage before, MetadataImage after, List<MetadataRecord> records) {
        before.topics()
                .forEach(
                        (id, _) -> {
                            if (after.topic(id) == null) {
                                records.add(new TopicDeleted(id.uuid()));
                            }
                        });
        after.topics().forEach((id, topic) -> topic(before.topic(id), topic, records));
    }

    private static void topic(
            @Nullable TopicEntry before, TopicEntry after, List<MetadataRecord> records) {
        if (before == null) {
            records.add(
                    new TopicCreated(
                            after.id().uuid(),
                            after.tenant().name(),
                            after.name(),
                            after.internal(),
                            after.autoCreated(),
                            after.configs()));
        } else if (!before.configs().equals(after.configs())) {
            records.add(new TopicConfigured(after.id().uuid(), after.configs()));
        }
        for (GenerationEntry generation : after.generations()) {
            if (before == null || !before.generations().contains(generation)) {
                records.add(put(after, generation));
            }
        }
        for (PartitionEntry partition : after.partitions()) {
            if (before == null || !before.partitions().contains(partition)) {
                records.add(put(after, partition));
            }
        }
    }

    static GenerationPut put(TopicEntry topic, GenerationEntry generation) {
        return new GenerationPut(
                topic.id().uuid(),
                generation.number(),
                generation.engine(),
                generation.partitions());
    }

    static PartitionPut put(TopicEntry topic, PartitionEntry partition) {
        return new PartitionPut(
                topic.id().uuid(),
                partition.partition(),
                partition.leader(),
                partition.server(),
                partition.shard(),
                partition.leaderEpoch());
    }

    static RulePut put(AccessRule rule) {
        return new RulePut(
                rule.id(),
                rule.tenant().name(),
                rule.effect().name(),
                rule.principal(),
                rule.host(),
                rule.resourceType().name(),
                rule.patternType().name(),
                rule.pattern(),
                rule.operation().name());
    }

    static PluginPut put(PluginEntry plugin) {
        return new PluginPut(
                plugin.id(),
                plugin.kind(),
                plugin.version(),
                plugin.hash(),
                plugin.wanted().name());
    }

    static ConnectorPut put(ConnectorDefinition connector) {
        return new ConnectorPut(
                connector.name(),
                connector.tenant().name(),
                connector.plugin(),
                connector.topics(),
                connector.settings(),
                connector.paused());
    }

    private static <K, V> void diff(
            PersistentMap<K, V> before,
            PersistentMap<K, V> after,
            Function<V, MetadataRecord> put,
            Function<V, MetadataRecord> removed,
            List<MetadataRecord> records) {
        before.forEach(
                (key, value) -> {
                    if (after.find(key) == null) {
                        records.add(removed.apply(value));
                    }
                });
        after.forEach(
                (key, value) -> {
                    if (!value.equals(before.find(key))) {
                        records.add(put.apply(value));
                    }
                });
    }
}
