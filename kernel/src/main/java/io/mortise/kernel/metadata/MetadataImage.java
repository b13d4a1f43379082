// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.metadata;

import io.mortise.spi.TenantId;
import io.mortise.spi.TopicId;
import io.mortise.spi.security.UserStore.StoredUser;

import org.jspecify.annotations.Nullable;

/**
 * Everything that is committed, as of one entry. Immutable, so any thread reads it without a lock.
 *
 * @param version counts the entries that changed it; decisions are made against a version and
 *     refused if it moved
 * @param clusterId empty before the first entry
 * @param nextProducerId the first id that no block has
 */
public record MetadataImage(
        long version,
        String clusterId,
        PersistentMap<TopicId, TopicEntry> topics,
        PersistentMap<TenantId, TenantTopics> names,
        PersistentMap<UserKey, StoredUser> users,
        PersistentMap<String, AccessRule> rules,
        PersistentMap<String, PluginEntry> plugins,
        PersistentMap<String, ConnectorDefinition> connectors,
        long nextProducerId) {
    /** Before the first entry. */
    public static final MetadataImage EMPTY =
            new MetadataImage(
                    0,
                    "",
                    PersistentMap.empty(),
                    PersistentMap.empty(),
                    PersistentMap.empty(),
                    PersistentMap.empty(),
                    PersistentMap.empty(),
                    PersistentMap.empty(),
                    0);

    /** Names a user. */
    public record UserKey(TenantId tenant, String name) {}

    /** The topic names of a tenant; empty ones if it has no topic. */
    public TenantTopics names(TenantId tenant) {
        TenantTopics topics = names.find(tenant);
        return topics == null ? TenantTopics.EMPTY : topics;
    }

    /** The topic, or null. */
    public @Nullable TopicEntry topic(TopicId id) {
        return topics.find(id);
    }

    /** The topic, or null. */
    public @Nullable TopicEntry topic(TenantId tenant, String name) {
        TopicId id = names(tenant).find(name);
        return id == null ? null : topics.find(id);
    }

    MetadataImage withVersion(long changed) {
        return new MetadataImage(
                changed,
                clusterId,
                topics,
                names,
                users,
                rules,
                plugins,
                connectors,
                nextProducerId);
    }

    MetadataImage withClusterId(String changed) {
        return new MetadataImage(
                version, changed, topics, names, users, rules, plugins, connectors, nextProducerId);
    }

    MetadataImage withTopics(
            PersistentMap<TopicId, TopicEntry> changed,
            PersistentMap<TenantId, TenantTopics> names) {
        return new MetadataImage(
                version,
                clusterId,
                changed,
                names,
                users,
                rules,
                plugins,
                connectors,
                nextProducerId);
    }

    MetadataImage withUsers(PersistentMap<UserKey, StoredUser> changed) {
        return new MetadataImage(
                version,
                clusterId,
                topics,
                names,
                changed,
                rules,
                plugins,
                connectors,
                nextProducerId);
    }

    MetadataImage withRules(PersistentMap<String, AccessRule> changed) {
        return new MetadataImage(
                version,
                clusterId,
                topics,
                names,
                users,
                changed,
                plugins,
                connectors,
                nextProducerId);
    }

    MetadataImage withPlugins(PersistentMap<String, PluginEntry> changed) {
        return new MetadataImage(
                version,
                clusterId,
                topics,
                names,
                users,
                rules,
                changed,
                connectors,
                nextProducerId);
    }

    MetadataImage withConnectors(PersistentMap<String, ConnectorDefinition> changed) {
        return new MetadataImage(
                version, clusterId, topics, names, users, rules, plugins, changed, nextProducerId);
    }

    MetadataImage withNextProducerId(long changed) {
        return new MetadataImage(
                version, clusterId, topics, names, users, rules, plugins, connectors, changed);
    }

    @Override
    public String toString() {
        return "MetadataImage[version " + version + ", " + topics.size() + " topics]";
    }
}
