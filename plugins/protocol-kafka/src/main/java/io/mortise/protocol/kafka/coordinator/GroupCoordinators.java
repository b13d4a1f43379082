// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.protocol.kafka.coordinator;

import io.mortise.spi.TenantId;
import io.mortise.spi.broker.Topic;
import io.mortise.spi.broker.Topics;
import io.mortise.spi.broker.Topics.TopicSpec;
import io.mortise.spi.protocol.ProtocolContext;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletionException;

/**
 * One coordinator per tenant, started when its first group is asked for: until then a broker
 * without Kafka groups loads none of it.
 */
public final class GroupCoordinators implements AutoCloseable {
    /** Kafka's own name. */
    public static final String OFFSETS_TOPIC = "__consumer_offsets";

    private static final Logger LOG = LoggerFactory.getLogger(GroupCoordinators.class);

    /** What was committed is kept until its group expires it. */
    private static final Map<String, String> CONFIGS =
            Map.of("durability", "DISK", "cleanup.policy", "compact");

    private final ProtocolContext context;
    private final GroupSettings settings;
    private final Map<TenantId, TenantGroups> started = new HashMap<>();
    private final Map<TenantId, Boolean> starting = new HashMap<>();
    private boolean closed;

    /** Starts nothing, but the coordinator of the default tenant if it has had groups before. */
    public GroupCoordinators(ProtocolContext context, GroupSettings settings) {
        this.context = context;
        this.settings = settings;
        if (context.broker().topics().find(TenantId.DEFAULT, OFFSETS_TOPIC) != null) {
            find(TenantId.DEFAULT);
        }
    }

    /** The tenant's groups, or null while they are being started: the client asks again. */
    public synchronized @Nullable Groups find(TenantId tenant) {
        TenantGroups groups = started.get(tenant);
        if (groups != null) {
            return groups.groups();
        }
        if (!closed && starting.putIfAbsent(tenant, true) == null) {
            context.scheduler().execute(() -> start(tenant));
        }
        return null;
    }

    private void start(TenantId tenant) {
        TenantGroups groups = null;
        try {
            groups = new TenantGroups(context, offsetsTopic(tenant), settings);
        } catch (CompletionException e) {
            LOG.warn("no groups for tenant {} yet: {}", tenant, String.valueOf(e.getCause()));
        } finally {
            finish(tenant, groups);
        }
    }

    private synchronized void finish(TenantId tenant, @Nullable TenantGroups groups) {
        starting.remove(tenant);
        if (groups != null && closed) {
            groups.close();
        } else if (groups != null) {
            started.put(tenant, groups);
        }
    }

    private Topic offsetsTopic(TenantId tenant) {
        Topics topics = context.broker().topics();
        Topic known = topics.find(tenant, OFFSETS_TOPIC);
        if (known == null) {
            var spec = new TopicSpec(tenant, OFFSETS_TOPIC, settings.partitions(), CONFIGS, true);
            return topics.create(spec).toCompletableFuture().join();
        }
        if (!known.config("cleanup.policy").contains("compact")) { // made by an earlier version
            topics.alterConfig(known.id(), Map.of("cleanup.policy", "compact"))
                    .toCompletableFuture()
                    .join();
        }
        return known;
    }

    /** Whether every coordinator started has replayed its log. */
    public synchronized boolean ready() {
        boolean ready = starting.isEmpty();
        for (TenantGroups groups : started.values()) {
            ready &= groups.loaded();
        }
        return ready;
    }

    @Override
    public synchronized void close() {
        closed = true;
        started.values().forEach(TenantGroups::close);
        started.clear();
    }
}
