// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.metadata;

import java.util.Map;
import java.util.UUID;

/**
 * What is committed. Each type has a tag and a version in {@link RecordCodec}; a field added later
 * raises the version. Fields are plain values, so that the bytes do not depend on the shape of
 * other classes.
 */
public sealed interface MetadataRecord {
    /** Says which cluster this is; the first record of all. */
    record ClusterNamed(String clusterId) implements MetadataRecord {}

    /** A topic without partitions, which follow in the same entry. */
    record TopicCreated(
            UUID id,
            String tenant,
            String name,
            boolean internal,
            boolean autoCreated,
            Map<String, String> configs)
            implements MetadataRecord {
        public TopicCreated {
            configs = Map.copyOf(configs);
        }
    }

    record TopicDeleted(UUID id) implements MetadataRecord {}

    /** All configs that the topic itself has from now on. */
    record TopicConfigured(UUID id, Map<String, String> configs) implements MetadataRecord {
        public TopicConfigured {
            configs = Map.copyOf(configs);
        }
    }

    /**
     * The topic's partitions begin another log, on that engine.
     *
     * @param partitions that the topic had then
     */
    record GenerationPut(UUID topic, int generation, String engine, int partitions)
            implements MetadataRecord {}

    /** Adds or replaces a row of the partition map. */
    record PartitionPut(
            UUID topic, int partition, int leader, int server, int shard, int leaderEpoch)
            implements MetadataRecord {}

    record UserPut(String tenant, String name, String credential) implements MetadataRecord {
        @Override
        public String toString() {
            return "UserPut[" + tenant + ", " + name + "]";
        }
    }

    record UserRemoved(String tenant, String name) implements MetadataRecord {}

    record RulePut(
            String id,
            String tenant,
            String effect,
            String principal,
            String host,
            String resourceType,
            String patternType,
            String pattern,
            String operation)
            implements MetadataRecord {}

    record RuleRemoved(String id) implements MetadataRecord {}

    record PluginPut(String id, String kind, String version, String hash, String wanted)
            implements MetadataRecord {}

    record PluginRemoved(String id) implements MetadataRecord {}

    record ConnectorPut(
            String name,
            String tenant,
            String plugin,
            java.util.List<String> topics,
            Map<String, String> settings,
            boolean paused)
            implements MetadataRecord {
        public ConnectorPut {
            topics = java.util.List.copyOf(topics);
            settings = Map.copyOf(settings);
        }

        @Override
        public String toString() {
            return "ConnectorPut[" + name + ", " + plugin + "]";
        }
    }

    record ConnectorRemoved(String name) implements MetadataRecord {}

    /** Producer ids below {@code next} are given away. */
    record ProducerIdsTaken(long next) implements MetadataRecord {}
}
