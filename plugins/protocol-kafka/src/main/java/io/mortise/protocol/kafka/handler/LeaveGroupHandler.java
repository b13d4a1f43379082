// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.kafka.handler;

import io.mortise.protocol.kafka.coordinator.GroupCoordinators;
import io.mortise.protocol.kafka.coordinator.Groups;
import io.mortise.protocol.kafka.session.Request;
import io.mortise.spi.security.Operation;

import org.apache.kafka.common.message.LeaveGroupRequestData;
import org.apache.kafka.common.message.LeaveGroupRequestData.MemberIdentity;
import org.apache.kafka.common.message.LeaveGroupResponseData;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;

import java.util.List;

/** Members leave a classic group: one before version 3, a list since. */
public final class LeaveGroupHandler extends GroupHandler<LeaveGroupRequestData> {
    private static final short WITH_MEMBERS = 3;

    public LeaveGroupHandler(GroupCoordinators coordinators) {
        super(coordinators);
    }

    @Override
    void handle(Request<LeaveGroupRequestData> request, Groups groups) {
        LeaveGroupRequestData asked = request.message();
        if (!Access.group(request.connection().identity(), Operation.READ, asked.groupId())) {
            request.respond(failed(request, Errors.GROUP_AUTHORIZATION_FAILED));
            return;
        }
        if (request.version() < WITH_MEMBERS) {
            asked.setMembers(List.of(new MemberIdentity().setMemberId(asked.memberId())));
        }
        respond(
                request,
                groups.leaveGroup(client(request), asked)
                        .thenApply(answer -> inVersion(answer, request.version())));
    }

    @Override
    ApiMessage failed(Request<LeaveGroupRequestData> request, Errors error) {
        return new LeaveGroupResponseData().setErrorCode(error.code());
    }

    private static LeaveGroupResponseData inVersion(LeaveGroupResponseData answer, short version) {
        if (version >= WITH_MEMBERS) {
            return answer;
        }
        short error =
                answer.errorCode() != 0 || answer.members().isEmpty()
                        ? answer.errorCode()
                        : answer.members().getFirst().errorCode();
        return new LeaveGroupResponseData().setErrorCode(error);
    }
}
