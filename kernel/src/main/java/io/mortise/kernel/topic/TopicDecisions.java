// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.topic;

import io.mortise.kernel.metadata.Metadata.Change;
import io.mortise.kernel.metadata.MetadataImage;
import io.mortise.kernel.metadata.MetadataRecord;
import io.mortise.kernel.metadata.MetadataRecord.GenerationPut;
import io.mortise.kernel.metadata.MetadataRecord.PartitionPut;
import io.mortise.kernel.metadata.MetadataRecord.TopicConfigured;
import io.mortise.kernel.metadata.MetadataRecord.TopicCreated;
import io.mortise.kernel.metadata.MetadataRecord.TopicDeleted;
import io.mortise.kernel.metadata.TopicEntry;
import io.mortise.kernel.routing.TopicNames;
import io.mortise.spi.Reason;
import io.mortise.spi.RefusedException;
import io.mortise.spi.TenantId;
import io.mortise.spi.TopicId;
import io.mortise.spi.broker.Topics.TopicSpec;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;

/** What a command on topics changes. Pure but for the look at which storage engines there are. */
final class TopicDecisions {
    /** A topic's row names them all. */
    private static final int MOST_GENERATIONS = 1_000;

    private final TopicPolicy policy;
    private final EngineCatalog engines;
    private final int nodeId;

    TopicDecisions(TopicPolicy policy, EngineCatalog engines, int nodeId) {
        this.policy = policy;
        this.engines = engines;
        this.nodeId = nodeId;
    }

    Change<TopicId> create(MetadataImage image, TopicId id, TopicSpec spec) {
        checkName(image, spec);
        return create(id, spec, false);
    }

    Change<TopicId> createAutomatically(
            MetadataImage image, TopicId id, TenantId tenant, String name) {
        TopicId present = image.names(tenant).find(name);
        if (present != null) {
            return new Change<>(List.of(), present);
        }
        TopicSpec spec = new TopicSpec(tenant, name, -1, Map.of(), false);
        checkName(image, spec);
        checkBound(image, spec);
        return create(id, spec, true);
    }

    private void checkBound(MetadataImage image, TopicSpec spec) {
        if (!policy.autoCreate()) {
            throw new RefusedException(
                    Reason.UNKNOWN_TOPIC,
                    "topic '"
                            + spec.name()
                            + "' does not exist, and topics.autoCreate.enabled is false");
        }
        int present = image.names(spec.tenant()).autoCreated();
        if (present >= policy.autoCreateLimit() && !spec.name().equals(TopicNames.CATCH_ALL)) {
            throw new RefusedException(
                    Reason.QUOTA_EXCEEDED,
                    "topic '"
                            + spec.name()
                            + "' is not created: tenant "
                            + spec.tenant()
                            + " has "
                            + present
                            + " topics that were created by use, topics.autoCreate.limit is "
                            + policy.autoCreateLimit());
        }
    }

    private Change<TopicId> create(TopicId id, TopicSpec spec, boolean automatically) {
        int partitions = spec.partitions() == -1 ? policy.partitions() : spec.partitions();
        TopicPolicy.checkPartitions(partitions);
        TopicConfigs configs =
                new TopicConfigs(TopicConfigs.checked(spec.configs()), policy.defaults());
        String engine = configs.inForce(TopicConfigKey.STORAGE_ENGINE);
        configs.checkEngine(engine, engines.engines());
        configs.checkCompaction();
        List<MetadataRecord> records = new ArrayList<>(partitions + 2);
        records.add(
                new TopicCreated(
                        id.uuid(),
                        spec.tenant().name(),
                        spec.name(),
                        spec.internal(),
                        automatically,
                        configs.own()));
        records.add(new GenerationPut(id.uuid(), 0, engine, 0));
        addPartitions(id, 0, partitions, records);
        return new Change<>(records, id);
    }

    private void addPartitions(TopicId id, int from, int to, List<MetadataRecord> records) {
        for (int i = from; i < to; i++) {
            records.add(new PartitionPut(id.uuid(), i, nodeId, nodeId, Shards.of(id, i), 0));
        }
    }

