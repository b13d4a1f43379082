// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.broker;

import io.mortise.spi.Registration;
import io.mortise.spi.TenantId;
import io.mortise.spi.TopicId;

import org.jspecify.annotations.Nullable;
import org.osgi.annotation.versioning.ProviderType;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/**
 * The topics. Look-ups read this node's image of the metadata, without lock or wait; changes
 * complete when committed and applied here, or fail with a {@link io.mortise.spi.RefusedException}.
 * Stages complete on the metadata thread: go on with {@code thenAcceptAsync(..., loop)}.
 */
@ProviderType
public interface Topics {
    /** The topic of that name, internal ones too, or null. */
    @Nullable Topic find(TenantId tenant, String name);

    /** The topic of that id, or null. */
    @Nullable Topic find(TopicId id);

    /** All topics of a tenant, internal ones too. */
    Collection<Topic> all(TenantId tenant);

    /** Creates a topic as an explicit request does. */
    CompletionStage<Topic> create(TopicSpec spec);

    /** Checks everything that {@link #create} would check, and creates nothing. */
    CompletionStage<Void> validate(TopicSpec spec);

    /**
     * Creates a topic because someone used it, with the configuration of {@code topics.defaults},
     * within the tenant's bound on auto-created topics (QUOTA_EXCEEDED past it); concurrent calls
     * for one name share one creation.
     */
    CompletionStage<Topic> createAutomatically(TenantId tenant, String name);

    /** Deletes a topic and its logs. */
    CompletionStage<Void> delete(TopicId id);

    /** Raises the number of partitions to {@code total}. */
    CompletionStage<Void> addPartitions(TopicId id, int total);

    /** Sets (or with a null value resets) configs; all or nothing. */
    CompletionStage<Void> alterConfig(TopicId id, Map<String, @Nullable String> changes);

    /** Every config a topic may have. */
    List<ConfigKey> configKeys();

    /**
     * Hears of every change after it was applied; first, on registration, of every topic that there
     * is.
     */
    Registration onChange(Executor executor, TopicListener listener);

    /**
     * What a new topic is to be.
     *
     * @param partitions -1 for the default
     * @param internal invisible to filters, publishing by clients refused
     */
    record TopicSpec(
            TenantId tenant,
            String name,
            int partitions,
            Map<String, String> configs,
            boolean internal) {
        public TopicSpec {
            configs = Map.copyOf(configs);
        }
    }

    /**
     * A topic config.
     *
     * @param type one of {@code string}, {@code int}, {@code long}, {@code boolean}, {@code
     *     double}, {@code list} (comma between values)
     */
    record ConfigKey(String name, String type, String defaultValue, String doc) {}

    /** Hears of changes, on the executor it was registered with. */
    interface TopicListener {
        /** Created, or its partitions or configs changed. */
        void changed(Topic topic);

        void deleted(Topic topic);
    }
}
