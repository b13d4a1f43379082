// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.protocol.kafka.session;

import org.apache.kafka.common.protocol.ApiMessage;

/** Answers the requests of one API. */
@FunctionalInterface
public interface RequestHandler<Q extends ApiMessage> {
    /**
     * Called on the connection's event loop; never blocks. Answers by {@link Request#respond}, now
     * or later. What it throws is a bug and ends the connection.
     */
    void handle(Request<Q> request);
}
