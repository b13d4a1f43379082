// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.protocol.kafka.handler;

import io.mortise.protocol.kafka.session.Request;
import io.mortise.protocol.kafka.session.RequestHandler;

import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.FetchMetadata;
import org.jspecify.annotations.Nullable;

/** Hands out batches as they are on the log, in fetch sessions (KIP-227) or without. */
public final class FetchHandler implements RequestHandler<FetchRequestData> {
    private static final int CONSUMER = -1;
    private static final short TOPIC_IDS = 13;
    private static final short REPLICA_STATE = 15;

    private final Services services;
    private final FetchSessions sessions;

    public FetchHandler(Services services, FetchSessions sessions) {
        this.services = services;
        this.sessions = sessions;
    }

    @Override
    public void handle(Request<FetchRequestData> request) {
        FetchRequestData asked = request.message();
        int replica =
                request.version() >= REPLICA_STATE
                        ? asked.replicaState().replicaId()
                        : asked.replicaId();
        FetchSession session = sessions.find(request.connection(), asked.sessionId());
        if (replica != CONSUMER) {
            refuse(request, Errors.INVALID_REQUEST);
        } else if (session != null && session.busy()) {
            session.whenFree(() -> handle(request));
            if (namesAll(asked)) { // a consumer that closes does not wait for its long poll
                session.hurry();
            }
        } else if (namesAll(asked)) {
            fetchAll(request, session);
        } else if (session == null) {
            refuse(request, Errors.FETCH_SESSION_ID_NOT_FOUND);
        } else {
            fetchChanges(request, session);
        }
    }

    private static boolean namesAll(FetchRequestData asked) {
        return asked.sessionEpoch() == FetchMetadata.INITIAL_EPOCH
                || asked.sessionEpoch() == FetchMetadata.FINAL_EPOCH;
    }

    private static void refuse(Request<FetchRequestData> request, Errors error) {
        request.respond(new FetchResponseData().setErrorCode(error.code()));
    }

    /** A request that names every partition ends the session that it comes in. */
    private void fetchAll(Request<FetchRequestData> request, @Nullable FetchSession ended) {
        if (ended != null) {
            sessions.close(ended);
        }
        FetchSession begun =
                request.message().sessionEpoch() == FetchMetadata.FINAL_EPOCH
                        ? null
                        : sessions.open(
                                request.connection(),
                                request.message(),
                                request.version() >= TOPIC_IDS);
        if (begun == null) {
            fetchWithoutSession(request);
        } else {
            FetchOperation.ofNewSession(services, request, begun).run();
        }
    }

    private void fetchWithoutSession(Request<FetchRequestData> request) {
        FetchTargets targets = FetchTargets.of(request.message().topics());
        FetchOperation.withoutSession(services, request, targets).run();
    }

    private void fetchChanges(Request<FetchRequestData> request, FetchSession session) {
        if (request.message().sessionEpoch() != session.epoch()) {
            refuse(request, Errors.INVALID_FETCH_SESSION_EPOCH);
        } else if (session.byId() != request.version() >= TOPIC_IDS) {
            refuse(request, Errors.FETCH_SESSION_TOPIC_ID_ERROR);
        } else if (!sessions.advance(session, request.message())) {
            refuse(request, Errors.FETCH_SESSION_ID_NOT_FOUND);
        } else if (session.size() == 0) {
            sessions.close(session);
            fetchWithoutSession(request);
        } else {
            FetchOperation.inSession(services, request, session).run();
        }
    }
}
