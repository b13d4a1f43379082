// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.mqtt;

import io.mortise.protocol.mqtt.session.MqttSettings;
import io.mortise.spi.protocol.ListenerSpec;
import io.mortise.spi.protocol.Protocol;
import io.mortise.spi.protocol.ProtocolContext;
import io.mortise.spi.protocol.ProtocolProvider;

/** The plugin {@code protocol-mqtt}. */
public final class MqttProtocol implements ProtocolProvider {
    private static final String LISTENER = "mqtt";
    private static final int PORT = 1883;

    @Override
    public Protocol start(ProtocolContext context) {
        MqttSettings settings = MqttSettings.from(context.config());
        MqttServer server = new MqttServer(context, settings);
        ListenerSpec spec =
                new ListenerSpec(
                        LISTENER, PORT, new MqttDetector(), settings.connectTimeoutSeconds());
        server.listening(context.listen(spec, server::accept));
        return server;
    }
}
