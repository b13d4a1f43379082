// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.kafka.handler;

import io.mortise.protocol.kafka.coordinator.GroupCoordinators;
import io.mortise.protocol.kafka.coordinator.Groups;
import io.mortise.protocol.kafka.session.Identity;
import io.mortise.protocol.kafka.session.Request;
import io.mortise.spi.security.ResourceType;

import org.apache.kafka.common.message.DescribeGroupsRequestData;
import org.apache.kafka.common.message.DescribeGroupsResponseData;
import org.apache.kafka.common.message.DescribeGroupsResponseData.DescribedGroup;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;

import java.util.ArrayList;
import java.util.List;

/** Classic groups. */
public final class DescribeGroupsHandler extends GroupHandler<DescribeGroupsRequestData> {
    public DescribeGroupsHandler(GroupCoordinators coordinators) {
        super(coordinators);
    }

    @Override
    void handle(Request<DescribeGroupsRequestData> request, Groups groups) {
        Identity client = request.connection().identity();
        List<String> allowed = new ArrayList<>();
        DescribeGroupsResponseData response = new DescribeGroupsResponseData();
        for (String id : request.message().groups()) {
            if (Access.describeGroup(client, id)) {
                allowed.add(id);
            } else {
                response.groups().add(failed(id, Errors.GROUP_AUTHORIZATION_FAILED));
            }
        }
        respond(
                request,
                groups.describeGroups(client(request), allowed)
                        .thenApply(described -> add(request, described, response)));
    }

    private static DescribeGroupsResponseData add(
            Request<DescribeGroupsRequestData> request,
            List<DescribedGroup> described,
            DescribeGroupsResponseData response) {
        for (DescribedGroup group : described) {
            if (request.message().includeAuthorizedOperations()) {
                group.setAuthorizedOperations(
                        Access.operations(
                                request.connection().identity(),
                                ResourceType.GROUP,
                                group.groupId()));
            }
            response.groups().add(group);
        }
        return response;
    }

    private static DescribedGroup failed(String id, Errors error) {
        return new DescribedGroup().setGroupId(id).setErrorCode(error.code());
    }

    @Override
    ApiMessage failed(Request<DescribeGroupsRequestData> request, Errors error) {
        DescribeGroupsResponseData response = new DescribeGroupsResponseData();
        for (String id : request.message().groups()) {
            response.groups().add(failed(id, error));
        }
        return response;
    }
}
