// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.kafka.handler;

import io.mortise.protocol.kafka.coordinator.GroupClient;
import io.mortise.protocol.kafka.coordinator.GroupCoordinators;
import io.mortise.protocol.kafka.coordinator.Groups;
import io.mortise.protocol.kafka.session.Identity;
import io.mortise.protocol.kafka.session.Request;
import io.mortise.protocol.kafka.session.RequestHandler;

import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.net.InetAddress;
import java.util.concurrent.CompletableFuture;

/**
 * What the requests about groups share: they need the coordinator of the client's tenant, which may
 * not be there yet.
 */
abstract class GroupHandler<Q extends ApiMessage> implements RequestHandler<Q> {
    private static final Logger LOG = LoggerFactory.getLogger(GroupHandler.class);

    private final GroupCoordinators coordinators;

    GroupHandler(GroupCoordinators coordinators) {
        this.coordinators = coordinators;
    }

    @Override
    public final void handle(Request<Q> request) {
        Groups groups = coordinators.find(Services.tenant(request.connection()));
        if (groups == null) {
            request.respond(failed(request, Errors.COORDINATOR_NOT_AVAILABLE));
        } else {
            handle(request, groups);
        }
    }

    /** Checks rights, asks, answers. */
    abstract void handle(Request<Q> request, Groups groups);

    /** The answer that says only what went wrong. */
    abstract ApiMessage failed(Request<Q> request, Errors error);

    /**
     * Answers when the coordinator does; it puts errors in its answers, so anything else is a bug.
     */
    final void respond(Request<Q> request, CompletableFuture<? extends ApiMessage> answer) {
        answer.whenComplete(
                (body, thrown) -> {
                    if (thrown != null) {
                        LOG.error("the group coordinator failed on {}", request.header(), thrown);
                    }
                    request.respond(
                            thrown == null ? body : failed(request, Errors.forException(thrown)));
                });
    }

    static GroupClient client(Request<?> request) {
        Identity identity = request.connection().identity();
        InetAddress address = identity.remote().getAddress();
        return new GroupClient(
                request.header().clientId(),
                address == null ? InetAddress.getLoopbackAddress() : address,
                identity.principal().name(),
                request.header().apiKey(),
                request.version(),
                request.header().correlationId(),
                topic -> Access.describeTopic(identity, topic));
    }
}
