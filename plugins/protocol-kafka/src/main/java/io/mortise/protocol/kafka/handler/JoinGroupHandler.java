// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.kafka.handler;

import io.mortise.protocol.kafka.coordinator.GroupCoordinators;
import io.mortise.protocol.kafka.coordinator.Groups;
import io.mortise.protocol.kafka.session.Request;
import io.mortise.spi.security.Operation;

import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.JoinGroupResponse;

/** Joins a classic group. */
public final class JoinGroupHandler extends GroupHandler<JoinGroupRequestData> {
    private static final short WITH_INSTANCE_ID = 5;

    public JoinGroupHandler(GroupCoordinators coordinators) {
        super(coordinators);
    }

    @Override
    void handle(Request<JoinGroupRequestData> request, Groups groups) {
        JoinGroupRequestData asked = request.message();
        if (!Access.group(request.connection().identity(), Operation.READ, asked.groupId())) {
            request.respond(failed(request, Errors.GROUP_AUTHORIZATION_FAILED));
        } else if (asked.groupInstanceId() != null && request.version() < WITH_INSTANCE_ID) {
            // Static membership came with version 5 (KIP-345).
            request.respond(failed(request, Errors.UNSUPPORTED_VERSION));
        } else {
            respond(
                    request,
                    groups.joinGroup(client(request), asked)
                            .thenApply(
                                    answer ->
                                            new JoinGroupResponse(answer, request.version())
                                                    .data()));
        }
    }

    @Override
    ApiMessage failed(Request<JoinGroupRequestData> request, Errors error) {
        return new JoinGroupResponse(
                        new JoinGroupResponseData().setErrorCode(error.code()), request.version())
                .data();
    }
}
