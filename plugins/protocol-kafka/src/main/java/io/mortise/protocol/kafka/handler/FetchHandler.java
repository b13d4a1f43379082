// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.protocol.kafka.handler;

import io.mortise.protocol.kafka.session.Request;
import io.mortise.protocol.kafka.session.RequestHandler;

import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.FetchMetadata;

/**
 * Hands out batches as they are on the log. No fetch session (KIP-227) is ever granted: a response
 * with session id 0 tells the client to name its partitions each time.
 */
public final class FetchHandler implements RequestHandler<FetchRequestData> {
    private static final int CONSUMER = -1;

    private final Services services;

    public FetchHandler(Services services) {
        this.services = services;
    }

    @Override
    public void handle(Request<FetchRequestData> request) {
        Errors error = sessionError(request.message(), request.version());
        if (error == Errors.NONE) {
            new FetchOperation(services, request).run();
        } else {
            request.respond(new FetchResponseData().setErrorCode(error.code()));
        }
    }

    private static Errors sessionError(FetchRequestData asked, short version) {
        int replica = version >= 15 ? asked.replicaState().replicaId() : asked.replicaId();
        if (replica != CONSUMER) {
            return Errors.INVALID_REQUEST;
        }
        boolean full =
                asked.sessionEpoch() == FetchMetadata.INITIAL_EPOCH
                        || asked.sessionEpoch() == FetchMetadata.FINAL_EPOCH;
        if (full) {
            return Errors.NONE;
        }
        return asked.sessionId() == FetchMetadata.INVALID_SESSION_ID
                ? Errors.INVALID_FETCH_SESSION_EPOCH
                : Errors.FETCH_SESSION_ID_NOT_FOUND;
    }
}
