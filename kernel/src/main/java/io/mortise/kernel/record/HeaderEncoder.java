// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.record;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;

import org.jspecify.annotations.Nullable;

/** Lays out record headers, one after the other, as a record holds them behind their count. */
public final class HeaderEncoder {
    private HeaderEncoder() {}

    /** Appends one header to {@code out}; a null value is Kafka's null value. */
    public static void write(ByteBuf out, byte[] name, byte @Nullable [] value) {
        writeName(out, name);
        writeValue(out, value);
    }

    /** Appends one header whose name is written as UTF-8. */
    public static void write(ByteBuf out, String name, byte @Nullable [] value) {
        Varint.writeInt(out, ByteBufUtil.utf8Bytes(name));
        ByteBufUtil.writeUtf8(out, name);
        writeValue(out, value);
    }

    private static void writeValue(ByteBuf out, byte @Nullable [] value) {
        if (value == null) {
            Varint.writeInt(out, -1);
        } else {
            Varint.writeInt(out, value.length);
            out.writeBytes(value);
        }
    }

    private static void writeName(ByteBuf out, byte[] name) {
        Varint.writeInt(out, name.length);
        out.writeBytes(name);
    }
}
