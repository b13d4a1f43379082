// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.kafka.handler;

import io.mortise.protocol.kafka.coordinator.GroupClient;
import io.mortise.protocol.kafka.coordinator.GroupCoordinators;
import io.mortise.protocol.kafka.coordinator.Groups;
import io.mortise.protocol.kafka.session.Identity;
import io.mortise.spi.security.ResourceType;

import org.apache.kafka.common.message.DescribeGroupsRequestData;
import org.apache.kafka.common.message.DescribeGroupsResponseData;
import org.apache.kafka.common.message.DescribeGroupsResponseData.DescribedGroup;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;

import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Classic groups. */
public final class DescribeGroupsHandler
        extends GroupDescriptionHandler<DescribeGroupsRequestData, DescribedGroup> {
    public DescribeGroupsHandler(GroupCoordinators coordinators) {
        super(coordinators);
    }

    @Override
    List<String> groupIds(DescribeGroupsRequestData asked) {
        return asked.groups();
    }

    @Override
    CompletableFuture<List<DescribedGroup>> describe(
            Groups groups, GroupClient client, List<String> groupIds) {
        return groups.describeGroups(client, groupIds);
    }

    @Override
    DescribedGroup shown(Identity client, DescribeGroupsRequestData asked, DescribedGroup group) {
        return asked.includeAuthorizedOperations()
                ? group.setAuthorizedOperations(
                        Access.operations(client, ResourceType.GROUP, group.groupId()))
                : group;
    }

    @Override
    DescribedGroup failed(String groupId, Errors error) {
        return new DescribedGroup().setGroupId(groupId).setErrorCode(error.code());
    }

    @Override
    ApiMessage response(List<DescribedGroup> described) {
        return new DescribeGroupsResponseData().setGroups(described);
    }
}
