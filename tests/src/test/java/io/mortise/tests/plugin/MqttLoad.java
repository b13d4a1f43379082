// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.tests.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;

import io.mortise.spi.testing.Await;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A publisher and a subscriber that never reconnect: the numbers that one sends with QoS 1 must
 * arrive at the other, each once and in order.
 */
public final class MqttLoad implements AutoCloseable {
    private final Mqtt5BlockingClient publisher;
    private final Mqtt5AsyncClient subscriber;
    private final AtomicInteger sent = new AtomicInteger();
    private final AtomicInteger received = new AtomicInteger();
    private final AtomicReference<@Nullable String> fault = new AtomicReference<>();
    private final Thread publishing;
    private volatile boolean running = true;

    /** Connects both and begins to publish. */
    public MqttLoad(int port) {
        publisher = client(port, "load-publisher").toBlocking();
        subscriber = client(port, "load-subscriber").toAsync();
        publisher.connect();
        subscriber.toBlocking().connect();
        subscriber.publishes(MqttGlobalPublishFilter.ALL, this::receive);
        subscriber
                .toBlocking()
                .subscribeWith()
                .topicFilter("load/#")
                .qos(MqttQos.AT_LEAST_ONCE)
                .send();
        publishing = Thread.ofPlatform().name("load").start(this::publish);
    }

    /** Messages acknowledged so far. */
    public int sent() {
        return sent.get();
    }

    /** Ends the load; fails if a message or a connection was lost. */
    @Override
    public void close() throws InterruptedException {
        running = false;
        publishing.join();
        Await.until("all is received", () -> received.get() >= sent.get() || fault.get() != null);
        assertThat(fault.get()).isNull();
        assertThat(received.get()).isEqualTo(sent.get());
        publisher.disconnect();
        subscriber.toBlocking().disconnect();
    }

    private void publish() {
        try {
            while (running) {
                publisher
                        .publishWith()
                        .topic("load/number")
                        .qos(MqttQos.AT_LEAST_ONCE)
                        .payload(Integer.toString(sent.get()).getBytes(US_ASCII))
                        .send();
                sent.incrementAndGet();
                Thread.sleep(2);
            }
        } catch (RuntimeException | InterruptedException failed) {
            fault.compareAndSet(null, "publishing " + sent.get() + ": " + failed);
        }
    }

    private void receive(Mqtt5Publish publish) {
        String text = new String(publish.getPayloadAsBytes(), US_ASCII);
        if (!text.equals(Integer.toString(received.getAndIncrement()))) {
            fault.compareAndSet(null, "received " + text + " after " + received.get());
        }
    }

    private static Mqtt5Client client(int port, String id) {
        return Mqtt5Client.builder()
                .identifier(id)
                .serverHost("127.0.0.1")
                .serverPort(port)
                .build();
    }
}
