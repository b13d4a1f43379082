// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.kafka.handler;

import io.mortise.protocol.kafka.coordinator.GroupCoordinators;
import io.mortise.protocol.kafka.coordinator.Groups;
import io.mortise.protocol.kafka.session.Request;
import io.mortise.spi.broker.Topic;
import io.mortise.spi.security.Operation;

import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestPartition;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestTopic;
import org.apache.kafka.common.message.OffsetCommitResponseData;
import org.apache.kafka.common.message.OffsetCommitResponseData.OffsetCommitResponsePartition;
import org.apache.kafka.common.message.OffsetCommitResponseData.OffsetCommitResponseTopic;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Commits offsets: topics that are unknown or forbidden are answered here, the rest by the
 * coordinator.
 */
public final class OffsetCommitHandler extends GroupHandler<OffsetCommitRequestData> {
    private final Services services;

    public OffsetCommitHandler(Services services, GroupCoordinators coordinators) {
        super(coordinators);
        this.services = services;
    }

    @Override
    void handle(Request<OffsetCommitRequestData> request, Groups groups) {
        OffsetCommitRequestData asked = request.message();
        if (!Access.group(request.connection().identity(), Operation.READ, asked.groupId())) {
            request.respond(failed(request, Errors.GROUP_AUTHORIZATION_FAILED));
            return;
        }
        OffsetCommitResponseData refused = new OffsetCommitResponseData();
        List<OffsetCommitRequestTopic> known = new ArrayList<>();
        for (OffsetCommitRequestTopic topic : asked.topics()) {
            take(request, topic, known, refused);
        }
        CompletableFuture<OffsetCommitResponseData> answer =
                known.isEmpty()
                        ? CompletableFuture.completedFuture(new OffsetCommitResponseData())
                        : groups.commitOffsets(client(request), asked.duplicate().setTopics(known));
        respond(request, answer.thenApply(committed -> merge(committed, refused)));
    }

    private void take(
            Request<OffsetCommitRequestData> request,
            OffsetCommitRequestTopic asked,
            List<OffsetCommitRequestTopic> known,
            OffsetCommitResponseData refused) {
        Topic topic = services.find(request.connection(), asked.topicId(), asked.name());
        Errors error =
                Access.topicError(
                        request.connection().identity(), Operation.READ, topic, asked.name());
        if (error != Errors.NONE || topic == null) {
            refused.topics().add(failed(asked, asked.partitions(), error));
            return;
        }
        List<OffsetCommitRequestPartition> present = new ArrayList<>();
        List<OffsetCommitRequestPartition> absent = new ArrayList<>();
        for (OffsetCommitRequestPartition partition : asked.partitions()) {
            int index = partition.partitionIndex();
            (index >= 0 && index < topic.partitionCount() ? present : absent).add(partition);
        }
        if (!absent.isEmpty()) {
            refused.topics().add(failed(asked, absent, Errors.UNKNOWN_TOPIC_OR_PARTITION));
        }
        if (!present.isEmpty()) {
            known.add(
                    new OffsetCommitRequestTopic()
                            .setName(topic.name())
                            .setTopicId(asked.topicId())
                            .setPartitions(present));
        }
    }

    private static OffsetCommitResponseTopic failed(
            OffsetCommitRequestTopic asked,
            List<OffsetCommitRequestPartition> partitions,
            Errors error) {
        OffsetCommitResponseTopic topic =
                new OffsetCommitResponseTopic().setName(asked.name()).setTopicId(asked.topicId());
        for (OffsetCommitRequestPartition partition : partitions) {
            topic.partitions()
                    .add(
                            new OffsetCommitResponsePartition()
                                    .setPartitionIndex(partition.partitionIndex())
                                    .setErrorCode(error.code()));
        }
        return topic;
    }

    private static OffsetCommitResponseData merge(
            OffsetCommitResponseData committed, OffsetCommitResponseData refused) {
        List<OffsetCommitResponseTopic> topics = new ArrayList<>(committed.topics());
        for (OffsetCommitResponseTopic topic : refused.topics()) {
            topics.stream()
                    .filter(
                            t ->
                                    t.name().equals(topic.name())
                                            && t.topicId().equals(topic.topicId()))
                    .findFirst()
                    .ifPresentOrElse(
                            same -> same.partitions().addAll(topic.partitions()),
                            () -> topics.add(topic));
        }
        return committed.setTopics(topics);
    }

    @Override
    ApiMessage failed(Request<OffsetCommitRequestData> request, Errors error) {
        OffsetCommitResponseData response = new OffsetCommitResponseData();
        for (OffsetCommitRequestTopic topic : request.message().topics()) {
            response.topics().add(failed(topic, topic.partitions(), error));
        }
        return response;
    }
}
