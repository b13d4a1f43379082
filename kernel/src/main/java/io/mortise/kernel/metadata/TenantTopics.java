// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.metadata;

import io.mortise.spi.TopicId;

import org.jspecify.annotations.Nullable;

/** The topic names of one tenant. Immutable. */
public final class TenantTopics {
    static final TenantTopics EMPTY =
            new TenantTopics(PersistentMap.empty(), PersistentMap.empty(), 0);

    private final PersistentMap<String, TopicId> byName;
    private final PersistentMap<String, String> byMetricName;
    private final int autoCreated;

    private TenantTopics(
            PersistentMap<String, TopicId> byName,
            PersistentMap<String, String> byMetricName,
            int autoCreated) {
        this.byName = byName;
        this.byMetricName = byMetricName;
        this.autoCreated = autoCreated;
    }

    /** The topic of exactly that name, or null. */
    public @Nullable TopicId find(String name) {
        return byName.find(name);
    }

    /**
     * The topic that has this name but for {@code .} in place of {@code _}, the same one included,
     * or null.
     */
    public @Nullable String colliding(String name) {
        return byMetricName.find(metricName(name));
    }

    /** How many exist because someone used them. */
    public int autoCreated() {
        return autoCreated;
    }

    TenantTopics with(TopicEntry topic) {
        return new TenantTopics(
                byName.with(topic.name(), topic.id()),
                byMetricName.with(metricName(topic.name()), topic.name()),
                autoCreated + (topic.autoCreated() ? 1 : 0));
    }

    TenantTopics without(TopicEntry topic) {
        return new TenantTopics(
                byName.without(topic.name()),
                byMetricName.without(metricName(topic.name())),
                autoCreated - (topic.autoCreated() ? 1 : 0));
    }

    private static String metricName(String name) {
        return name.replace('.', '_');
    }
}
