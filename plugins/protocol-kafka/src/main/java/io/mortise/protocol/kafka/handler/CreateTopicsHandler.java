// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.protocol.kafka.handler;

import io.mortise.protocol.kafka.mapping.TopicIds;
import io.mortise.protocol.kafka.session.Identity;
import io.mortise.protocol.kafka.session.Request;
import io.mortise.protocol.kafka.session.RequestHandler;
import io.mortise.spi.broker.Topic;
import io.mortise.spi.broker.Topics.ConfigKey;
import io.mortise.spi.broker.Topics.TopicSpec;
import io.mortise.spi.security.Operation;

import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableReplicaAssignment;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopic;
import org.apache.kafka.common.message.CreateTopicsResponseData;
import org.apache.kafka.common.message.CreateTopicsResponseData.CreatableTopicConfigs;
import org.apache.kafka.common.message.CreateTopicsResponseData.CreatableTopicResult;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Creates topics. Every topic has one replica: what asks for more is refused. */
public final class CreateTopicsHandler implements RequestHandler<CreateTopicsRequestData> {
    private static final int BY_DEFAULT = -1;

    private final Services services;

    public CreateTopicsHandler(Services services) {
        this.services = services;
    }

    private record Fault(Errors error, String message) {}

    @Override
    public void handle(Request<CreateTopicsRequestData> request) {
        CreateTopicsResponseData response = new CreateTopicsResponseData();
        Completions completions = new Completions();
        Set<String> repeated = repeated(request.message());
        for (CreatableTopic asked : request.message().topics()) {
            CreatableTopicResult result = new CreatableTopicResult().setName(asked.name());
            response.topics().add(result);
            Fault fault =
                    repeated.contains(asked.name())
                            ? new Fault(Errors.INVALID_REQUEST, "the topic is named twice")
                            : fault(request.connection().identity(), asked);
            if (fault != null) {
                fail(result, fault.error, fault.message);
            } else {
                create(request, asked, result, completions);
            }
        }
        completions.then(() -> request.respond(response));
    }

    private static Set<String> repeated(CreateTopicsRequestData asked) {
        Set<String> seen = new HashSet<>();
        Set<String> repeated = new HashSet<>();
        for (CreatableTopic topic : asked.topics()) {
            if (!seen.add(topic.name())) {
                repeated.add(topic.name());
            }
        }
        return repeated;
    }

    private @Nullable Fault fault(Identity client, CreatableTopic asked) {
        if (!Access.createTopic(client, asked.name())) {
            return new Fault(Errors.TOPIC_AUTHORIZATION_FAILED, "no right to create the topic");
        }
        if (asked.name().startsWith("__")) {
            return new Fault(
                    Errors.INVALID_TOPIC_EXCEPTION, "names that begin with __ are the broker's");
        }
        return asked.assignments().isEmpty() ? sizeFault(asked) : assignmentFault(asked);
    }

    private @Nullable Fault sizeFault(CreatableTopic asked) {
        int nodes = services.broker().nodes().size();
        if (asked.replicationFactor() != BY_DEFAULT && asked.replicationFactor() != 1) {
            return new Fault(
                    Errors.INVALID_REPLICATION_FACTOR,
                    "replication factor "
                            + asked.replicationFactor()
                            + " on "
                            + nodes
                            + " node(s): only 1 is supported");
        }
        return asked.numPartitions() == BY_DEFAULT || asked.numPartitions() > 0
                ? null
                : new Fault(
                        Errors.INVALID_PARTITIONS,
                        asked.numPartitions() + " is no partition count");
    }

    private @Nullable Fault assignmentFault(CreatableTopic asked) {
        if (asked.numPartitions() != BY_DEFAULT || asked.replicationFactor() != BY_DEFAULT) {
            return new Fault(
                    Errors.INVALID_REQUEST, "assignments exclude partition count and factor");
        }
        List<Integer> self = List.of(services.broker().self().id());
        Set<Integer> partitions = new HashSet<>();
        for (CreatableReplicaAssignment assignment : asked.assignments()) {
            if (!assignment.brokerIds().equals(self)) {
                return new Fault(
                        Errors.INVALID_REPLICA_ASSIGNMENT,
                        "replicas " + assignment.brokerIds() + ": only " + self + " is possible");
            }
            partitions.add(assignment.partitionIndex());
        }
        for (int i = 0; i < asked.assignments().size(); i++) {
            if (!partitions.contains(i)) {
                return new Fault(
                        Errors.INVALID_REPLICA_ASSIGNMENT, "partition " + i + " is not assigned");
            }
        }
        return null;
    }

    private void create(
            Request<CreateTopicsRequestData> request,
            CreatableTopic asked,
            CreatableTopicResult result,
            Completions completions) {
        Map<String, String> configs = new HashMap<>();
        for (var config : asked.configs()) {
            if (config.value() == null) {
                fail(result, Errors.INVALID_CONFIG, "config " + config.name() + " without a value");
                return;
            }
            configs.put(config.name(), config.value());
        }
        int partitions =
                asked.assignments().isEmpty() ? asked.numPartitions() : asked.assignments().size();
        TopicSpec spec =
                new TopicSpec(
                        Services.tenant(request.connection()),
                        asked.name(),
                        partitions,
                        configs,
                        false);
        if (request.message().validateOnly()) {
            completions.add(
                    services.topics().validate(spec),
                    (error, message) -> fail(result, error, message));
        } else {
            Identity client = request.connection().identity();
            completions.add(
                    services.topics().create(spec),
                    topic -> describe(client, topic, result),
                    (error, message) -> fail(result, error, message));
        }
    }

    private void describe(Identity client, Topic topic, CreatableTopicResult result) {
        result.setTopicId(TopicIds.kafka(topic.id()));
        if (!Access.topic(client, Operation.DESCRIBE_CONFIGS, topic.name())) {
            result.setTopicConfigErrorCode(Errors.TOPIC_AUTHORIZATION_FAILED.code());
            return;
        }
        result.setNumPartitions(topic.partitionCount()).setReplicationFactor((short) 1);
        for (ConfigKey key : services.topics().configKeys()) {
            result.configs()
                    .add(
                            new CreatableTopicConfigs()
                                    .setName(key.name())
                                    .setValue(topic.config(key.name()))
                                    .setConfigSource(TopicConfigs.source(topic, key)));
        }
    }

    private static void fail(CreatableTopicResult result, Errors error, String message) {
        result.setErrorCode(error.code()).setErrorMessage(message);
    }
}
