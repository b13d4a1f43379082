// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.mqtt.codec;

/**
 * The Will Message of a CONNECT (MQTT 5.0, 3.1.2.5).
 *
 * @param topic a valid Topic Name
 * @param qos 0 to 2
 * @param payload as sent; not copied, not to be changed
 * @param properties Will Properties, empty in 3.1.1
 */
public record Will(String topic, int qos, boolean retain, byte[] payload, Properties properties) {}
