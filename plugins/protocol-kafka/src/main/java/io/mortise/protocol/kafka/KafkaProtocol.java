// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.protocol.kafka;

import io.mortise.spi.protocol.Protocol;
import io.mortise.spi.protocol.ProtocolContext;
import io.mortise.spi.protocol.ProtocolProvider;

/** The plugin: listens for Kafka clients. */
public final class KafkaProtocol implements ProtocolProvider {
    @Override
    public Protocol start(ProtocolContext context) {
        return new KafkaServer(context);
    }
}
