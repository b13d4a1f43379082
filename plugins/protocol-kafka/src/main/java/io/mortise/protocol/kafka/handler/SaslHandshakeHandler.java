// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.protocol.kafka.handler;

import io.mortise.protocol.kafka.session.Request;
import io.mortise.protocol.kafka.session.RequestHandler;

import org.apache.kafka.common.message.SaslHandshakeRequestData;
import org.apache.kafka.common.message.SaslHandshakeResponseData;
import org.apache.kafka.common.protocol.Errors;

import java.util.List;

/**
 * Agrees on PLAIN. After version 0 the token comes without a header (KIP-43), after version 1 as a
 * request (KIP-152).
 */
public final class SaslHandshakeHandler implements RequestHandler<SaslHandshakeRequestData> {
    private static final String PLAIN = "PLAIN";

    @Override
    public void handle(Request<SaslHandshakeRequestData> request) {
        boolean known = PLAIN.equals(request.message().mechanism());
        if (known) {
            request.connection().identity().chooseMechanism(request.version() == 0);
        }
        Errors error = known ? Errors.NONE : Errors.UNSUPPORTED_SASL_MECHANISM;
        request.respond(
                new SaslHandshakeResponseData()
                        .setErrorCode(error.code())
                        .setMechanisms(List.of(PLAIN)));
    }
}
