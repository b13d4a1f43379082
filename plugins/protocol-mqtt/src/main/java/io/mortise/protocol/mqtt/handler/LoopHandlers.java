// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.mqtt.handler;

import io.mortise.protocol.mqtt.session.ConnectionLoop;
import io.mortise.protocol.mqtt.session.MqttSettings;
import io.mortise.spi.broker.Broker;

import java.util.random.RandomGenerator;

/** The request handlers that the connections of one event loop share. */
public final class LoopHandlers {
    final ConnectionLoop loop;
    final MqttSettings settings;
    final ConnectHandler connect;
    final PublishHandler publish;
    final DeliveryHandler delivery;
    final SubscribeHandler subscribe = new SubscribeHandler();
    final UnsubscribeHandler unsubscribe = new UnsubscribeHandler();
    final DisconnectHandler disconnect;

    public LoopHandlers(
            ConnectionLoop loop, MqttSettings settings, Broker broker, RandomGenerator random) {
        this.loop = loop;
        this.settings = settings;
        this.connect = new ConnectHandler(broker, settings, random);
        this.publish = new PublishHandler(settings);
        this.delivery = new DeliveryHandler(loop.counters());
        this.disconnect = new DisconnectHandler(settings);
    }

    /** The loop they belong to. */
    public ConnectionLoop loop() {
        return loop;
    }
}