    Change<TopicId> addPartitions(MetadataImage image, TopicId id, int total) {
        TopicEntry topic = known(image, id);
        TopicPolicy.checkPartitions(total);
        int present = topic.partitions().size();
        if (total <= present) {
            throw new RefusedException(
                    Reason.INVALID_REQUEST,
                    "topic '"
                            + topic.name()
                            + "' has "
                            + present
                            + " partitions; "
                            + total
                            + " is not more, and their number never shrinks");
        }
        List<MetadataRecord> records = new ArrayList<>(total - present);
        addPartitions(id, present, total, records);
        return new Change<>(records, id);
    }

    Change<TopicId> alterConfig(
            MetadataImage image, TopicId id, Map<String, @Nullable String> changes) {
        TopicEntry topic = known(image, id);
        TopicConfigs before = new TopicConfigs(topic.configs(), policy.defaults());
        TopicConfigs after = before.with(changes);
        String engineBefore = engine(topic, before);
        String engine = sameChoice(before, after) ? engineBefore : chosen(after);
        after.checkEngine(engine, engines.engines());
        after.checkCompaction();
        List<MetadataRecord> records = new ArrayList<>();
        records.add(new TopicConfigured(id.uuid(), after.own()));
        if (!engine.equals(engineBefore)) {
            nextGeneration(topic, engineBefore, engine, records);
        }
        return new Change<>(records, id);
    }

    private static String engine(TopicEntry topic, TopicConfigs configs) {
        return topic.generations().isEmpty()
                ? chosen(configs)
                : topic.generations().getLast().engine();
    }

    private static String chosen(TopicConfigs configs) {
        return configs.inForce(TopicConfigKey.STORAGE_ENGINE);
    }

    private static boolean sameChoice(TopicConfigs before, TopicConfigs after) {
        String key = TopicConfigKey.STORAGE_ENGINE.key;
        return Objects.equals(before.own().get(key), after.own().get(key));
    }

    private static void nextGeneration(
            TopicEntry topic, String before, String after, List<MetadataRecord> records) {
        UUID id = topic.id().uuid();
        int next = Math.max(1, topic.generations().size());
        if (next >= MOST_GENERATIONS) {
            throw TopicConfigKey.STORAGE_ENGINE.refused(
                    after, before + " (a topic changes its engine " + next + " times at most)");
        }
        if (topic.generations().isEmpty()) {
            records.add(new GenerationPut(id, 0, before, 0));
        }
        records.add(new GenerationPut(id, next, after, topic.partitions().size()));
    }

    Change<TopicId> delete(MetadataImage image, TopicId id) {
        known(image, id);
        return new Change<>(List.of(new TopicDeleted(id.uuid())), id);
    }

    private static TopicEntry known(MetadataImage image, TopicId id) {
        TopicEntry topic = image.topic(id);
        if (topic == null) {
            throw new RefusedException(Reason.UNKNOWN_TOPIC, "no topic has the id " + id);
        }
        return topic;
    }

    private static void checkName(MetadataImage image, TopicSpec spec) {
        String name = spec.name();
        if (!TopicNames.legal(name)) {
            throw new RefusedException(
                    Reason.INVALID_TOPIC_NAME,
                    "topic name '"
                            + shortened(name)
                            + "' is not 1 to "
                            + TopicNames.MAX_LENGTH
                            + " characters of [a-zA-Z0-9._-], or is '.' or '..'");
        }
        if (TopicNames.internal(name) && !spec.internal()) {
            throw new RefusedException(
                    Reason.INVALID_TOPIC_NAME,
                    "topic name '" + name + "' is reserved for the broker");
        }
        String other = image.names(spec.tenant()).colliding(name);
        if (name.equals(other)) {
            throw new RefusedException(Reason.TOPIC_EXISTS, "topic '" + name + "' exists already");
        }
        if (other != null) {
            throw new RefusedException(
                    Reason.INVALID_TOPIC_NAME,
                    "topic name '"
                            + name
                            + "' collides with '"
                            + other
                            + "': they differ only in '.' and '_'");
        }
    }

    private static String shortened(String name) {
        return name.length() <= 300 ? name : name.substring(0, 300) + "...";
    }
}
