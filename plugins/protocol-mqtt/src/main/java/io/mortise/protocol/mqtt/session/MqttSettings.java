// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.mqtt.session;

import io.mortise.spi.plugin.PluginConfig;

/**
 * The plugin's settings; plugin.json documents them.
 *
 * @param maxPacketBytes largest packet taken, fixed header included
 * @param receiveMaximum QoS 1 and 2 publishes that one client may have unanswered
 * @param maxInflight QoS 1 and 2 deliveries unanswered per client, at most
 * @param maxSessionExpirySeconds longest life of a session without connection
 * @param maxKeepAliveSeconds longest keep alive granted to 5.0 clients
 * @param connectTimeoutSeconds until a whole, good CONNECT must have come
 */
public record MqttSettings(
        int maxPacketBytes,
        int receiveMaximum,
        int maxInflight,
        long maxSessionExpirySeconds,
        int maxKeepAliveSeconds,
        int connectTimeoutSeconds) {

    /** Reads the settings, refusing values that MQTT cannot express. */
    public static MqttSettings from(PluginConfig config) {
        return new MqttSettings(
                (int) ranged(config, "maxPacketBytes", 64, 268_435_460),
                (int) ranged(config, "receiveMaximum", 1, 65_535),
                (int) ranged(config, "maxInflight", 1, 65_535),
                ranged(config, "maxSessionExpirySeconds", 0, 0xFFFFFFFFL),
                (int) ranged(config, "maxKeepAliveSeconds", 0, 65_535),
                (int) ranged(config, "connectTimeoutSeconds", 1, 3_600));
    }

    private static long ranged(PluginConfig config, String key, long least, long most) {
        long value = config.integer(key);
        if (value < least || value > most) {
            throw new IllegalArgumentException(
                    "protocol-mqtt: " + key + " is " + value + ", not " + least + " to " + most);
        }
        return value;
    }
}
