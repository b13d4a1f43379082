// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.mqtt.codec;

/** The two protocol levels spoken here. */
public enum ProtocolVersion {
    /** MQTT 3.1.1, protocol level 4. */
    V3_1_1(4),
    /** MQTT 5.0, protocol level 5. */
    V5(5);

    private final int level;

    ProtocolVersion(int level) {
        this.level = level;
    }

    /** The Protocol Level byte of a CONNECT. */
    public int level() {
        return level;
    }

    /** Whether packets carry properties and reason codes. */
    public boolean isV5() {
        return this == V5;
    }
}
