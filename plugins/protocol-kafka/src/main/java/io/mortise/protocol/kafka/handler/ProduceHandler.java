// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.protocol.kafka.handler;

import io.mortise.protocol.kafka.session.Request;
import io.mortise.protocol.kafka.session.RequestHandler;

import org.apache.kafka.common.message.ProduceRequestData;

/** Appends record batches as they are. */
public final class ProduceHandler implements RequestHandler<ProduceRequestData> {
    private final Services services;

    public ProduceHandler(Services services) {
        this.services = services;
    }

    @Override
    public void handle(Request<ProduceRequestData> request) {
        new ProduceOperation(services, request).run();
    }
}
