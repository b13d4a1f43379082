// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.kafka.handler;

import io.mortise.protocol.kafka.coordinator.GroupCoordinators;
import io.mortise.protocol.kafka.coordinator.Groups;
import io.mortise.protocol.kafka.session.Request;
import io.mortise.spi.security.Operation;

import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.message.SyncGroupResponseData;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;

/** Hands out what the leader of a classic group assigned. */
public final class SyncGroupHandler extends GroupHandler<SyncGroupRequestData> {
    /** From here on protocol type and name are mandatory (KIP-559). */
    private static final short WITH_PROTOCOL = 5;

    public SyncGroupHandler(GroupCoordinators coordinators) {
        super(coordinators);
    }

    @Override
    void handle(Request<SyncGroupRequestData> request, Groups groups) {
        SyncGroupRequestData asked = request.message();
        if (!Access.group(request.connection().identity(), Operation.READ, asked.groupId())) {
            request.respond(failed(request, Errors.GROUP_AUTHORIZATION_FAILED));
        } else if (request.version() >= WITH_PROTOCOL
                && (asked.protocolType() == null || asked.protocolName() == null)) {
            request.respond(failed(request, Errors.INCONSISTENT_GROUP_PROTOCOL));
        } else {
            respond(request, groups.syncGroup(client(request), asked));
        }
    }

    @Override
    ApiMessage failed(Request<SyncGroupRequestData> request, Errors error) {
        return new SyncGroupResponseData().setErrorCode(error.code());
    }
}
