// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.tests.mqtt;

import static io.mortise.tests.mqtt.Clients.connected;
import static io.mortise.tests.mqtt.Clients.inbox;
import static io.mortise.tests.mqtt.Clients.publish;
import static io.mortise.tests.mqtt.Clients.subscribe;

import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;

import io.mortise.spi.TenantId;
import io.mortise.spi.broker.Topics;
import io.mortise.tests.mqtt.Clients.Inbox;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;

/** Past the bound on topics that come into being by use, the catch-all takes what is published. */
class BoundedTopicsTest {
    @Test
    void catchAllTakesWhatLiesBeyond(@TempDir Path data) throws Exception {
        String yaml = "topics:\n  autoCreate:\n    limit: 2\n";
        try (MqttBroker broker = MqttBroker.start(data, yaml)) {
            Mqtt5BlockingClient client = connected(broker.mqttPort(), "bounded");
            try (Inbox inbox = inbox(client)) {
                subscribe(client, "+/x", 1);
                for (int i = 0; i < 5; i++) {
                    publish(client, "level" + i + "/x", 1, "m" + i);
                    assertThat(inbox.texts(1)).containsExactly("m" + i);
                }
            }
            Topics topics = broker.broker().topics();
            assertThat(topics.find(TenantId.DEFAULT, "level0")).isNotNull();
            assertThat(topics.find(TenantId.DEFAULT, "level4")).isNull();
            assertThat(topics.find(TenantId.DEFAULT, "mqtt")).isNotNull();
            client.disconnect();
        }
    }
}
