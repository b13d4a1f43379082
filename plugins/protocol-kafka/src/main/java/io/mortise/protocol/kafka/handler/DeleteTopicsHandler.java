// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.protocol.kafka.handler;

import io.mortise.protocol.kafka.mapping.TopicIds;
import io.mortise.protocol.kafka.session.Request;
import io.mortise.protocol.kafka.session.RequestHandler;
import io.mortise.spi.broker.Topic;
import io.mortise.spi.security.Operation;

import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.DeleteTopicsRequestData;
import org.apache.kafka.common.message.DeleteTopicsRequestData.DeleteTopicState;
import org.apache.kafka.common.message.DeleteTopicsResponseData;
import org.apache.kafka.common.message.DeleteTopicsResponseData.DeletableTopicResult;
import org.apache.kafka.common.protocol.Errors;

/** Deletes topics by name or, from version 6 on, by id. */
public final class DeleteTopicsHandler implements RequestHandler<DeleteTopicsRequestData> {
    private static final short BY_STATE = 6;

    private final Services services;

    public DeleteTopicsHandler(Services services) {
        this.services = services;
    }

    @Override
    public void handle(Request<DeleteTopicsRequestData> request) {
        DeleteTopicsResponseData response = new DeleteTopicsResponseData();
        Completions completions = new Completions();
        if (request.version() >= BY_STATE) {
            for (DeleteTopicState asked : request.message().topics()) {
                delete(request, asked, response, completions);
            }
        } else {
            for (String name : request.message().topicNames()) {
                delete(request, new DeleteTopicState().setName(name), response, completions);
            }
        }
        completions.then(() -> request.respond(response));
    }

    private void delete(
            Request<DeleteTopicsRequestData> request,
            DeleteTopicState asked,
            DeleteTopicsResponseData response,
            Completions completions) {
        DeletableTopicResult result =
                new DeletableTopicResult().setName(asked.name()).setTopicId(asked.topicId());
        response.responses().add(result);
        boolean byId = asked.name() == null || !asked.topicId().equals(Uuid.ZERO_UUID);
        Topic topic =
                byId
                        ? services.find(request.connection(), asked.topicId())
                        : services.find(request.connection(), asked.name());
        Errors error = error(request, topic, byId);
        if (error != Errors.NONE || topic == null) {
            result.setErrorCode(error.code()).setErrorMessage(error.message());
            return;
        }
        result.setName(topic.name()).setTopicId(TopicIds.kafka(topic.id()));
        completions.add(
                services.topics().delete(topic.id()),
                (failed, message) -> result.setErrorCode(failed.code()).setErrorMessage(message));
    }

    private static Errors error(
            Request<?> request, @org.jspecify.annotations.Nullable Topic topic, boolean byId) {
        if (topic == null) {
            return byId ? Errors.UNKNOWN_TOPIC_ID : Errors.UNKNOWN_TOPIC_OR_PARTITION;
        }
        if (topic.internal()
                || !Access.topic(request.connection().identity(), Operation.DELETE, topic.name())) {
            return Errors.TOPIC_AUTHORIZATION_FAILED;
        }
        return Errors.NONE;
    }
}
