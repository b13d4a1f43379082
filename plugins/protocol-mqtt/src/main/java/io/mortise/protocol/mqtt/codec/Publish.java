// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.mqtt.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

import java.nio.charset.StandardCharsets;

/**
 * PUBLISH (MQTT 5.0, 3.3), read in place: topic, properties and payload are ranges of {@link
 * #frame()}. The decoder reuses one instance, valid until its next frame and as long as the buffer
 * it was read from.
 */
public final class Publish implements Packet {
    private final Properties properties = new Properties();
    private ByteBuf frame = Unpooled.EMPTY_BUFFER;
    private int flags;
    private int topicIndex;
    private int topicLength;
    private int topicHash;
    private int packetId;
    private int payloadIndex;
    private int payloadLength;

    /** For the decoder. */
    Publish() {}

    /**
     * A packet to be sent, over a new heap buffer.
     *
     * @param packetId 0 if and only if {@code qos} is 0
     */
    public static Publish of(
            String topic,
            int qos,
            boolean duplicate,
            boolean retain,
            int packetId,
            Properties properties,
            byte[] payload) {
        byte[] name = topic.getBytes(StandardCharsets.UTF_8);
        ByteBuf frame = Unpooled.buffer(name.length + properties.length() + payload.length);
        frame.writeBytes(name);
        properties.writeTo(frame);
        frame.writeBytes(payload);
        Publish publish = new Publish();
        publish.reset(frame, (duplicate ? 8 : 0) | qos << 1 | (retain ? 1 : 0));
        publish.topic(0, name.length, (int) TopicSyntax.checkName(frame, 0, name.length));
        publish.packetId(packetId);
        publish.properties.wrap(frame, name.length, properties.length(), properties.mask());
        publish.payload(name.length + properties.length(), payload.length);
        return publish;
    }

    void reset(ByteBuf newFrame, int newFlags) {
        frame = newFrame;
        flags = newFlags;
        packetId = 0;
        properties.clear();
    }

    void topic(int index, int length, int hash) {
        topicIndex = index;
        topicLength = length;
        topicHash = hash;
    }

    void packetId(int newPacketId) {
        packetId = newPacketId;
    }

    void payload(int index, int length) {
        payloadIndex = index;
        payloadLength = length;
    }

    /** The bytes that the ranges refer to; borrowed. */
    public ByteBuf frame() {
        return frame;
    }

    /** 0 to 2. */
    public int qos() {
        return flags >> 1 & 3;
    }

    /** The RETAIN flag. */
    public boolean isRetain() {
        return (flags & 1) != 0;
    }

    /** The DUP flag. */
    public boolean isDuplicate() {
        return (flags & 8) != 0;
    }

    /** Where the topic name begins in {@link #frame()}. */
    public int topicIndex() {
        return topicIndex;
    }

    /** Bytes of the topic name; 0 only together with a Topic Alias. */
    public int topicLength() {
        return topicLength;
    }

    /** A hash of the topic's bytes, the same for the same bytes. */
    public int topicHash() {
        return topicHash;
    }

    /** The topic as text; makes a string at each call. */
    public String topic() {
        return frame.toString(topicIndex, topicLength, StandardCharsets.UTF_8);
    }

    /** 1 to 65535, or 0 with QoS 0. */
    public int packetId() {
        return packetId;
    }

    /** Validated, decoded on demand; empty in 3.1.1. */
    public Properties properties() {
        return properties;
    }

    /** Where the payload begins in {@link #frame()}. */
    public int payloadIndex() {
        return payloadIndex;
    }

    /** Bytes of the payload. */
    public int payloadLength() {
        return payloadLength;
    }
}
