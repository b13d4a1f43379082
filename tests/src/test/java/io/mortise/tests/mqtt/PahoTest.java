// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.tests.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import org.eclipse.paho.mqttv5.client.IMqttToken;
import org.eclipse.paho.mqttv5.client.MqttCallback;
import org.eclipse.paho.mqttv5.client.MqttClient;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.MqttDisconnectResponse;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.MqttSubscription;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;
import org.eclipse.paho.mqttv5.common.packet.UserProperty;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Eclipse Paho's client for 5.0, which numbers and counts on its own. */
class PahoTest {
    @Test
    void publishesSubscribesAndResumes(@TempDir Path data) throws Exception {
        try (MqttBroker broker = MqttBroker.start(data)) {
            Inbox inbox = new Inbox();
            MqttClient receiver = client(broker, "paho-receiver", inbox);
            receiver.connect(options(true));
            receiver.subscribe(new MqttSubscription[] {new MqttSubscription("paho/#", 2)});
            MqttClient sender = client(broker, "", new Inbox());
            sender.connect(options(true));
            assertThat(sender.getClientId()).startsWith("auto-");
            List<String> sent = new ArrayList<>();
            for (int i = 0; i < 90; i++) {
                sent.add("m" + i);
                sender.publish("paho/a", message("m" + i, i % 3));
            }
            assertThat(inbox.texts(90)).isEqualTo(sent);
            assertProperties(sender, inbox);

            receiver.disconnect();
            for (int i = 0; i < 50; i++) {
                sender.publish("paho/a", message("offline" + i, 1 + i % 2));
            }
            receiver.connect(options(false));
            assertThat(inbox.texts(50)).startsWith("offline0", "offline1").endsWith("offline49");
            close(receiver);
            close(sender);
        }
    }

    private static void assertProperties(MqttClient sender, Inbox inbox) throws Exception {
        MqttMessage message = message("{}", 1);
        MqttProperties properties = new MqttProperties();
        properties.setContentType("application/json");
        properties.setResponseTopic("answers");
        properties.setCorrelationData(new byte[] {1, 2});
        properties.setUserProperties(
                List.of(new UserProperty("b", "1"), new UserProperty("a", "2")));
        message.setProperties(properties);
        sender.publish("paho/p", message);
        MqttProperties received = inbox.next().getProperties();
        assertThat(received.getContentType()).isEqualTo("application/json");
        assertThat(received.getResponseTopic()).isEqualTo("answers");
        assertThat(received.getCorrelationData()).containsExactly(1, 2);
        assertThat(received.getUserProperties())
                .extracting(it -> it.getKey() + "=" + it.getValue())
                .containsExactly("b=1", "a=2");
    }

    private static MqttClient client(MqttBroker broker, String id, Inbox inbox)
            throws MqttException {
        String address = "tcp://127.0.0.1:" + broker.mqttPort();
        MqttClient client = new MqttClient(address, id, new MemoryPersistence());
        client.setCallback(inbox);
        client.setTimeToWait(20_000);
        return client;
    }

    private static MqttConnectionOptions options(boolean cleanStart) {
        MqttConnectionOptions options = new MqttConnectionOptions();
        options.setCleanStart(cleanStart);
        options.setSessionExpiryInterval(600L);
        return options;
    }

    private static MqttMessage message(String text, int qos) {
        MqttMessage message = new MqttMessage(text.getBytes(StandardCharsets.UTF_8));
        message.setQos(qos);
        return message;
    }

    private static void close(MqttClient client) throws MqttException {
        client.disconnect();
        client.close();
    }

    private static final class Inbox implements MqttCallback {
        private final BlockingQueue<MqttMessage> messages = new LinkedBlockingQueue<>();

        MqttMessage next() throws InterruptedException {
            MqttMessage next = messages.poll(20, TimeUnit.SECONDS);
            assertThat(next).as("a message").isNotNull();
            return next;
        }

        List<String> texts(int count) throws InterruptedException {
            List<String> texts = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                texts.add(new String(next().getPayload(), StandardCharsets.UTF_8));
            }
            return texts;
        }

        @Override
        public void messageArrived(String topic, MqttMessage message) {
            messages.add(message);
        }

        @Override
        public void disconnected(MqttDisconnectResponse response) {}

        @Override
        public void mqttErrorOccurred(MqttException exception) {}

        @Override
        public void deliveryComplete(IMqttToken token) {}

        @Override
        public void connectComplete(boolean reconnect, String serverUri) {}

        @Override
        public void authPacketArrived(int reasonCode, MqttProperties properties) {}
    }
}
