// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.protocol.kafka.handler;

import io.mortise.protocol.kafka.mapping.TopicIds;
import io.mortise.protocol.kafka.session.Identity;
import io.mortise.protocol.kafka.session.Request;
import io.mortise.protocol.kafka.session.RequestHandler;
import io.mortise.spi.broker.Partition;
import io.mortise.spi.broker.Topic;
import io.mortise.spi.security.ResourceType;

import org.apache.kafka.common.message.DescribeTopicPartitionsRequestData;
import org.apache.kafka.common.message.DescribeTopicPartitionsRequestData.TopicRequest;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData.Cursor;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData.DescribeTopicPartitionsResponsePartition;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData.DescribeTopicPartitionsResponseTopic;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.TreeSet;

/** Topics and partitions page by page (KIP-966). */
public final class DescribeTopicPartitionsHandler
        implements RequestHandler<DescribeTopicPartitionsRequestData> {
    private static final int MAX_PARTITIONS = 2000;

    private final Services services;

    public DescribeTopicPartitionsHandler(Services services) {
        this.services = services;
    }

    @Override
    public void handle(Request<DescribeTopicPartitionsRequestData> request) {
        DescribeTopicPartitionsRequestData asked = request.message();
        var response = new DescribeTopicPartitionsResponseData();
        int room = Math.clamp(asked.responsePartitionLimit(), 1, MAX_PARTITIONS);
        String first = asked.cursor() == null ? "" : asked.cursor().topicName();
        for (String name : names(request).tailSet(first)) {
            int from =
                    asked.cursor() != null && name.equals(first)
                            ? Math.max(0, asked.cursor().partitionIndex())
                            : 0;
            if (room <= 0) {
                response.setNextCursor(new Cursor().setTopicName(name).setPartitionIndex(from));
                break;
            }
            var topic = describe(request, name, from, room);
            response.topics().add(topic);
            room -= topic.partitions().size();
            int next = from + topic.partitions().size();
            if (next < partitionCount(request, name)) {
                response.setNextCursor(new Cursor().setTopicName(name).setPartitionIndex(next));
                break;
            }
        }
        request.respond(response);
    }

    private TreeSet<String> names(Request<DescribeTopicPartitionsRequestData> request) {
        TreeSet<String> names = new TreeSet<>();
        for (TopicRequest topic : request.message().topics()) {
            names.add(topic.name());
        }
        if (names.isEmpty()) {
            Identity client = request.connection().identity();
            for (Topic topic : services.topics().all(client.principal().tenant())) {
                if (Services.visible(topic) && Access.describeTopic(client, topic.name())) {
                    names.add(topic.name());
                }
            }
        }
        return names;
    }

    private int partitionCount(Request<?> request, String name) {
        Topic topic = services.find(request.connection(), name);
        return topic == null ? 0 : topic.partitionCount();
    }

    private DescribeTopicPartitionsResponseTopic describe(
            Request<DescribeTopicPartitionsRequestData> request, String name, int from, int room) {
        var answer = new DescribeTopicPartitionsResponseTopic().setName(name);
        Identity client = request.connection().identity();
        if (!Access.describeTopic(client, name)) {
            return answer.setErrorCode(Errors.TOPIC_AUTHORIZATION_FAILED.code());
        }
        Topic topic = services.find(request.connection(), name);
        if (topic == null) {
            return answer.setErrorCode(Errors.UNKNOWN_TOPIC_OR_PARTITION.code());
        }
        answer.setTopicId(TopicIds.kafka(topic.id()))
                .setIsInternal(topic.internal())
                .setTopicAuthorizedOperations(Access.operations(client, ResourceType.TOPIC, name));
        int end = Math.min(topic.partitionCount(), from + room);
        for (int i = from; i < end; i++) {
            answer.partitions().add(describe(topic.partition(i), i));
        }
        return answer;
    }

    private DescribeTopicPartitionsResponsePartition describe(
            @Nullable Partition partition, int index) {
        var answer = new DescribeTopicPartitionsResponsePartition().setPartitionIndex(index);
        if (partition == null) {
            return answer.setErrorCode(Errors.LEADER_NOT_AVAILABLE.code()).setLeaderId(-1);
        }
        List<Integer> self = List.of(services.broker().self().id());
        return answer.setLeaderId(self.getFirst())
                .setLeaderEpoch(partition.leaderEpoch())
                .setReplicaNodes(self)
                .setIsrNodes(self)
                .setEligibleLeaderReplicas(List.of())
                .setLastKnownElr(List.of());
    }
}
