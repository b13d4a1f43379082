// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.protocol.kafka.handler;

import io.mortise.protocol.kafka.coordinator.GroupCoordinators;
import io.mortise.protocol.kafka.mapping.TopicIds;
import io.mortise.protocol.kafka.session.KafkaConnection;
import io.mortise.spi.TenantId;
import io.mortise.spi.TopicId;
import io.mortise.spi.broker.Broker;
import io.mortise.spi.broker.Topic;
import io.mortise.spi.broker.Topics;
import io.mortise.spi.runtime.Scheduler;

import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;

/**
 * What handlers stand on.
 *
 * @param scheduler for what may block
 */
public record Services(Broker broker, Scheduler scheduler, Settings settings) {
    /** Kafka's own internal topic: shown to clients; the broker's others are not. */
    public static final String OFFSETS_TOPIC = GroupCoordinators.OFFSETS_TOPIC;

    /**
     * Settings of the plugin.
     *
     * @param autoCreateTopics whether asking for a topic's metadata may create it
     */
    public record Settings(boolean autoCreateTopics) {}

    Topics topics() {
        return broker.topics();
    }

    /** The topic if a Kafka client may know of it. */
    @Nullable Topic find(KafkaConnection connection, String name) {
        return visible(topics().find(tenant(connection), name), tenant(connection));
    }

    /** The topic if it is the client's tenant's and a Kafka client may know of it. */
    @Nullable Topic find(KafkaConnection connection, TopicId id) {
        return visible(topics().find(id), tenant(connection));
    }

    /** The topic if it is the client's tenant's and a Kafka client may know of it. */
    @Nullable Topic find(KafkaConnection connection, Uuid id) {
        return find(connection, TopicIds.mortise(id));
    }

    /** By id where the request carries ids, otherwise by name. */
    @Nullable Topic find(KafkaConnection connection, Uuid id, String name) {
        return name.isEmpty() ? find(connection, id) : find(connection, name);
    }

    static TenantId tenant(KafkaConnection connection) {
        return connection.identity().principal().tenant();
    }

    static boolean visible(Topic topic) {
        return !topic.internal() || topic.name().equals(OFFSETS_TOPIC);
    }

    private static @Nullable Topic visible(@Nullable Topic topic, TenantId tenant) {
        return topic != null && topic.tenant().equals(tenant) && visible(topic) ? topic : null;
    }
}
