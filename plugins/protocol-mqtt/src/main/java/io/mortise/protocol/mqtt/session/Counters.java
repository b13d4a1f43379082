// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.mqtt.session;

import io.mortise.spi.plugin.Metrics;
import io.mortise.spi.plugin.Metrics.Counter;

/**
 * The plugin's counters. Any thread; what counts per message is gathered by {@link ConnectionLoop}
 * and added once per turn.
 *
 * @param publishes PUBLISH packets taken from clients
 * @param deliveries PUBLISH packets written to clients
 * @param refusedPublishes publishes that the broker refused
 * @param refusedConnects CONNECTs answered with an error
 * @param malformed connections closed over what the client sent
 * @param keepAliveTimeouts connections closed for silence
 * @param oversize deliveries dropped because they exceed the client's Maximum Packet Size
 * @param skippedHeaders record headers that no MQTT string can hold
 * @param failures exceptions that reached a connection
 */
public record Counters(
        Counter publishes,
        Counter deliveries,
        Counter refusedPublishes,
        Counter refusedConnects,
        Counter malformed,
        Counter keepAliveTimeouts,
        Counter oversize,
        Counter skippedHeaders,
        Counter failures) {

    /** Registers the counters. */
    public static Counters in(Metrics metrics) {
        return new Counters(
                counter(metrics, "publishes", "PUBLISH packets taken from clients"),
                counter(metrics, "deliveries", "PUBLISH packets written to clients"),
                counter(metrics, "publishes_refused", "Publishes that the broker refused"),
                counter(metrics, "connects_refused", "CONNECTs answered with an error"),
                counter(metrics, "connections_faulty", "Connections closed for faulty packets"),
                counter(metrics, "keepalive_timeouts", "Connections closed for silence"),
                counter(metrics, "deliveries_oversize", "Deliveries larger than the client takes"),
                counter(metrics, "headers_skipped", "Record headers that MQTT cannot carry"),
                counter(metrics, "failures", "Unexpected exceptions on connections"));
    }

    private static Counter counter(Metrics metrics, String name, String help) {
        return metrics.counter("mortise_mqtt_" + name + "_total", help);
    }
}
