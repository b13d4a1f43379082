// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.mqtt.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;

import java.util.HexFormat;

/** Frames as bytes and back, for tests. */
final class Frames {
    static final int MAX_BYTES = 1 << 20;

    private Frames() {}

    static byte[] encode(ProtocolVersion version, Packet packet) {
        ByteBuf out = Unpooled.buffer();
        PacketEncoder.encode(out, version, packet);
        return ByteBufUtil.getBytes(out);
    }

    static Decoded decode(ProtocolVersion version, byte[] frame) {
        ByteBuf in = Unpooled.wrappedBuffer(frame);
        int length = FixedHeader.frameLength(in, MAX_BYTES);
        assertThat(length).isEqualTo(frame.length);
        Decoded decoded = new PacketDecoder().decode(in, length, version);
        assertThat(in.readableBytes()).isZero();
        return decoded;
    }

    /** Bytes of hexadecimal digits and blanks; {@code 'text'} stands for its ASCII bytes. */
    static byte[] bytes(String notation) {
        StringBuilder hex = new StringBuilder();
        String[] parts = notation.split("'", -1);
        for (int i = 0; i < parts.length; i++) {
            if (i % 2 == 0) {
                hex.append(parts[i].replace(" ", ""));
            } else {
                parts[i].chars().forEach(c -> hex.append(String.format("%02x", c)));
            }
        }
        return HexFormat.of().parseHex(hex);
    }
}
