// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.admin;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;

import io.mortise.spi.Refusal;
import io.mortise.spi.admin.Administration.Response;

import org.jspecify.annotations.Nullable;

import java.util.Map;

/** Answers as JSON. */
final class AdminJson {
    static final ObjectMapper MAPPER =
            JsonMapper.builder().disable(SerializationFeature.FAIL_ON_EMPTY_BEANS).build();

    private AdminJson() {}

    static Response ok(@Nullable Object body) {
        return response(200, body == null ? Map.of() : body);
    }

    static Response refused(Refusal refusal) {
        return response(
                status(refusal),
                Map.of("reason", refusal.reason().name(), "message", refusal.message()));
    }

    private static Response response(int status, Object body) {
        try {
            return new Response(status, MAPPER.writeValueAsBytes(body));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("an answer that is no JSON: " + body.getClass(), e);
        }
    }

    private static int status(Refusal refusal) {
        return switch (refusal.reason()) {
            case UNKNOWN_RESOURCE, UNKNOWN_TOPIC -> 404;
            case RESOURCE_EXISTS, TOPIC_EXISTS, IN_USE -> 409;
            case TOO_LARGE -> 413;
            default ->
                    switch (refusal.remedy()) {
                        case FIX_REQUEST -> 400;
                        case RETRY_LATER -> 503;
                        case GO_ELSEWHERE -> 421;
                        case CALL_OPERATOR -> 500;
                    };
        };
    }
}
