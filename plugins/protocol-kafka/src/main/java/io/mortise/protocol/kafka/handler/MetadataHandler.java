// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.protocol.kafka.handler;

import io.mortise.protocol.kafka.mapping.RefusalErrors;
import io.mortise.protocol.kafka.mapping.TopicIds;
import io.mortise.protocol.kafka.mapping.TopicNames;
import io.mortise.protocol.kafka.session.Identity;
import io.mortise.protocol.kafka.session.KafkaConnection;
import io.mortise.protocol.kafka.session.Request;
import io.mortise.protocol.kafka.session.RequestHandler;
import io.mortise.spi.broker.Broker;
import io.mortise.spi.broker.Partition;
import io.mortise.spi.broker.Topic;
import io.mortise.spi.security.ResourceType;

import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataRequestData.MetadataRequestTopic;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponseBroker;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponsePartition;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponseTopic;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Nodes and topics. A topic that is not there is created if the request allows it: the first answer
 * says LEADER_NOT_AVAILABLE, the client asks again.
 */
public final class MetadataHandler implements RequestHandler<MetadataRequestData> {
    private static final short EXPLICIT_AUTO_CREATE = 4;
    private static final short NULL_IS_ALL = 1;
    private static final short NULL_NAMES = 12;

    private final Services services;

    /** Why the last creation of a name failed: told once to the next who asks. */
    private final Map<String, Errors> failedCreations = new ConcurrentHashMap<>();

    public MetadataHandler(Services services) {
        this.services = services;
    }

    @Override
    public void handle(Request<MetadataRequestData> request) {
        KafkaConnection connection = request.connection();
        MetadataResponseData response =
                new MetadataResponseData()
                        .setClusterId(services.broker().clusterId())
                        .setControllerId(services.broker().self().id());
        for (Broker.Node node : services.broker().nodes()) {
            Broker.Endpoint endpoint = Brokers.endpoint(connection, node);
            response.brokers()
                    .add(
                            new MetadataResponseBroker()
                                    .setNodeId(node.id())
                                    .setHost(endpoint.host())
                                    .setPort(endpoint.port()));
        }
        addTopics(request, response);
        if (request.message().includeClusterAuthorizedOperations()) {
            response.setClusterAuthorizedOperations(
                    Access.clusterOperations(connection.identity()));
        }
        request.respond(response);
    }

    private void addTopics(Request<MetadataRequestData> request, MetadataResponseData response) {
        List<MetadataRequestTopic> asked = request.message().topics();
        boolean all = asked == null || (request.version() < NULL_IS_ALL && asked.isEmpty());
        if (!all) {
            for (MetadataRequestTopic topic : asked) {
                response.topics().add(one(request, topic));
            }
            return;
        }
        Identity client = request.connection().identity();
        for (Topic topic : services.topics().all(client.principal().tenant())) {
            if (Services.visible(topic) && Access.describeTopic(client, topic.name())) {
                response.topics().add(describe(request, topic));
            }
        }
    }

    /** A topic is named by its id or by its name; beside an id the name is null or empty. */
    private MetadataResponseTopic one(
            Request<MetadataRequestData> request, MetadataRequestTopic asked) {
        @Nullable String name = asked.topicId().equals(Uuid.ZERO_UUID) ? asked.name() : null;
        Topic topic =
                name == null
                        ? services.find(request.connection(), asked.topicId())
                        : services.find(request.connection(), name);
        if (topic != null) {
            return Access.describeTopic(request.connection().identity(), topic.name())
                    ? describe(request, topic)
                    : failed(request, asked, unauthorized(name));
        }
        Errors error = name == null ? Errors.UNKNOWN_TOPIC_ID : missing(request, name);
        return failed(request, asked, error);
    }

    private static Errors unauthorized(@Nullable String name) {
        return name == null ? Errors.UNKNOWN_TOPIC_ID : Errors.TOPIC_AUTHORIZATION_FAILED;
    }

    private static MetadataResponseTopic failed(
            Request<MetadataRequestData> request, MetadataRequestTopic asked, Errors error) {
        boolean nameless = asked.name() == null && request.version() < NULL_NAMES;
        return new MetadataResponseTopic()
                .setName(nameless ? "" : asked.name())
                .setTopicId(asked.topicId())
                .setErrorCode(error.code());
    }

    private Errors missing(Request<MetadataRequestData> request, String name) {
        Identity client = request.connection().identity();
        if (!TopicNames.legal(name)) {
            return Errors.INVALID_TOPIC_EXCEPTION;
        }
        boolean wanted =
                services.settings().autoCreateTopics()
                        && (request.version() < EXPLICIT_AUTO_CREATE
                                || request.message().allowAutoTopicCreation());
        if (!wanted) {
            return Access.describeTopic(client, name)
                    ? Errors.UNKNOWN_TOPIC_OR_PARTITION
                    : Errors.TOPIC_AUTHORIZATION_FAILED;
        }
        return Access.createTopic(client, name)
                ? create(request.connection(), name)
                : Errors.TOPIC_AUTHORIZATION_FAILED;
    }

    private Errors create(KafkaConnection connection, String name) {
        String key = Services.tenant(connection) + "/" + name;
        Errors earlier = failedCreations.remove(key);
        if (earlier != null) {
            return earlier;
        }
        services.topics()
                .createAutomatically(Services.tenant(connection), name)
                .whenComplete(
                        (topic, thrown) -> {
                            if (thrown != null && failedCreations.size() < 1000) {
                                failedCreations.put(key, creationError(thrown));
                            }
                        });
        return Errors.LEADER_NOT_AVAILABLE;
    }

    private static Errors creationError(Throwable thrown) {
        Errors error = RefusalErrors.of(thrown);
        return error == Errors.NOT_CONTROLLER ? Errors.LEADER_NOT_AVAILABLE : error;
    }

    private MetadataResponseTopic describe(Request<MetadataRequestData> request, Topic topic) {
        MetadataResponseTopic answer =
                new MetadataResponseTopic()
                        .setName(topic.name())
                        .setTopicId(TopicIds.kafka(topic.id()))
                        .setIsInternal(topic.internal());
        for (int i = 0; i < topic.partitionCount(); i++) {
            answer.partitions().add(describe(topic.partition(i), i));
        }
        if (request.message().includeTopicAuthorizedOperations()) {
            answer.setTopicAuthorizedOperations(
                    Access.operations(
                            request.connection().identity(), ResourceType.TOPIC, topic.name()));
        }
        return answer;
    }

    private MetadataResponsePartition describe(@Nullable Partition partition, int index) {
        MetadataResponsePartition answer = new MetadataResponsePartition().setPartitionIndex(index);
        if (partition == null) {
            return answer.setErrorCode(Errors.LEADER_NOT_AVAILABLE.code()).setLeaderId(-1);
        }
        List<Integer> self = List.of(services.broker().self().id());
        return answer.setLeaderId(self.getFirst())
                .setLeaderEpoch(partition.leaderEpoch())
                .setReplicaNodes(self)
                .setIsrNodes(self);
    }
}
