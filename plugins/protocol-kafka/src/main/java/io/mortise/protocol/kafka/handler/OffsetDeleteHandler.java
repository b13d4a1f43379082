// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.kafka.handler;

import io.mortise.protocol.kafka.coordinator.GroupCoordinators;
import io.mortise.protocol.kafka.coordinator.Groups;
import io.mortise.protocol.kafka.session.Request;
import io.mortise.spi.security.Operation;

import org.apache.kafka.common.message.OffsetDeleteRequestData;
import org.apache.kafka.common.message.OffsetDeleteRequestData.OffsetDeleteRequestTopic;
import org.apache.kafka.common.message.OffsetDeleteRequestData.OffsetDeleteRequestTopicCollection;
import org.apache.kafka.common.message.OffsetDeleteResponseData;
import org.apache.kafka.common.message.OffsetDeleteResponseData.OffsetDeleteResponsePartition;
import org.apache.kafka.common.message.OffsetDeleteResponseData.OffsetDeleteResponseTopic;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;

/** Forgets committed offsets of topics that a group does not subscribe to. */
public final class OffsetDeleteHandler extends GroupHandler<OffsetDeleteRequestData> {
    private final Services services;

    public OffsetDeleteHandler(Services services, GroupCoordinators coordinators) {
        super(coordinators);
        this.services = services;
    }

    @Override
    void handle(Request<OffsetDeleteRequestData> request, Groups groups) {
        OffsetDeleteRequestData asked = request.message();
        if (!Access.group(request.connection().identity(), Operation.DELETE, asked.groupId())) {
            request.respond(failed(request, Errors.GROUP_AUTHORIZATION_FAILED));
            return;
        }
        OffsetDeleteResponseData refused = new OffsetDeleteResponseData();
        var known = new OffsetDeleteRequestTopicCollection();
        for (OffsetDeleteRequestTopic topic : asked.topics()) {
            Errors error = error(request, topic.name());
            if (error == Errors.NONE) {
                known.add(topic.duplicate());
            } else {
                refused.topics().add(failed(topic, error));
            }
        }
        respond(
                request,
                groups.deleteOffsets(client(request), asked.duplicate().setTopics(known))
                        .thenApply(deleted -> merge(deleted, refused)));
    }

    private Errors error(Request<OffsetDeleteRequestData> request, String name) {
        if (!Access.topic(request.connection().identity(), Operation.READ, name)) {
            return Errors.TOPIC_AUTHORIZATION_FAILED;
        }
        return services.find(request.connection(), name) == null
                ? Errors.UNKNOWN_TOPIC_OR_PARTITION
                : Errors.NONE;
    }

    private static OffsetDeleteResponseData merge(
            OffsetDeleteResponseData deleted, OffsetDeleteResponseData refused) {
        refused.topics().forEach(topic -> deleted.topics().add(topic.duplicate()));
        return deleted;
    }

    private static OffsetDeleteResponseTopic failed(OffsetDeleteRequestTopic asked, Errors error) {
        OffsetDeleteResponseTopic topic = new OffsetDeleteResponseTopic().setName(asked.name());
        asked.partitions()
                .forEach(
                        partition ->
                                topic.partitions()
                                        .add(
                                                new OffsetDeleteResponsePartition()
                                                        .setPartitionIndex(
                                                                partition.partitionIndex())
                                                        .setErrorCode(error.code())));
        return topic;
    }

    @Override
    ApiMessage failed(Request<OffsetDeleteRequestData> request, Errors error) {
        return new OffsetDeleteResponseData().setErrorCode(error.code());
    }
}
