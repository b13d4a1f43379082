// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.admin;

import io.mortise.kernel.metadata.PartitionEntry;
import io.mortise.kernel.topic.BrokerTopic;
import io.mortise.kernel.topic.BrokerTopics;
import io.mortise.spi.Reason;
import io.mortise.spi.RefusedException;
import io.mortise.spi.broker.Partition;
import io.mortise.spi.broker.Topic;
import io.mortise.spi.broker.Topics.ConfigKey;
import io.mortise.spi.broker.Topics.TopicSpec;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** {@code /topics} and {@code /configs}. */
public final class TopicRoutes {
    private final BrokerTopics topics;

    private TopicRoutes(BrokerTopics topics) {
        this.topics = topics;
    }

    /** Adds the routes. */
    public static void add(AdminRouter router, BrokerTopics topics) {
        TopicRoutes routes = new TopicRoutes(topics);
        router.route("GET", "/topics", routes::list);
        router.route("POST", "/topics", routes::create);
        router.route("GET", "/topics/{name}", call -> routes.details(routes.topic(call)));
        router.route("PATCH", "/topics/{name}", routes::alter);
        router.route("DELETE", "/topics/{name}", routes::delete);
        router.route("GET", "/configs", _ -> Map.of("configs", topics.configKeys()));
    }

    private Object list(AdminCall call) {
        List<Topic> all = new ArrayList<>(topics.all(call.tenant()));
        all.sort(Comparator.comparing(Topic::name));
        return Map.of("topics", all.stream().map(topic -> row((BrokerTopic) topic)).toList());
    }

    private Object create(AdminCall call) {
        AdminCall.Body body = call.body("name", "partitions", "configs");
        TopicSpec spec =
                new TopicSpec(
                        call.tenant(),
                        body.text("name"),
                        body.integer("partitions", -1),
                        body.values("configs"),
                        false);
        Topic created = topics.create(spec).toCompletableFuture().join();
        return details((BrokerTopic) created);
    }

    private Object alter(AdminCall call) {
        AdminCall.Body body = call.body("partitions", "configs");
        BrokerTopic topic = clients(topic(call));
        if (body.has("configs")) {
            topics.alterConfig(topic.id(), body.map("configs")).toCompletableFuture().join();
        }
        if (body.has("partitions")) {
            int total = body.integer("partitions", -1);
            topics.addPartitions(topic.id(), total).toCompletableFuture().join();
        }
        return details(topic);
    }

    private @Nullable Object delete(AdminCall call) {
        topics.delete(clients(topic(call)).id()).toCompletableFuture().join();
        return null;
    }

    private BrokerTopic topic(AdminCall call) {
        String name = call.variable("name");
        BrokerTopic topic = topics.find(call.tenant(), name);
        if (topic == null) {
            throw new RefusedException(Reason.UNKNOWN_TOPIC, "there is no topic '" + name + "'");
        }
        return topic;
    }

    private static BrokerTopic clients(BrokerTopic topic) {
        if (topic.internal()) {
            throw new RefusedException(
                    Reason.INVALID_REQUEST, "topic '" + topic.name() + "' belongs to the broker");
        }
        return topic;
    }

    private static Map<String, Object> row(BrokerTopic topic) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("name", topic.name());
        row.put("id", topic.id().toString());
        row.put("partitions", topic.partitionCount());
        row.put("durability", topic.durability().name());
        row.put("internal", topic.internal());
        row.put("autoCreated", topic.autoCreated());
        row.put("configs", new TreeMap<>(topic.configs()));
        return row;
    }

    private Map<String, Object> details(BrokerTopic topic) {
        Map<String, Object> details = row(topic);
        Map<String, String> inForce = new LinkedHashMap<>();
        for (ConfigKey key : topics.configKeys()) {
            inForce.put(key.name(), topic.config(key.name()));
        }
        details.put("configsInForce", inForce);
        List<Object> partitions = new ArrayList<>();
        for (int i = 0; i < topic.partitionCount(); i++) {
            partitions.add(partition(topic.assignment(i), topic.partition(i)));
        }
        details.put("partitionDetails", partitions);
        return details;
    }

    private static Object partition(PartitionEntry entry, @Nullable Partition partition) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("partition", entry.partition());
        row.put("leader", entry.leader());
        row.put("server", entry.server());
        row.put("shard", entry.shard());
        row.put("leaderEpoch", entry.leaderEpoch());
        row.put("serving", partition != null);
        if (partition != null) {
            row.put("logStartOffset", partition.logStartOffset());
            row.put("highWatermark", partition.highWatermark());
            row.put("logEndOffset", partition.logEndOffset());
            row.put("sizeBytes", partition.sizeInBytes());
            row.put("generations", partition.generations());
        }
        return row;
    }
}
