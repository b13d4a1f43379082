// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.protocol.kafka.handler;

import io.mortise.protocol.kafka.session.Request;
import io.mortise.protocol.kafka.session.RequestHandler;
import io.mortise.spi.broker.Topic;
import io.mortise.spi.security.Operation;

import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterConfigsResource;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterableConfig;
import org.apache.kafka.common.message.IncrementalAlterConfigsResponseData;
import org.apache.kafka.common.message.IncrementalAlterConfigsResponseData.AlterConfigsResourceResponse;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

import java.util.HashMap;
import java.util.Map;

/** Changes configs of topics, SET and DELETE. */
public final class IncrementalAlterConfigsHandler
        implements RequestHandler<IncrementalAlterConfigsRequestData> {
    private final Services services;

    public IncrementalAlterConfigsHandler(Services services) {
        this.services = services;
    }

    private record Fault(Errors error, String message) {}

    @Override
    public void handle(Request<IncrementalAlterConfigsRequestData> request) {
        var response = new IncrementalAlterConfigsResponseData();
        Completions completions = new Completions();
        for (AlterConfigsResource asked : request.message().resources()) {
            var answer =
                    new AlterConfigsResourceResponse()
                            .setResourceType(asked.resourceType())
                            .setResourceName(asked.resourceName());
            response.responses().add(answer);
            Topic topic = services.find(request.connection(), asked.resourceName());
            Fault fault = fault(request, asked, topic);
            if (fault != null || topic == null) {
                Fault told =
                        fault == null ? new Fault(Errors.UNKNOWN_TOPIC_OR_PARTITION, "") : fault;
                answer.setErrorCode(told.error.code()).setErrorMessage(told.message);
            } else {
                completions.add(
                        services.topics().alterConfig(topic.id(), changes(asked)),
                        (error, message) ->
                                answer.setErrorCode(error.code()).setErrorMessage(message));
            }
        }
        completions.then(() -> request.respond(response));
    }

    private static @Nullable Fault fault(
            Request<IncrementalAlterConfigsRequestData> request,
            AlterConfigsResource asked,
            @Nullable Topic topic) {
        if (ConfigResource.Type.forId(asked.resourceType()) != ConfigResource.Type.TOPIC) {
            return new Fault(Errors.INVALID_REQUEST, "only configs of topics can be changed");
        }
        String name = asked.resourceName();
        if (!Access.topic(request.connection().identity(), Operation.ALTER_CONFIGS, name)) {
            return new Fault(Errors.TOPIC_AUTHORIZATION_FAILED, "no right to alter configs");
        }
        if (topic == null) {
            return new Fault(Errors.UNKNOWN_TOPIC_OR_PARTITION, "no topic '" + name + "'");
        }
        if (topic.internal()) {
            return new Fault(Errors.POLICY_VIOLATION, name + " is the broker's own");
        }
        if (request.message().validateOnly()) {
            return new Fault(Errors.INVALID_REQUEST, "validateOnly is not supported for configs");
        }
        return operationFault(asked);
    }

    private static @Nullable Fault operationFault(AlterConfigsResource asked) {
        for (AlterableConfig config : asked.configs()) {
            AlterConfigOp.OpType operation = AlterConfigOp.OpType.forId(config.configOperation());
            if (operation == AlterConfigOp.OpType.SET && config.value() == null) {
                return new Fault(Errors.INVALID_REQUEST, config.name() + " without a value");
            }
            if (operation != AlterConfigOp.OpType.SET && operation != AlterConfigOp.OpType.DELETE) {
                return new Fault(
                        Errors.INVALID_REQUEST,
                        "operation "
                                + config.configOperation()
                                + ": only SET and DELETE are known");
            }
        }
        return null;
    }

    private static Map<String, @Nullable String> changes(AlterConfigsResource asked) {
        Map<String, @Nullable String> changes = new HashMap<>();
        for (AlterableConfig config : asked.configs()) {
            boolean set =
                    AlterConfigOp.OpType.forId(config.configOperation())
                            == AlterConfigOp.OpType.SET;
            changes.put(config.name(), set ? config.value() : null);
        }
        return changes;
    }
}
