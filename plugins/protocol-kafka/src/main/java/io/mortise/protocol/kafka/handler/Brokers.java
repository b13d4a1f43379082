// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.protocol.kafka.handler;

import io.mortise.protocol.kafka.session.KafkaConnection;
import io.mortise.spi.broker.Broker;

import java.net.InetSocketAddress;

/** Where a client reaches a node: on the listener it came by. */
final class Brokers {
    private Brokers() {}

    static Broker.Endpoint endpoint(KafkaConnection connection, Broker.Node node) {
        String listener = connection.connection().listener();
        Broker.Endpoint found = null;
        for (Broker.Endpoint endpoint : node.endpoints()) {
            if (endpoint.listener().equals(listener)
                    && (found == null
                            || endpoint.host().equals(local(connection).getHostString()))) {
                found = endpoint;
            }
        }
        return found == null
                ? new Broker.Endpoint(
                        listener, local(connection).getHostString(), local(connection).getPort())
                : found;
    }

    private static InetSocketAddress local(KafkaConnection connection) {
        return connection.connection().channel().localAddress() instanceof InetSocketAddress address
                ? address
                : InetSocketAddress.createUnresolved("localhost", 0);
    }
}
