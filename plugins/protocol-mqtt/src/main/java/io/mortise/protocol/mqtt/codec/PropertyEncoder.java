// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.mqtt.codec;

import io.netty.buffer.ByteBuf;

/**
 * Appends single properties to a buffer. Callers vouch that lengths fit two bytes and that texts
 * are UTF-8 without U+0000.
 */
public final class PropertyEncoder {
    private PropertyEncoder() {}

    /** Appends a property of a numeric form. */
    public static void number(ByteBuf out, Property property, long value) {
        out.writeByte(property.identifier());
        switch (property.form()) {
            case FLAG -> out.writeByte((int) value);
            case TWO_BYTES, TWO_BYTES_NOT_ZERO -> out.writeShort((int) value);
            case FOUR_BYTES, FOUR_BYTES_NOT_ZERO -> out.writeInt((int) value);
            case VARIABLE -> VariableByteInteger.write(out, (int) value);
            default -> throw new IllegalArgumentException(property + " is no number");
        }
    }

    /** Appends a property with text or bytes. */
    public static void bytes(ByteBuf out, Property property, byte[] value) {
        out.writeByte(property.identifier());
        prefixed(out, value);
    }

    /** Appends a User Property. */
    public static void user(ByteBuf out, byte[] name, byte[] value) {
        out.writeByte(Property.USER_PROPERTY.identifier());
        prefixed(out, name);
        prefixed(out, value);
    }

    /** Bytes that a Subscription Identifier takes. */
    public static int subscriptionIdentifierLength(int identifier) {
        return 1 + VariableByteInteger.size(identifier);
    }

    private static void prefixed(ByteBuf out, byte[] value) {
        out.writeShort(value.length);
        out.writeBytes(value);
    }
}
