// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.kafka.handler;

import io.mortise.protocol.kafka.coordinator.GroupCoordinators;
import io.mortise.protocol.kafka.coordinator.Groups;
import io.mortise.protocol.kafka.session.Request;
import io.mortise.spi.security.Operation;

import org.apache.kafka.common.message.DeleteGroupsRequestData;
import org.apache.kafka.common.message.DeleteGroupsResponseData;
import org.apache.kafka.common.message.DeleteGroupsResponseData.DeletableGroupResult;
import org.apache.kafka.common.message.DeleteGroupsResponseData.DeletableGroupResultCollection;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;

import java.util.ArrayList;
import java.util.List;

/** Deletes groups without members. */
public final class DeleteGroupsHandler extends GroupHandler<DeleteGroupsRequestData> {
    public DeleteGroupsHandler(GroupCoordinators coordinators) {
        super(coordinators);
    }

    @Override
    void handle(Request<DeleteGroupsRequestData> request, Groups groups) {
        List<String> allowed = new ArrayList<>();
        DeletableGroupResultCollection refused = new DeletableGroupResultCollection();
        for (String id : request.message().groupsNames().stream().distinct().toList()) {
            if (Access.group(request.connection().identity(), Operation.DELETE, id)) {
                allowed.add(id);
            } else {
                refused.add(failed(id, Errors.GROUP_AUTHORIZATION_FAILED));
            }
        }
        respond(
                request,
                groups.deleteGroups(client(request), allowed)
                        .thenApply(
                                deleted -> {
                                    refused.forEach(one -> deleted.add(one.duplicate()));
                                    return new DeleteGroupsResponseData().setResults(deleted);
                                }));
    }

    private static DeletableGroupResult failed(String id, Errors error) {
        return new DeletableGroupResult().setGroupId(id).setErrorCode(error.code());
    }

    @Override
    ApiMessage failed(Request<DeleteGroupsRequestData> request, Errors error) {
        DeleteGroupsResponseData response = new DeleteGroupsResponseData();
        for (String id : request.message().groupsNames()) {
            response.results().add(failed(id, error));
        }
        return response;
    }
}
