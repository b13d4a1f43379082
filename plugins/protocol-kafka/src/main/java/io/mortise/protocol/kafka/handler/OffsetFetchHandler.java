// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.kafka.handler;

import io.mortise.protocol.kafka.coordinator.GroupCoordinators;
import io.mortise.protocol.kafka.coordinator.Groups;
import io.mortise.protocol.kafka.mapping.TopicIds;
import io.mortise.protocol.kafka.session.Request;
import io.mortise.spi.broker.Topic;

import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestGroup;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestTopic;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestTopics;
import org.apache.kafka.common.message.OffsetFetchResponseData;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponseGroup;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponsePartition;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponsePartitions;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponseTopic;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponseTopics;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Committed offsets: of one group before version 8, of several since; of all topics when none is
 * named.
 */
public final class OffsetFetchHandler extends GroupHandler<OffsetFetchRequestData> {
    private static final short WITH_ERROR = 2;
    private static final short WITH_GROUPS = 8;
    private static final short WITH_TOPIC_IDS = 10;
    private static final long NO_OFFSET = -1;

    private final Services services;

    public OffsetFetchHandler(Services services, GroupCoordinators coordinators) {
        super(coordinators);
        this.services = services;
    }

    @Override
    void handle(Request<OffsetFetchRequestData> request, Groups groups) {
        List<CompletableFuture<OffsetFetchResponseGroup>> answers =
                groups(request).stream().map(group -> fetch(request, groups, group)).toList();
        CompletableFuture<Void> all =
                CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new));
        respond(
                request,
                all.thenApply(
                        done ->
                                build(
                                        answers.stream().map(CompletableFuture::join).toList(),
                                        request.version())));
    }

    private static ApiMessage build(List<OffsetFetchResponseGroup> groups, short version) {
        if (version >= WITH_GROUPS) {
            return new OffsetFetchResponseData().setGroups(groups);
        }
        OffsetFetchResponseGroup group = groups.getFirst();
        OffsetFetchResponseData single =
                new OffsetFetchResponseData()
                        .setErrorCode(version >= WITH_ERROR ? group.errorCode() : 0);
        for (OffsetFetchResponseTopics topic : group.topics()) {
            OffsetFetchResponseTopic named = new OffsetFetchResponseTopic().setName(topic.name());
            topic.partitions().forEach(found -> named.partitions().add(single(found)));
            single.topics().add(named);
        }
        return single;
    }

    private static OffsetFetchResponsePartition single(OffsetFetchResponsePartitions found) {
        return new OffsetFetchResponsePartition()
                .setPartitionIndex(found.partitionIndex())
                .setErrorCode(found.errorCode())
                .setCommittedOffset(found.committedOffset())
                .setCommittedLeaderEpoch(found.committedLeaderEpoch())
                .setMetadata(found.metadata());
    }

    private static List<OffsetFetchRequestGroup> groups(Request<OffsetFetchRequestData> request) {
        OffsetFetchRequestData asked = request.message();
        if (request.version() >= WITH_GROUPS) {
            return asked.groups();
        }
        OffsetFetchRequestGroup group = new OffsetFetchRequestGroup().setGroupId(asked.groupId());
        List<OffsetFetchRequestTopic> topics = asked.topics();
        group.setTopics(
                topics == null
                        ? null
                        : topics.stream()
                                .map(
                                        topic ->
                                                new OffsetFetchRequestTopics()
                                                        .setName(topic.name())
                                                        .setPartitionIndexes(
                                                                topic.partitionIndexes()))
                                .toList());
        return List.of(group);
    }

    private CompletableFuture<OffsetFetchResponseGroup> fetch(
            Request<OffsetFetchRequestData> request, Groups groups, OffsetFetchRequestGroup asked) {
        if (!Access.describeGroup(request.connection().identity(), asked.groupId())) {
            return CompletableFuture.completedFuture(
                    failed(request, asked, Errors.GROUP_AUTHORIZATION_FAILED));
        }
        boolean stable = request.message().requireStable();
        if (asked.topics() == null) {
            return groups.fetchOffsets(client(request), asked, stable)
                    .thenApply(found -> visible(request, found));
        }
        List<OffsetFetchResponseTopics> refused = new ArrayList<>();
        List<OffsetFetchRequestTopics> known = known(request, asked.topics(), refused);
        OffsetFetchRequestGroup rest = asked.duplicate().setTopics(known);
        CompletableFuture<OffsetFetchResponseGroup> answer =
                known.isEmpty()
                        ? CompletableFuture.completedFuture(
                                new OffsetFetchResponseGroup().setGroupId(asked.groupId()))
                        : groups.fetchOffsets(client(request), rest, stable);
        return answer.thenApply(found -> merge(request, found, refused));
    }

    private List<OffsetFetchRequestTopics> known(
            Request<OffsetFetchRequestData> request,
            List<OffsetFetchRequestTopics> asked,
            List<OffsetFetchResponseTopics> refused) {
        List<OffsetFetchRequestTopics> known = new ArrayList<>();
        for (OffsetFetchRequestTopics topic : asked) {
            String name = name(request, topic);
            if (name == null) {
                refused.add(failed(topic, Errors.UNKNOWN_TOPIC_ID));
            } else if (!Access.describeTopic(request.connection().identity(), name)) {
                refused.add(failed(topic, Errors.TOPIC_AUTHORIZATION_FAILED));
            } else {
                known.add(topic.duplicate().setName(name));
            }
        }
        return known;
    }

    private @Nullable String name(
            Request<OffsetFetchRequestData> request, OffsetFetchRequestTopics asked) {
        if (request.version() < WITH_TOPIC_IDS) {
            return asked.name();
        }
        Topic topic = services.find(request.connection(), asked.topicId());
        return topic == null ? null : topic.name();
    }

    private OffsetFetchResponseGroup merge(
            Request<OffsetFetchRequestData> request,
            OffsetFetchResponseGroup found,
            List<OffsetFetchResponseTopics> refused) {
        List<OffsetFetchResponseTopics> topics = new ArrayList<>(found.topics());
        topics.forEach(topic -> topic.setTopicId(id(request, topic.name())));
        topics.addAll(found.errorCode() == Errors.NONE.code() ? refused : List.of());
        return found.setTopics(topics);
    }

    private OffsetFetchResponseGroup visible(
            Request<OffsetFetchRequestData> request, OffsetFetchResponseGroup found) {
        List<OffsetFetchResponseTopics> topics = new ArrayList<>();
        for (OffsetFetchResponseTopics topic : found.topics()) {
            Uuid id = id(request, topic.name());
            boolean nameable = request.version() < WITH_TOPIC_IDS || !id.equals(Uuid.ZERO_UUID);
            if (nameable && Access.describeTopic(request.connection().identity(), topic.name())) {
                topics.add(topic.setTopicId(id));
            }
        }
        return found.setTopics(topics);
    }

    private Uuid id(Request<OffsetFetchRequestData> request, String name) {
        Topic topic = services.find(request.connection(), name);
        return topic == null ? Uuid.ZERO_UUID : TopicIds.kafka(topic.id());
    }

    private static OffsetFetchResponseTopics failed(OffsetFetchRequestTopics asked, Errors error) {
        return new OffsetFetchResponseTopics()
                .setName(asked.name())
                .setTopicId(asked.topicId())
                .setPartitions(
                        asked.partitionIndexes().stream()
                                .map(
                                        index ->
                                                new OffsetFetchResponsePartitions()
                                                        .setPartitionIndex(index)
                                                        .setErrorCode(error.code())
                                                        .setCommittedOffset(NO_OFFSET)
                                                        .setMetadata(""))
                                .toList());
    }

    /** Before version 2 there is no place for an error but at the partitions. */
    private static OffsetFetchResponseGroup failed(
            Request<OffsetFetchRequestData> request, OffsetFetchRequestGroup asked, Errors error) {
        OffsetFetchResponseGroup group =
                new OffsetFetchResponseGroup()
                        .setGroupId(asked.groupId())
                        .setErrorCode(error.code());
        if (request.version() < WITH_ERROR && asked.topics() != null) {
            group.setTopics(asked.topics().stream().map(topic -> failed(topic, error)).toList());
        }
        return group;
    }

    @Override
    ApiMessage failed(Request<OffsetFetchRequestData> request, Errors error) {
        return build(
                groups(request).stream().map(group -> failed(request, group, error)).toList(),
                request.version());
    }
}
