// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.metadata;

import io.mortise.kernel.metadata.MetadataImage.UserKey;
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
import io.mortise.spi.TenantId;
import io.mortise.spi.TopicId;
import io.mortise.spi.security.Operation;
import io.mortise.spi.security.ResourceType;
import io.mortise.spi.security.UserStore.StoredUser;

import java.util.List;
import java.util.UUID;

/** The one place that changes state: on leader, followers and start-up alike. Pure. */
final class Replay {
    private Replay() {}

    /** The image after {@code records}; the version is the caller's. */
    static MetadataImage apply(MetadataImage image, List<MetadataRecord> records) {
        MetadataImage changed = image;
        for (MetadataRecord record : records) {
            changed = apply(changed, record);
        }
        return changed;
    }

    /**
     * @throws IllegalStateException the record does not fit the image: a bug in the decision that
     *     made it
     */
    static MetadataImage apply(MetadataImage image, MetadataRecord record) {
        return switch (record) {
            case ClusterNamed named -> image.withClusterId(named.clusterId());
            case TopicCreated created -> create(image, created);
            case TopicDeleted deleted -> delete(image, deleted);
            case TopicConfigured configured ->
                    replace(image, topic(image, configured.id()).withConfigs(configured.configs()));
            case GenerationPut put ->
                    replace(image, topic(image, put.topic()).withGeneration(generation(put)));
            case PartitionPut put ->
                    replace(image, topic(image, put.topic()).withPartition(partition(put)));
            case UserPut put -> {
                StoredUser user =
                        new StoredUser(new TenantId(put.tenant()), put.name(), put.credential());
                yield image.withUsers(
                        image.users().with(new UserKey(user.tenant(), user.name()), user));
            }
            case UserRemoved removed ->
                    image.withUsers(
                            image.users()
                                    .without(
                                            new UserKey(
                                                    new TenantId(removed.tenant()),
                                                    removed.name())));
            case RulePut put -> image.withRules(image.rules().with(put.id(), rule(put)));
            case RuleRemoved removed -> image.withRules(image.rules().without(removed.id()));
            case PluginPut put -> image.withPlugins(image.plugins().with(put.id(), plugin(put)));
            case PluginRemoved removed -> image.withPlugins(image.plugins().without(removed.id()));
            case ConnectorPut put ->
                    image.withConnectors(image.connectors().with(put.name(), connector(put)));
            case ConnectorRemoved removed ->
                    image.withConnectors(image.connectors().without(removed.name()));
            case ProducerIdsTaken taken -> image.withNextProducerId(taken.next());
        };
    }

    private static MetadataImage create(MetadataImage image, TopicCreated created) {
        TenantId tenant = new TenantId(created.tenant());
        TopicEntry topic =
                new TopicEntry(
                        new TopicId(created.id()),
                        tenant,
                        created.name(),
                        created.internal(),
                        created.autoCreated(),
                        created.configs(),
                        List.of(),
                        List.of());
        if (image.topic(topic.id()) != null || image.topic(tenant, topic.name()) != null) {
            throw new IllegalStateException("topic " + topic.name() + " is created twice");
        }
        return image.withTopics(
                image.topics().with(topic.id(), topic),
                image.names().with(tenant, image.names(tenant).with(topic)));
    }

    private static MetadataImage delete(MetadataImage image, TopicDeleted deleted) {
        TopicEntry topic = topic(image, deleted.id());
        return image.withTopics(
                image.topics().without(topic.id()),
                image.names().with(topic.tenant(), image.names(topic.tenant()).without(topic)));
    }

    private static MetadataImage replace(MetadataImage image, TopicEntry topic) {
        return image.withTopics(image.topics().with(topic.id(), topic), image.names());
    }

    private static TopicEntry topic(MetadataImage image, UUID id) {
        TopicEntry topic = image.topic(new TopicId(id));
        if (topic == null) {
            throw new IllegalStateException("no topic has the id " + id);
        }
        return topic;
    }

    private static GenerationEntry generation(GenerationPut put) {
        return new GenerationEntry(put.generation(), put.engine(), put.partitions());
    }

    private static PartitionEntry partition(PartitionPut put) {
        return new PartitionEntry(
                put.partition(), put.leader(), put.server(), put.shard(), put.leaderEpoch());
    }

    private static AccessRule rule(RulePut put) {
        return new AccessRule(
                put.id(),
                new TenantId(put.tenant()),
                AccessRule.Effect.valueOf(put.effect()),
                put.principal(),
                put.host(),
                ResourceType.valueOf(put.resourceType()),
                AccessRule.PatternType.valueOf(put.patternType()),
                put.pattern(),
                Operation.valueOf(put.operation()));
    }

    private static PluginEntry plugin(PluginPut put) {
        return new PluginEntry(
                put.id(),
                put.kind(),
                put.version(),
                put.hash(),
                PluginEntry.Wanted.valueOf(put.wanted()));
    }

    private static ConnectorDefinition connector(ConnectorPut put) {
        return new ConnectorDefinition(
                put.name(),
                new TenantId(put.tenant()),
                put.plugin(),
                put.topics(),
                put.settings(),
                put.paused());
    }
}
