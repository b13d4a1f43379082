// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.mqtt;

import io.mortise.spi.protocol.Detector;
import io.netty.buffer.ByteBuf;

/** Recognises a CONNECT: its type, its length, and the beginning of the protocol name. */
final class MqttDetector implements Detector {
    private static final int CONNECT = 0x10;

    @Override
    public Detection detect(ByteBuf bytes) {
        int start = bytes.readerIndex();
        int readable = bytes.readableBytes();
        if (readable == 0) {
            return Detection.NEED_MORE;
        }
        if (bytes.getUnsignedByte(start) != CONNECT) {
            return Detection.NO_MATCH;
        }
        int name = 1;
        while (name < readable && name < 5 && bytes.getByte(start + name) < 0) {
            name++;
        }
        name += 3; // the length's last byte, and the two of the name's length
        if (readable < name + 2) {
            return Detection.NEED_MORE;
        }
        // "MQTT", and the "MQIsdp" of 3.1, which gets its refusal.
        boolean match =
                bytes.getByte(start + name) == 'M' && bytes.getByte(start + name + 1) == 'Q';
        return match ? Detection.MATCH : Detection.NO_MATCH;
    }
}
