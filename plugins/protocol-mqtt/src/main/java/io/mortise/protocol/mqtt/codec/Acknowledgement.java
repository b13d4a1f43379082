// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.mqtt.codec;

/**
 * PUBACK, PUBREC, PUBREL or PUBCOMP (MQTT 5.0, 3.4 to 3.7). The decoder reuses one instance, valid
 * until its next frame.
 */
public final class Acknowledgement implements Packet {
    private final Properties properties;
    private PacketType type;
    private int packetId;
    private ReasonCode reason;

    /** For a packet to be sent; the type is one of the four. */
    public Acknowledgement(
            PacketType type, int packetId, ReasonCode reason, Properties properties) {
        this.type = type;
        this.packetId = packetId;
        this.reason = reason;
        this.properties = properties;
    }

    /** For the decoder. */
    Acknowledgement() {
        this(PacketType.PUBACK, 0, ReasonCode.SUCCESS, new Properties());
    }

    void reset(PacketType newType, int newPacketId) {
        type = newType;
        packetId = newPacketId;
        reason = ReasonCode.SUCCESS;
        properties.clear();
    }

    void reason(ReasonCode newReason) {
        reason = newReason;
    }

    /** PUBACK, PUBREC, PUBREL or PUBCOMP. */
    public PacketType type() {
        return type;
    }

    /** 1 to 65535. */
    public int packetId() {
        return packetId;
    }

    /** Success where the packet was too short to say. */
    public ReasonCode reason() {
        return reason;
    }

    /** Reason String and User Properties, if any. */
    public Properties properties() {
        return properties;
    }
}
