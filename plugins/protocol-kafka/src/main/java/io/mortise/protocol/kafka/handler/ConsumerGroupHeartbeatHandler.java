// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.kafka.handler;

import io.mortise.protocol.kafka.coordinator.GroupCoordinators;
import io.mortise.protocol.kafka.coordinator.Groups;
import io.mortise.protocol.kafka.session.Identity;
import io.mortise.protocol.kafka.session.Request;
import io.mortise.spi.security.Operation;

import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;

/** Membership of the groups of KIP-848. */
public final class ConsumerGroupHeartbeatHandler
        extends GroupHandler<ConsumerGroupHeartbeatRequestData> {
    public ConsumerGroupHeartbeatHandler(GroupCoordinators coordinators) {
        super(coordinators);
    }

    @Override
    void handle(Request<ConsumerGroupHeartbeatRequestData> request, Groups groups) {
        ConsumerGroupHeartbeatRequestData asked = request.message();
        Identity client = request.connection().identity();
        if (!Access.group(client, Operation.READ, asked.groupId())) {
            request.respond(failed(request, Errors.GROUP_AUTHORIZATION_FAILED));
        } else if (!mayDescribeTopics(client, asked)) {
            request.respond(failed(request, Errors.TOPIC_AUTHORIZATION_FAILED));
        } else {
            respond(request, groups.consumerGroupHeartbeat(client(request), asked));
        }
    }

    private static boolean mayDescribeTopics(
            Identity client, ConsumerGroupHeartbeatRequestData asked) {
        if (asked.subscribedTopicNames() != null) {
            for (String topic : asked.subscribedTopicNames()) {
                if (!Access.describeTopic(client, topic)) {
                    return false;
                }
            }
        }
        return true;
    }

    @Override
    ApiMessage failed(Request<ConsumerGroupHeartbeatRequestData> request, Errors error) {
        return new ConsumerGroupHeartbeatResponseData()
                .setErrorCode(error.code())
                .setErrorMessage(error.message());
    }
}
