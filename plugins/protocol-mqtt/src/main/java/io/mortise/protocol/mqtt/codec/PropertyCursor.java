// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.mqtt.codec;

import io.netty.buffer.ByteBuf;

import java.nio.charset.StandardCharsets;
import java.util.Objects;

/** Walks validated properties; the ranges it tells are indexes into {@link #bytes()}. */
public final class PropertyCursor {
    private final ByteBuf bytes;
    private final int end;
    private int position;
    private Property property = Property.USER_PROPERTY;
    private int nameIndex;
    private int nameLength;
    private int valueIndex;
    private int valueLength;

    PropertyCursor(ByteBuf bytes, int index, int end) {
        this.bytes = bytes;
        this.position = index;
        this.end = end;
    }

    /** Moves to the next property; false at the end. */
    public boolean next() {
        if (position >= end) {
            return false;
        }
        // Identifiers take one byte each, and only known ones pass validation.
        property = Objects.requireNonNull(Property.of(bytes.getByte(position++)));
        switch (property.form()) {
            case FLAG -> range(1);
            case TWO_BYTES, TWO_BYTES_NOT_ZERO -> range(2);
            case FOUR_BYTES, FOUR_BYTES_NOT_ZERO -> range(4);
            case VARIABLE -> range(VariableByteInteger.sizeAt(bytes, position));
            case TEXT, TOPIC, BINARY -> prefixed();
            case PAIR -> pair();
        }
        return true;
    }

    /** The property stood on. */
    public Property property() {
        return property;
    }

    /** The buffer that the ranges refer to; borrowed. */
    public ByteBuf bytes() {
        return bytes;
    }

    /** Where the name of a User Property begins. */
    public int nameIndex() {
        return nameIndex;
    }

    /** Bytes of the name of a User Property. */
    public int nameLength() {
        return nameLength;
    }

    /** Where the value begins, after its length if it has one. */
    public int valueIndex() {
        return valueIndex;
    }

    /** Bytes of the value. */
    public int valueLength() {
        return valueLength;
    }

    /** Name of a User Property. */
    public String name() {
        return bytes.toString(nameIndex, nameLength, StandardCharsets.UTF_8);
    }

    /** Value of a property with text. */
    public String text() {
        return bytes.toString(valueIndex, valueLength, StandardCharsets.UTF_8);
    }

    /** A copy of the value's bytes. */
    public byte[] binary() {
        byte[] copy = new byte[valueLength];
        bytes.getBytes(valueIndex, copy);
        return copy;
    }

    /** Value of a numeric property. */
    public long number() {
        return switch (property.form()) {
            case FLAG -> bytes.getByte(valueIndex);
            case TWO_BYTES, TWO_BYTES_NOT_ZERO -> bytes.getUnsignedShort(valueIndex);
            case FOUR_BYTES, FOUR_BYTES_NOT_ZERO -> bytes.getUnsignedInt(valueIndex);
            case VARIABLE -> VariableByteInteger.valueAt(bytes, valueIndex);
            default -> throw new IllegalStateException(property + " is no number");
        };
    }

    private void range(int length) {
        valueIndex = position;
        valueLength = length;
        position += length;
    }

    private void prefixed() {
        int length = bytes.getUnsignedShort(position);
        position += 2;
        range(length);
    }

    private void pair() {
        prefixed();
        nameIndex = valueIndex;
        nameLength = valueLength;
        prefixed();
    }
}
