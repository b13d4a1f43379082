// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.mqtt.codec;

import org.jspecify.annotations.Nullable;

/** Control packet types (MQTT 5.0, 2.1.2) with the flags that their fixed header must carry. */
public enum PacketType {
    CONNECT(1, 0),
    CONNACK(2, 0),
    PUBLISH(3, 0),
    PUBACK(4, 0),
    PUBREC(5, 0),
    PUBREL(6, 2),
    PUBCOMP(7, 0),
    SUBSCRIBE(8, 2),
    SUBACK(9, 0),
    UNSUBSCRIBE(10, 2),
    UNSUBACK(11, 0),
    PINGREQ(12, 0),
    PINGRESP(13, 0),
    DISCONNECT(14, 0),
    AUTH(15, 0);

    private static final @Nullable PacketType[] BY_CODE = new @Nullable PacketType[16];

    static {
        for (PacketType type : values()) {
            BY_CODE[type.code] = type;
        }
    }

    private final int code;
    private final int flags;

    PacketType(int code, int flags) {
        this.code = code;
        this.flags = flags;
    }

    /** The type for the upper four bits of a first byte, or null for the reserved 0. */
    static @Nullable PacketType of(int firstByte) {
        return BY_CODE[(firstByte >> 4) & 0x0F];
    }

    /** The type's number on the wire, 1 to 15. */
    public int code() {
        return code;
    }

    /** The first byte of a packet of this type; a PUBLISH adds its own flags. */
    public int firstByte() {
        return code << 4 | flags;
    }

    /** This type's bit in a mask of types. */
    int bit() {
        return 1 << code;
    }
}
