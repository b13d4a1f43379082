// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.mqtt.codec;

import io.netty.buffer.ByteBuf;

/** Variable Byte Integers (MQTT 5.0, 1.5.5): seven bits a byte, low ones first, four at most. */
final class VariableByteInteger {
    static final int MAX = 268_435_455;

    private VariableByteInteger() {}

    /** Bytes needed for the value, 1 to 4. */
    static int size(int value) {
        return value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x200000 ? 3 : 4;
    }

    static void write(ByteBuf out, int value) {
        int rest = value;
        while (rest >= 0x80) {
            out.writeByte(rest | 0x80);
            rest >>>= 7;
        }
        out.writeByte(rest);
    }

    /** Size of a validated integer. */
    static int sizeAt(ByteBuf bytes, int index) {
        int size = 1;
        while (bytes.getByte(index + size - 1) < 0) {
            size++;
        }
        return size;
    }

    /** Value of a validated integer. */
    static int valueAt(ByteBuf bytes, int index) {
        int value = 0;
        for (int i = 0; ; i++) {
            int next = bytes.getByte(index + i);
            value |= (next & 0x7F) << 7 * i;
            if (next >= 0) {
                return value;
            }
        }
    }
}
