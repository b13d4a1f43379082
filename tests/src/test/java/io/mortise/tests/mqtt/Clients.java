// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.tests.mqtt;

import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt3.Mqtt3BlockingClient;
import com.hivemq.client.mqtt.mqtt3.Mqtt3Client;
import com.hivemq.client.mqtt.mqtt3.message.publish.Mqtt3Publish;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** HiveMQ's clients, and waiting for what they receive. */
final class Clients {
    /** Patience with what must come. */
    static final Duration PATIENCE = Duration.ofSeconds(20);

    /** How long to watch for what must not come. */
    private static final Duration QUIET = Duration.ofMillis(400);

    private Clients() {}

    static Mqtt5BlockingClient v5(int port, String id) {
        return Mqtt5Client.builder()
                .identifier(id)
                .serverHost("127.0.0.1")
                .serverPort(port)
                .buildBlocking();
    }

    static Mqtt3BlockingClient v3(int port, String id) {
        return Mqtt3Client.builder()
                .identifier(id)
                .serverHost("127.0.0.1")
                .serverPort(port)
                .buildBlocking();
    }

    static Mqtt5BlockingClient connected(int port, String id) {
        Mqtt5BlockingClient client = v5(port, id);
        client.connect();
        return client;
    }

    static void publish(Mqtt5BlockingClient client, String topic, int qos, String text) {
        client.publishWith()
                .topic(topic)
                .qos(qos(qos))
                .payload(text.getBytes(StandardCharsets.UTF_8))
                .send();
    }

    static void subscribe(Mqtt5BlockingClient client, String filter, int qos) {
        client.subscribeWith().topicFilter(filter).qos(qos(qos)).send();
    }

    static MqttQos qos(int code) {
        return MqttQos.values()[code];
    }

    static String text(Mqtt5Publish publish) {
        return new String(publish.getPayloadAsBytes(), StandardCharsets.UTF_8);
    }

    static Inbox inbox(Mqtt5BlockingClient client) {
        return new Inbox(client.publishes(MqttGlobalPublishFilter.ALL));
    }

    static Inbox3 inbox(Mqtt3BlockingClient client) {
        return new Inbox3(client.publishes(MqttGlobalPublishFilter.ALL));
    }

    /** What a 5.0 client receives. */
    record Inbox(Mqtt5BlockingClient.Mqtt5Publishes publishes) implements AutoCloseable {
        Mqtt5Publish next() {
            try {
                Optional<Mqtt5Publish> next =
                        publishes.receive(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
                return next.orElseThrow(() -> new AssertionError("nothing came"));
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }

        List<String> texts(int count) {
            List<String> texts = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                texts.add(text(next()));
            }
            return texts;
        }

        Optional<Mqtt5Publish> quiet() {
            try {
                return publishes.receive(QUIET.toMillis(), TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }

        @Override
        public void close() {
            publishes.close();
        }
    }

    /** What a 3.1.1 client receives. */
    record Inbox3(Mqtt3BlockingClient.Mqtt3Publishes publishes) implements AutoCloseable {
        Mqtt3Publish next() {
            try {
                return publishes
                        .receive(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
                        .orElseThrow(() -> new AssertionError("nothing came"));
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }

        @Override
        public void close() {
            publishes.close();
        }
    }
}
