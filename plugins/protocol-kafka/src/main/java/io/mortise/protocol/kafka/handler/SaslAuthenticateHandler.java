// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.protocol.kafka.handler;

import io.mortise.protocol.kafka.session.KafkaConnection;
import io.mortise.protocol.kafka.session.Request;
import io.mortise.protocol.kafka.session.RequestHandler;
import io.mortise.spi.Refusal;

import org.apache.kafka.common.message.SaslAuthenticateRequestData;
import org.apache.kafka.common.message.SaslAuthenticateResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/** Takes the PLAIN token. A refused client is told so, then disconnected. */
public final class SaslAuthenticateHandler implements RequestHandler<SaslAuthenticateRequestData> {
    @Override
    public void handle(Request<SaslAuthenticateRequestData> request) {
        KafkaConnection connection = request.connection();
        if (!connection.identity().mechanismChosen()) {
            request.respond(
                    answer(Errors.ILLEGAL_SASL_STATE, "SaslAuthenticate without SaslHandshake"));
            return;
        }
        connection
                .identity()
                .authenticate(
                        connection,
                        request.message().authBytes(),
                        refusal -> answer(request, refusal));
    }

    private static void answer(
            Request<SaslAuthenticateRequestData> request, @Nullable Refusal refusal) {
        if (refusal == null) {
            request.respond(new SaslAuthenticateResponseData());
            return;
        }
        request.respond(answer(Errors.SASL_AUTHENTICATION_FAILED, refusal.message()));
        request.connection().loop().execute(() -> request.connection().fail(refusal.message()));
    }

    private static SaslAuthenticateResponseData answer(Errors error, String message) {
        return new SaslAuthenticateResponseData()
                .setErrorCode(error.code())
                .setErrorMessage(message);
    }
}
