// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.kafka.handler;

import io.mortise.protocol.kafka.coordinator.GroupCoordinators;
import io.mortise.protocol.kafka.coordinator.Groups;
import io.mortise.protocol.kafka.session.Identity;
import io.mortise.protocol.kafka.session.Request;
import io.mortise.spi.security.ResourceType;

import org.apache.kafka.common.message.ConsumerGroupDescribeRequestData;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData.DescribedGroup;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;

import java.util.ArrayList;
import java.util.List;

/** Groups of KIP-848. */
public final class ConsumerGroupDescribeHandler
        extends GroupHandler<ConsumerGroupDescribeRequestData> {
    public ConsumerGroupDescribeHandler(GroupCoordinators coordinators) {
        super(coordinators);
    }

    @Override
    void handle(Request<ConsumerGroupDescribeRequestData> request, Groups groups) {
        Identity client = request.connection().identity();
        List<String> allowed = new ArrayList<>();
        ConsumerGroupDescribeResponseData response = new ConsumerGroupDescribeResponseData();
        for (String id : request.message().groupIds()) {
            if (Access.describeGroup(client, id)) {
                allowed.add(id);
            } else {
                response.groups().add(failed(id, Errors.GROUP_AUTHORIZATION_FAILED));
            }
        }
        respond(
                request,
                groups.consumerGroupDescribe(client(request), allowed)
                        .thenApply(described -> add(request, described, response)));
    }

    private static ConsumerGroupDescribeResponseData add(
            Request<ConsumerGroupDescribeRequestData> request,
            List<DescribedGroup> described,
            ConsumerGroupDescribeResponseData response) {
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
    ApiMessage failed(Request<ConsumerGroupDescribeRequestData> request, Errors error) {
        ConsumerGroupDescribeResponseData response = new ConsumerGroupDescribeResponseData();
        for (String id : request.message().groupIds()) {
            response.groups().add(failed(id, error));
        }
        return response;
    }
}
