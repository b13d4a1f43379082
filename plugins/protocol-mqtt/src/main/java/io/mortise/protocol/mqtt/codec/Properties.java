// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.mqtt.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;

/**
 * The properties of one packet as the validated bytes they came in; values are decoded when asked
 * for. Those of a reused packet are valid as long as it is, {@link #copy} outlives it.
 */
public final class Properties {
    /** No properties. */
    public static final Properties EMPTY = new Properties();

    /** The Session Expiry Interval that never ends (MQTT 5.0, 3.1.2.11.2). */
    public static final long NEVER = 0xFFFFFFFFL;

    private ByteBuf bytes = Unpooled.EMPTY_BUFFER;
    private int index;
    private int length;
    private long mask;

    Properties() {}

    /** Starts a set of properties to be sent. */
    public static Builder builder() {
        return new Builder();
    }

    void wrap(ByteBuf newBytes, int newIndex, int newLength, long newMask) {
        bytes = newBytes;
        index = newIndex;
        length = newLength;
        mask = newMask;
    }

    void clear() {
        wrap(Unpooled.EMPTY_BUFFER, 0, 0, 0);
    }

    long mask() {
        return mask;
    }

    /** Bytes on the wire, without the length before them. */
    public int length() {
        return length;
    }

    /** Whether there is none. */
    public boolean isEmpty() {
        return length == 0;
    }

    /** Whether the property is there. */
    public boolean has(Property property) {
        return (mask & property.bit()) != 0;
    }

    /** Value of a numeric property, the first if it is repeated, or {@code absent}. */
    public long number(Property property, long absent) {
        if (!has(property)) {
            return absent;
        }
        return seek(property).number();
    }

    /** Value of a text property, or null. */
    public @Nullable String text(Property property) {
        return has(property) ? seek(property).text() : null;
    }

    /** Value of a binary property, a copy, or null. */
    public byte @Nullable [] binary(Property property) {
        return has(property) ? seek(property).binary() : null;
    }

    /** Walks all properties in the order of the wire. */
    public PropertyCursor cursor() {
        return new PropertyCursor(bytes, index, index + length);
    }

    /** The same on bytes of its own. */
    public Properties copy() {
        if (length == 0) {
            return EMPTY;
        }
        byte[] own = new byte[length];
        bytes.getBytes(index, own);
        Properties copy = new Properties();
        copy.wrap(Unpooled.wrappedBuffer(own), 0, length, mask);
        return copy;
    }

    /** Appends the bytes, without the length before them. */
    void writeTo(ByteBuf out) {
        out.writeBytes(bytes, index, length);
    }

    private PropertyCursor seek(Property property) {
        PropertyCursor cursor = cursor();
        boolean there = cursor.next();
        while (there && cursor.property() != property) {
            there = cursor.next();
        }
        return cursor;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Properties that
                && bytes.slice(index, length).equals(that.bytes.slice(that.index, that.length));
    }

    @Override
    public int hashCode() {
        return bytes.slice(index, length).hashCode();
    }

    @Override
    public String toString() {
        return "Properties[" + length + " bytes]";
    }

    /**
     * Collects properties to be sent, in order, on the heap. Texts must fit 65535 bytes of UTF-8;
     * whether the packet may hold the property is the caller's business.
     */
    public static final class Builder {
        private final ByteBuf out = Unpooled.buffer(32);
        private long mask;

        private Builder() {}

        /** Adds a property of a numeric form. */
        public Builder number(Property property, long value) {
            mask |= property.bit();
            PropertyEncoder.number(out, property, value);
            return this;
        }

        /** Adds a property with a text. */
        public Builder text(Property property, String value) {
            return binary(property, utf8(value));
        }

        /** Adds a property with bytes. */
        public Builder binary(Property property, byte[] value) {
            mask |= property.bit();
            PropertyEncoder.bytes(out, property, value);
            return this;
        }

        /** Adds a User Property. */
        public Builder user(String name, String value) {
            mask |= Property.USER_PROPERTY.bit();
            PropertyEncoder.user(out, utf8(name), utf8(value));
            return this;
        }

        /** The properties collected; the builder is spent. */
        public Properties build() {
            Properties properties = new Properties();
            properties.wrap(out, 0, out.writerIndex(), mask);
            return properties;
        }

        private static byte[] utf8(String text) {
            byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
            if (utf8.length > 0xFFFF) {
                throw new IllegalArgumentException("text of " + utf8.length + " bytes");
            }
            return utf8;
        }
    }
}
