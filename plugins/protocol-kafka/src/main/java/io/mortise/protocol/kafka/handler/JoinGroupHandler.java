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

/** Joins a classic group. */
public final class JoinGroupHandler extends GroupHandler<JoinGroupRequestData> {
    private static final short WITH_INSTANCE_ID = 5;
    private static final short WITH_NULL_NAME = 7;

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
                            .thenApply(answer -> named(answer, request.version())));
        }
    }

    @Override
    ApiMessage failed(Request<JoinGroupRequestData> request, Errors error) {
        return named(new JoinGroupResponseData().setErrorCode(error.code()), request.version());
    }

    /** No protocol is the empty string before version 7, null since (KIP-559). */
    private static JoinGroupResponseData named(JoinGroupResponseData answer, short version) {
        String name = answer.protocolName();
        boolean none = name == null || name.isEmpty();
        return none ? answer.setProtocolName(version < WITH_NULL_NAME ? "" : null) : answer;
    }
}
