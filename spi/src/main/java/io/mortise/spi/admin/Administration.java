// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.admin;

import org.jspecify.annotations.Nullable;
import org.osgi.annotation.versioning.ProviderType;

import java.util.Map;
import java.util.concurrent.CompletionStage;

/**
 * The broker's resources behind one door, in the manner of HTTP: a method, a path below {@code
 * /api/v1}, a JSON body. The kernel's control socket serves the same requests. Any thread; handlers
 * run on virtual threads.
 */
@ProviderType
public interface Administration {
    /** Answers a request; never fails: what is wrong is in the response. */
    CompletionStage<Response> handle(Request request);

    /** Whether this is the admin token; compares in constant time. */
    boolean authorized(byte[] token);

    /** Alive, and every started protocol ready: what a load balancer asks. */
    Health health();

    /** Metrics in Prometheus' text format 0.0.4. */
    String metrics();

    /**
     * A request.
     *
     * @param method GET, POST, PUT, PATCH or DELETE
     * @param path without query, e.g. {@code /api/v1/topics/factory}
     * @param query decoded
     * @param contentType of the body, or null
     * @param body JSON, or the bytes of a bundle; empty if none
     */
    @SuppressWarnings("ArrayRecordComponent") // handed through, never compared
    record Request(
            String method,
            String path,
            Map<String, String> query,
            @Nullable String contentType,
            byte[] body) {
        public Request {
            query = Map.copyOf(query);
        }
    }

    /**
     * A response.
     *
     * @param status as HTTP's
     * @param body JSON, UTF-8
     */
    @SuppressWarnings("ArrayRecordComponent") // handed through, never compared
    record Response(int status, byte[] body) {}

    /**
     * How the broker is.
     *
     * @param waitingFor in plain words, per thing that is not ready
     * @param degraded in plain words, per thing that an operator must mend while the broker serves
     */
    record Health(
            boolean live,
            boolean ready,
            java.util.List<String> waitingFor,
            java.util.List<String> degraded) {
        /** Of a broker where nothing is damaged. */
        public Health(boolean live, boolean ready, java.util.List<String> waitingFor) {
            this(live, ready, waitingFor, java.util.List.of());
        }
    }
}
