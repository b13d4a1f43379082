// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.kafka.handler;

import io.mortise.protocol.kafka.coordinator.GroupClient;
import io.mortise.protocol.kafka.coordinator.GroupCoordinators;
import io.mortise.protocol.kafka.coordinator.Groups;
import io.mortise.protocol.kafka.session.Identity;
import io.mortise.spi.security.ResourceType;

import org.apache.kafka.common.message.ConsumerGroupDescribeRequestData;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData.Assignment;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData.DescribedGroup;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData.Member;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData.TopicPartitions;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;

import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Groups of KIP-848. */
public final class ConsumerGroupDescribeHandler
        extends GroupDescriptionHandler<ConsumerGroupDescribeRequestData, DescribedGroup> {
    public ConsumerGroupDescribeHandler(GroupCoordinators coordinators) {
        super(coordinators);
    }

    @Override
    List<String> groupIds(ConsumerGroupDescribeRequestData asked) {
        return asked.groupIds();
    }

    @Override
    CompletableFuture<List<DescribedGroup>> describe(
            Groups groups, GroupClient client, List<String> groupIds) {
        return groups.consumerGroupDescribe(client, groupIds);
    }

    @Override
    DescribedGroup shown(
            Identity client, ConsumerGroupDescribeRequestData asked, DescribedGroup group) {
        for (Member member : group.members()) {
            if (!maySee(client, member.assignment())
                    || !maySee(client, member.targetAssignment())) {
                return failed(group.groupId(), Errors.TOPIC_AUTHORIZATION_FAILED)
                        .setErrorMessage(
                                "a member of the group reads a topic that the client may not"
                                        + " describe");
            }
        }
        return asked.includeAuthorizedOperations()
                ? group.setAuthorizedOperations(
                        Access.operations(client, ResourceType.GROUP, group.groupId()))
                : group;
    }

    private static boolean maySee(Identity client, Assignment assignment) {
        for (TopicPartitions topic : assignment.topicPartitions()) {
            if (!Access.describeTopic(client, topic.topicName())) {
                return false;
            }
        }
        return true;
    }

    @Override
    DescribedGroup failed(String groupId, Errors error) {
        return new DescribedGroup().setGroupId(groupId).setErrorCode(error.code());
    }

    @Override
    ApiMessage response(List<DescribedGroup> described) {
        return new ConsumerGroupDescribeResponseData().setGroups(described);
    }
}
