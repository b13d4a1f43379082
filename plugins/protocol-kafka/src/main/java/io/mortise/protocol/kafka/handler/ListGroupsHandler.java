// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.kafka.handler;

import io.mortise.protocol.kafka.coordinator.GroupCoordinators;
import io.mortise.protocol.kafka.coordinator.Groups;
import io.mortise.protocol.kafka.session.Identity;
import io.mortise.protocol.kafka.session.Request;
import io.mortise.spi.security.Operation;

import org.apache.kafka.common.message.ListGroupsRequestData;
import org.apache.kafka.common.message.ListGroupsResponseData;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;

/** The groups that the client may see, by state and type. */
public final class ListGroupsHandler extends GroupHandler<ListGroupsRequestData> {
    public ListGroupsHandler(GroupCoordinators coordinators) {
        super(coordinators);
    }

    @Override
    void handle(Request<ListGroupsRequestData> request, Groups groups) {
        Identity client = request.connection().identity();
        respond(
                request,
                groups.listGroups(client(request), request.message())
                        .thenApply(answer -> visible(client, answer)));
    }

    private static ListGroupsResponseData visible(Identity client, ListGroupsResponseData answer) {
        if (Access.cluster(client, Operation.DESCRIBE)) {
            return answer;
        }
        return answer.setGroups(
                answer.groups().stream()
                        .filter(group -> Access.describeGroup(client, group.groupId()))
                        .toList());
    }

    @Override
    ApiMessage failed(Request<ListGroupsRequestData> request, Errors error) {
        return new ListGroupsResponseData().setErrorCode(error.code());
    }
}
