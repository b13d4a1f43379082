// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.tests.mqtt;

import io.mortise.kernel.broker.EmbeddedBroker;
import io.mortise.spi.admin.Administration.Health;
import io.mortise.spi.broker.Broker;

import java.io.IOException;
import java.nio.file.Path;

/** A broker in this process that speaks MQTT and Kafka on free ports. */
final class MqttBroker implements AutoCloseable {
    private final EmbeddedBroker broker;

    private MqttBroker(EmbeddedBroker broker) {
        this.broker = broker;
    }

    /** Starts on new or earlier data. */
    static MqttBroker start(Path data) throws IOException, InterruptedException {
        return start(data, "");
    }

    /**
     * As above.
     *
     * @param yaml sections of mortise.yaml
     */
    static MqttBroker start(Path data, String yaml) throws IOException, InterruptedException {
        EmbeddedBroker.Builder builder =
                EmbeddedBroker.builder(data)
                        .plugins("protocol-mqtt", "protocol-kafka", "storage-segment");
        return new MqttBroker((yaml.isEmpty() ? builder : builder.config(yaml)).start());
    }

    int mqttPort() {
        return broker.port("mqtt");
    }

    String kafkaBootstrap() {
        return "127.0.0.1:" + broker.port("kafka");
    }

    /** The broker as plugins see it. */
    Broker broker() {
        return broker.broker();
    }

    /** How it is. */
    Health health() {
        return broker.administration().health();
    }

    /** Whether everything serves. */
    boolean ready() {
        return health().ready();
    }

    /** The value of a metric without labels; 0 if there is none. */
    double metric(String name) {
        return broker.administration()
                .metrics()
                .lines()
                .filter(line -> line.startsWith(name + " ") || line.startsWith(name + "{"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .sum();
    }

    @Override
    public void close() {
        broker.close();
    }
}
