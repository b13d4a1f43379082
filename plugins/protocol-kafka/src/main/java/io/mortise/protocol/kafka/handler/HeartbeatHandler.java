// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.kafka.handler;

import io.mortise.protocol.kafka.coordinator.GroupCoordinators;
import io.mortise.protocol.kafka.coordinator.Groups;
import io.mortise.protocol.kafka.session.Request;
import io.mortise.spi.security.Operation;

import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.HeartbeatResponseData;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;

/** A classic member is alive. */
public final class HeartbeatHandler extends GroupHandler<HeartbeatRequestData> {
    public HeartbeatHandler(GroupCoordinators coordinators) {
        super(coordinators);
    }

    @Override
    void handle(Request<HeartbeatRequestData> request, Groups groups) {
        HeartbeatRequestData asked = request.message();
        if (!Access.group(request.connection().identity(), Operation.READ, asked.groupId())) {
            request.respond(failed(request, Errors.GROUP_AUTHORIZATION_FAILED));
        } else {
            respond(request, groups.heartbeat(client(request), asked));
        }
    }

    @Override
    ApiMessage failed(Request<HeartbeatRequestData> request, Errors error) {
        return new HeartbeatResponseData().setErrorCode(error.code());
    }
}
