// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.tests.mqtt;

import static io.mortise.tests.mqtt.Clients.connected;
import static io.mortise.tests.mqtt.Clients.inbox;
import static io.mortise.tests.mqtt.Clients.publish;
import static io.mortise.tests.mqtt.Clients.subscribe;
import static io.mortise.tests.mqtt.Clients.text;

import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;

import io.mortise.tests.mqtt.Clients.Inbox;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What was promised before a restart holds after it. */
class RestartTest {
    @Test
    void sessionsBacklogsAndRetainedMessagesSurvive(@TempDir Path data) throws Exception {
        List<String> sent = new ArrayList<>();
        try (MqttBroker broker = MqttBroker.start(data)) {
            Mqtt5BlockingClient sleeper = Clients.v5(broker.mqttPort(), "sleeper");
            sleeper.connectWith().cleanStart(true).sessionExpiryInterval(600).send();
            subscribe(sleeper, "restart/#", 2);
            sleeper.disconnect();
            Mqtt5BlockingClient sender = connected(broker.mqttPort(), "sender");
            for (int i = 0; i < 60; i++) {
                sent.add("m" + i);
                publish(sender, "restart/a", 1 + i % 2, "m" + i);
            }
            sender.publishWith()
                    .topic("kept/a")
                    .qos(MqttQos.AT_LEAST_ONCE)
                    .retain(true)
                    .payload("retained".getBytes(StandardCharsets.UTF_8))
                    .send();
            sender.disconnect();
        }
        try (MqttBroker broker = MqttBroker.start(data)) {
            Mqtt5BlockingClient sleeper = Clients.v5(broker.mqttPort(), "sleeper");
            try (Inbox inbox = inbox(sleeper)) {
                assertThat(
                                sleeper.connectWith()
                                        .cleanStart(false)
                                        .sessionExpiryInterval(600)
                                        .send()
                                        .isSessionPresent())
                        .isTrue();
                assertThat(inbox.texts(60)).isEqualTo(sent);
                subscribe(sleeper, "kept/#", 1);
                Mqtt5Publish retained = inbox.next();
                assertThat(text(retained)).isEqualTo("retained");
                assertThat(retained.isRetain()).isTrue();
                assertThat(inbox.quiet()).isEmpty();
            }
            sleeper.disconnect();
        }
    }
}
