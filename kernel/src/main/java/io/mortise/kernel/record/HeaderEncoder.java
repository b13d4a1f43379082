// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.record;

import io.netty.buffer.ByteBuf;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;

/** Lays out record headers, one after the other, as a record holds them behind their count. */
public final class HeaderEncoder {
    private HeaderEncoder() {}

    /** Appends one header to {@code out}; a null value is Kafka's null value. */
    public static void write(ByteBuf out, byte[] name, byte @Nullable [] value) {
        writeName(out, name);
        if (value == null) {
            Varint.writeInt(out, -1);
        } else {
            Varint.writeInt(out, value.length);
            out.writeBytes(value);
        }
    }

    /** Appends one header whose value is the readable bytes of {@code value}, which is borrowed. */
    public static void write(ByteBuf out, byte[] name, ByteBuf value) {
        writeName(out, name);
        Varint.writeInt(out, value.readableBytes());
        out.writeBytes(value, value.readerIndex(), value.readableBytes());
    }

    /** Appends one header with a UTF-8 name; for the cold path. */
    public static void write(ByteBuf out, String name, byte @Nullable [] value) {
        write(out, name.getBytes(StandardCharsets.UTF_8), value);
    }

    private static void writeName(ByteBuf out, byte[] name) {
        Varint.writeInt(out, name.length);
        out.writeBytes(name);
    }
}
