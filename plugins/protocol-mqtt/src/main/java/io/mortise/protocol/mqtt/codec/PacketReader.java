// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.mqtt.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;

/**
 * Reads the fields of one frame. The first failure sticks: from then on every read returns zero or
 * nothing and moves no further, so callers check once at the end and in their loops.
 */
final class PacketReader {
    private static final byte[] NO_BYTES = {};

    private ByteBuf in = Unpooled.EMPTY_BUFFER;
    private int position;
    private int end;
    private ProtocolVersion version = ProtocolVersion.V3_1_1;
    private @Nullable Malformed failure;

    void begin(ByteBuf bytes, int index, int endIndex, ProtocolVersion spoken) {
        in = bytes;
        position = index;
        end = endIndex;
        version = spoken;
        failure = null;
    }

    /** The version in which a failure is answered. */
    void version(ProtocolVersion spoken) {
        version = spoken;
    }

    ProtocolVersion version() {
        return version;
    }

    ByteBuf bytes() {
        return in;
    }

    int position() {
        return position;
    }

    int remaining() {
        return failure == null ? end - position : 0;
    }

    boolean failed() {
        return failure != null;
    }

    /** The failure, or the packet if there is none and all bytes were read. */
    Decoded finish(Packet packet) {
        if (failure == null && position != end) {
            fail(ReasonCode.MALFORMED_PACKET, (end - position) + " bytes after the packet's end");
        }
        return failure == null ? packet : failure;
    }

    /** Like {@link #finish} where what was not read is the packet's payload. */
    Decoded skipRest(Packet packet) {
        position = end;
        return finish(packet);
    }

    void fail(ReasonCode reason, String text) {
        if (failure == null) {
            failure = new Malformed(reason, text, version);
            position = end;
        }
    }

    void malformed(String text) {
        fail(ReasonCode.MALFORMED_PACKET, text);
    }

    int readByte() {
        return has(1) ? in.getUnsignedByte(position++) : 0;
    }

    int readShort() {
        if (!has(2)) {
            return 0;
        }
        position += 2;
        return in.getUnsignedShort(position - 2);
    }

    long readInt() {
        if (!has(4)) {
            return 0;
        }
        position += 4;
        return in.getUnsignedInt(position - 4);
    }

    /** A packet identifier, which is never 0 [MQTT-2.2.1-3]. */
    int readPacketId() {
        int packetId = readShort();
        if (packetId == 0) {
            fail(ReasonCode.PROTOCOL_ERROR, "packet identifier 0");
        }
        return packetId;
    }

    int readVariable() {
        int value = 0;
        for (int i = 0; i < 4; i++) {
            int next = readByte();
            value |= (next & 0x7F) << 7 * i;
            if (next < 0x80) {
                if (next == 0 && i > 0) {
                    malformed("variable byte integer longer than needed"); // [MQTT-1.5.5-1]
                }
                return value;
            }
        }
        malformed("variable byte integer of more than four bytes");
        return 0;
    }

    /** Moves over a range that carries its length, and returns the length. */
    int skipBinary() {
        int length = readShort();
        if (!has(length)) {
            return 0;
        }
        position += length;
        return length;
    }

    /** Like {@link #skipBinary} for a UTF-8 Encoded String, validated. */
    int skipText() {
        int length = skipBinary();
        if (length > 0 && !Utf8.isValid(in, position - length, length)) {
            malformed("text is not UTF-8, or holds U+0000"); // [MQTT-1.5.4-1], [MQTT-1.5.4-2]
        }
        return length;
    }

    /** Like {@link #skipBinary} for a Topic Name; returns its hash. */
    long skipTopic() {
        int length = skipBinary();
        long hash = TopicSyntax.checkName(in, position - length, length);
        if (hash == TopicSyntax.INVALID) {
            failTopic(length);
        }
        return hash;
    }

    String readText() {
        int length = skipText();
        return failed() ? "" : in.toString(position - length, length, StandardCharsets.UTF_8);
    }

    /** A Topic Name that is not empty. */
    String readTopic() {
        int start = position;
        skipTopic();
        int length = position - start - 2;
        if (!failed() && length == 0) {
            fail(ReasonCode.TOPIC_NAME_INVALID, "empty topic name"); // [MQTT-4.7.3-1]
        }
        return failed() ? "" : in.toString(start + 2, length, StandardCharsets.UTF_8);
    }

    byte[] readBinary() {
        int length = skipBinary();
        return failed() ? NO_BYTES : copy(position - length, length);
    }

    /**
     * Reads a Property Length and checks the properties behind it.
     *
     * @param place a packet type's bit or {@link Property.Place#WILL}
     * @param into set to the range read, a view of this frame
     */
    void readProperties(int place, Properties into) {
        int length = readVariable();
        if (!has(length) || length == 0) {
            into.clear();
            return;
        }
        int start = position;
        int packetEnd = end;
        end = start + length; // no property may reach beyond the Property Length
        long mask = 0;
        while (remaining() > 0) {
            mask = readProperty(place, mask);
        }
        end = packetEnd;
        if (failed()) {
            position = end;
            return;
        }
        into.wrap(in, start, length, mask);
    }

    /** Properties on bytes of their own. */
    Properties readProperties(int place) {
        if (failed()) {
            return Properties.EMPTY;
        }
        Properties view = new Properties();
        readProperties(place, view);
        return view.copy();
    }

    private long readProperty(int place, long mask) {
        int identifier = readVariable();
        Property property = Property.of(identifier);
        if (failed()) {
            return mask;
        }
        if (property == null) {
            malformed("unknown property " + identifier);
            return mask;
        }
        if (!property.isAllowedIn(place)) {
            fail(ReasonCode.PROTOCOL_ERROR, property + " does not belong here");
            return mask;
        }
        if ((mask & property.bit()) != 0 && !property.isRepeatableIn(place)) {
            fail(ReasonCode.PROTOCOL_ERROR, property + " is there twice");
            return mask;
        }
        checkValue(property);
        return mask | property.bit();
    }

    private void checkValue(Property property) {
        switch (property.form()) {
            case FLAG -> require(readByte() <= 1, property);
            case TWO_BYTES -> readShort();
            case TWO_BYTES_NOT_ZERO -> require(readShort() != 0, property);
            case FOUR_BYTES -> readInt();
            case FOUR_BYTES_NOT_ZERO -> require(readInt() != 0, property);
            case VARIABLE -> require(readVariable() != 0, property);
            case TEXT -> skipText();
            case TOPIC -> skipTopic();
            case BINARY -> skipBinary();
            case PAIR -> {
                skipText();
                skipText();
            }
        }
    }

    private void require(boolean valid, Property property) {
        if (!valid) {
            fail(ReasonCode.PROTOCOL_ERROR, property + " has a value out of range");
        }
    }

    private boolean has(int bytes) {
        if (end - position >= bytes && failure == null) {
            return true;
        }
        malformed("packet ends within a field");
        return false;
    }

    private void failTopic(int length) {
        if (Utf8.isValid(in, position - length, length)) {
            // [MQTT-3.3.2-2], [MQTT-3.3.2-14]
            fail(ReasonCode.TOPIC_NAME_INVALID, "topic name holds a wildcard");
        } else {
            malformed("topic name is not UTF-8, or holds U+0000");
        }
    }

    private byte[] copy(int index, int length) {
        byte[] copy = new byte[length];
        in.getBytes(index, copy);
        return copy;
    }
}
