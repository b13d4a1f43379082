// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.mqtt.codec;

/** PINGREQ and PINGRESP (MQTT 5.0, 3.12 and 3.13). */
public enum Ping implements Packet {
    REQUEST,
    RESPONSE
}
