// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.protocol.kafka.handler;

import io.mortise.protocol.kafka.session.Request;
import io.mortise.protocol.kafka.session.RequestHandler;
import io.mortise.spi.broker.Topic;
import io.mortise.spi.security.Operation;

import org.apache.kafka.common.message.CreatePartitionsRequestData;
import org.apache.kafka.common.message.CreatePartitionsRequestData.CreatePartitionsTopic;
import org.apache.kafka.common.message.CreatePartitionsResponseData;
import org.apache.kafka.common.message.CreatePartitionsResponseData.CreatePartitionsTopicResult;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

import java.util.List;

/** Raises partition counts. */
public final class CreatePartitionsHandler implements RequestHandler<CreatePartitionsRequestData> {
    private final Services services;

    public CreatePartitionsHandler(Services services) {
        this.services = services;
    }

    @Override
    public void handle(Request<CreatePartitionsRequestData> request) {
        CreatePartitionsResponseData response = new CreatePartitionsResponseData();
        Completions completions = new Completions();
        for (CreatePartitionsTopic asked : request.message().topics()) {
            var result = new CreatePartitionsTopicResult().setName(asked.name());
            response.results().add(result);
            Topic topic = services.find(request.connection(), asked.name());
            Errors error = error(request, asked, topic);
            if (error != Errors.NONE || topic == null) {
                result.setErrorCode(error.code()).setErrorMessage(error.message());
            } else if (!request.message().validateOnly()) {
                completions.add(
                        services.topics().addPartitions(topic.id(), asked.count()),
                        (failed, message) ->
                                result.setErrorCode(failed.code()).setErrorMessage(message));
            }
        }
        completions.then(() -> request.respond(response));
    }

    private Errors error(Request<?> request, CreatePartitionsTopic asked, @Nullable Topic topic) {
        if (!Access.topic(request.connection().identity(), Operation.ALTER, asked.name())) {
            return Errors.TOPIC_AUTHORIZATION_FAILED;
        }
        if (topic == null) {
            return Errors.UNKNOWN_TOPIC_OR_PARTITION;
        }
        if (topic.internal() || asked.count() <= topic.partitionCount()) {
            return Errors.INVALID_PARTITIONS;
        }
        return assignedHere(asked, topic) ? Errors.NONE : Errors.INVALID_REPLICA_ASSIGNMENT;
    }

    private boolean assignedHere(CreatePartitionsTopic asked, Topic topic) {
        if (asked.assignments() == null) {
            return true;
        }
        List<Integer> self = List.of(services.broker().self().id());
        return asked.assignments().size() == asked.count() - topic.partitionCount()
                && asked.assignments().stream().allMatch(a -> a.brokerIds().equals(self));
    }
}
