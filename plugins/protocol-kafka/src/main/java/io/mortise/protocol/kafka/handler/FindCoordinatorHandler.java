// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.kafka.handler;

import io.mortise.protocol.kafka.coordinator.GroupCoordinators;
import io.mortise.protocol.kafka.session.Request;
import io.mortise.protocol.kafka.session.RequestHandler;
import io.mortise.spi.broker.Broker;

import org.apache.kafka.common.message.FindCoordinatorRequestData;
import org.apache.kafka.common.message.FindCoordinatorResponseData;
import org.apache.kafka.common.message.FindCoordinatorResponseData.Coordinator;
import org.apache.kafka.common.protocol.Errors;

/**
 * Where a group is coordinated: here. There are no coordinators of transactions or share groups.
 */
public final class FindCoordinatorHandler implements RequestHandler<FindCoordinatorRequestData> {
    private static final byte GROUP = 0;
    private static final short WITH_KEYS = 4;

    private final Services services;
    private final GroupCoordinators coordinators;

    public FindCoordinatorHandler(Services services, GroupCoordinators coordinators) {
        this.services = services;
        this.coordinators = coordinators;
    }

    @Override
    public void handle(Request<FindCoordinatorRequestData> request) {
        FindCoordinatorRequestData asked = request.message();
        if (request.version() >= WITH_KEYS) {
            request.respond(
                    new FindCoordinatorResponseData()
                            .setCoordinators(
                                    asked.coordinatorKeys().stream()
                                            .map(key -> find(request, key))
                                            .toList()));
            return;
        }
        Coordinator found = find(request, asked.key());
        request.respond(
                new FindCoordinatorResponseData()
                        .setErrorCode(found.errorCode())
                        .setErrorMessage(found.errorMessage())
                        .setNodeId(found.nodeId())
                        .setHost(found.host())
                        .setPort(found.port()));
    }

    private Coordinator find(Request<FindCoordinatorRequestData> request, String key) {
        if (request.message().keyType() != GROUP) {
            return failed(key, Errors.UNSUPPORTED_VERSION, "only consumer groups are supported");
        }
        if (!Access.describeGroup(request.connection().identity(), key)) {
            return failed(key, Errors.GROUP_AUTHORIZATION_FAILED, null);
        }
        if (coordinators.find(Services.tenant(request.connection())) == null) {
            return failed(key, Errors.COORDINATOR_NOT_AVAILABLE, null);
        }
        Broker.Node self = services.broker().self();
        Broker.Endpoint endpoint = Brokers.endpoint(request.connection(), self);
        return new Coordinator()
                .setKey(key)
                .setNodeId(self.id())
                .setHost(endpoint.host())
                .setPort(endpoint.port());
    }

    private static Coordinator failed(
            String key, Errors error, @org.jspecify.annotations.Nullable String message) {
        return new Coordinator()
                .setKey(key)
                .setErrorCode(error.code())
                .setErrorMessage(message == null ? error.message() : message)
                .setNodeId(-1)
                .setHost("")
                .setPort(-1);
    }
}
