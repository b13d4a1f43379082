// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.kafka.handler;

import io.mortise.protocol.kafka.coordinator.GroupClient;
import io.mortise.protocol.kafka.coordinator.GroupCoordinators;
import io.mortise.protocol.kafka.coordinator.Groups;
import io.mortise.protocol.kafka.session.Identity;
import io.mortise.protocol.kafka.session.Request;

import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Describes groups of one kind: those that the client may not see are refused one by one.
 *
 * @param <D> what is said of one group
 */
abstract class GroupDescriptionHandler<Q extends ApiMessage, D> extends GroupHandler<Q> {
    GroupDescriptionHandler(GroupCoordinators coordinators) {
        super(coordinators);
    }

    abstract List<String> groupIds(Q asked);

    abstract CompletableFuture<List<D>> describe(
            Groups groups, GroupClient client, List<String> groupIds);

    /** What the client may see of a group, with its operations if it asks for them. */
    abstract D shown(Identity client, Q asked, D described);

    abstract D failed(String groupId, Errors error);

    abstract ApiMessage response(List<D> described);

    @Override
    final void handle(Request<Q> request, Groups groups) {
        Identity client = request.connection().identity();
        List<String> allowed = new ArrayList<>();
        List<D> answers = new ArrayList<>();
        for (String id : groupIds(request.message())) {
            if (Access.describeGroup(client, id)) {
                allowed.add(id);
            } else {
                answers.add(failed(id, Errors.GROUP_AUTHORIZATION_FAILED));
            }
        }
        respond(
                request,
                describe(groups, client(request), allowed)
                        .thenApply(
                                described -> {
                                    for (D group : described) {
                                        answers.add(shown(client, request.message(), group));
                                    }
                                    return response(answers);
                                }));
    }

    @Override
    final ApiMessage failed(Request<Q> request, Errors error) {
        List<D> answers = new ArrayList<>();
        for (String id : groupIds(request.message())) {
            answers.add(failed(id, error));
        }
        return response(answers);
    }
}
