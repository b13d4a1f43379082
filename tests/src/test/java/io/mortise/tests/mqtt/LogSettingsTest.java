// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.tests.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;

import io.mortise.tests.mqtt.Clients.Inbox;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;

/** What mortise.yaml says of the logs holds in the broker. */
class LogSettingsTest {
    private static final int RING_BYTES = 1 << 20;

    @TempDir Path data;

    @Test
    void aSmallRingIsNotExceededAndLosesNothing() throws Exception {
        String text = "x".repeat(60_000);
        try (MqttBroker broker = MqttBroker.start(data, "logs: {ringBytes: " + RING_BYTES + "}")) {
            Mqtt5BlockingClient publisher = Clients.connected(broker.mqttPort(), "publisher");
            Mqtt5BlockingClient subscriber = Clients.connected(broker.mqttPort(), "subscriber");
            try (Inbox inbox = Clients.inbox(subscriber)) {
                Clients.subscribe(subscriber, "many", 1);
                for (int i = 0; i < 60; i++) {
                    Clients.publish(publisher, "many", 1, i + text);
                    assertThat(broker.metric("mortise_partition_ring_bytes"))
                            .isLessThanOrEqualTo(RING_BYTES);
                }
                for (int i = 0; i < 60; i++) {
                    assertThat(Clients.text(inbox.next())).isEqualTo(i + text);
                }
            }
            publisher.disconnect();
            subscriber.disconnect();
        }
    }
}
