// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.mqtt.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;

import java.util.List;

/**
 * Appends packets to a buffer. Callers vouch for the values: texts fit 65535 bytes of UTF-8, packet
 * identifiers are 1 to 65535, packets stay below 256 MiB.
 */
public final class PacketEncoder {
    private PacketEncoder() {}

    /** Appends any packet. */
    public static void encode(ByteBuf out, ProtocolVersion version, Packet packet) {
        switch (packet) {
            case Publish p -> publish(out, version, p);
            case Acknowledgement a -> acknowledgement(out, version, a);
            case Connect c -> connect(out, c);
            case ConnAck c -> connAck(out, version, c);
            case Subscribe s -> subscribe(out, version, s);
            case SubAck s -> subAck(out, version, s);
            case Unsubscribe u -> unsubscribe(out, version, u);
            case UnsubAck u -> unsubAck(out, version, u);
            case Ping p -> ping(out, p);
            case Disconnect d ->
                    reasoned(out, version, PacketType.DISCONNECT, d.reason(), d.properties());
            case Auth a -> reasoned(out, version, PacketType.AUTH, a.reason(), a.properties());
        }
    }

    /**
     * Bytes of a PUBLISH with these parts, as {@link #publishHead} and the payload make it.
     *
     * @param propertiesLength ignored in 3.1.1
     */
    public static int publishLength(
            ProtocolVersion version,
            int qos,
            int topicLength,
            int propertiesLength,
            int payloadLength) {
        int remaining =
                publishRemaining(version, qos, topicLength, propertiesLength, payloadLength);
        return 1 + VariableByteInteger.size(remaining) + remaining;
    }

    /**
     * Appends the beginning of a PUBLISH, to the length of its topic. To follow are the topic, with
     * QoS 1 and 2 the packet identifier as two bytes, in 5.0 the properties with their length
     * ({@link #propertyLength}), and the payload.
     *
     * @param flags the low four bits of the first byte: DUP, QoS, RETAIN
     */
    public static void publishHead(
            ByteBuf out,
            ProtocolVersion version,
            int flags,
            int topicLength,
            int propertiesLength,
            int payloadLength) {
        int qos = flags >> 1 & 3;
        out.writeByte(PacketType.PUBLISH.firstByte() | flags);
        VariableByteInteger.write(
                out, publishRemaining(version, qos, topicLength, propertiesLength, payloadLength));
        out.writeShort(topicLength);
    }

    /** Appends a Property Length. */
    public static void propertyLength(ByteBuf out, int length) {
        VariableByteInteger.write(out, length);
    }

    /** Appends a PUBACK, PUBREC, PUBREL or PUBCOMP without properties. */
    public static void acknowledgement(
            ByteBuf out,
            ProtocolVersion version,
            PacketType type,
            int packetId,
            ReasonCode reason) {
        boolean bare = !version.isV5() || reason == ReasonCode.SUCCESS;
        out.writeByte(type.firstByte());
        out.writeByte(bare ? 2 : 3);
        out.writeShort(packetId);
        if (!bare) {
            out.writeByte(reason.value());
        }
    }

    /** Appends a PINGREQ or PINGRESP. */
    public static void ping(ByteBuf out, Ping ping) {
        PacketType type = ping == Ping.REQUEST ? PacketType.PINGREQ : PacketType.PINGRESP;
        out.writeByte(type.firstByte());
        out.writeByte(0);
    }

    private static void publish(ByteBuf out, ProtocolVersion version, Publish packet) {
        Properties properties = packet.properties();
        int flags =
                (packet.isDuplicate() ? 8 : 0) | packet.qos() << 1 | (packet.isRetain() ? 1 : 0);
        publishHead(
                out,
                version,
                flags,
                packet.topicLength(),
                properties.length(),
                packet.payloadLength());
        out.writeBytes(packet.frame(), packet.topicIndex(), packet.topicLength());
        if (packet.qos() > 0) {
            out.writeShort(packet.packetId());
        }
        properties(out, version, properties);
        out.writeBytes(packet.frame(), packet.payloadIndex(), packet.payloadLength());
    }

    private static int publishRemaining(
            ProtocolVersion version,
            int qos,
            int topicLength,
            int propertiesLength,
            int payloadLength) {
        int properties = version.isV5() ? prefixed(propertiesLength) : 0;
        return 2 + topicLength + (qos > 0 ? 2 : 0) + properties + payloadLength;
    }

    private static void acknowledgement(
            ByteBuf out, ProtocolVersion version, Acknowledgement packet) {
        Properties properties = packet.properties();
        if (!version.isV5() || properties.isEmpty()) {
            acknowledgement(out, version, packet.type(), packet.packetId(), packet.reason());
            return;
        }
        header(out, packet.type(), 3 + prefixed(properties.length()));
        out.writeShort(packet.packetId());
        out.writeByte(packet.reason().value());
        properties(out, version, properties);
    }

    private static void connect(ByteBuf out, Connect packet) {
        ProtocolVersion version = packet.version();
        Will will = packet.will();
        String userName = packet.userName();
        byte[] password = packet.password();
        int remaining = 10 + lengthOf(version, packet.properties()) + lengthOf(packet.clientId());
        remaining += will == null ? 0 : lengthOf(version, will.properties());
        remaining += will == null ? 0 : lengthOf(will.topic()) + 2 + will.payload().length;
        remaining += userName == null ? 0 : lengthOf(userName);
        remaining += password == null ? 0 : 2 + password.length;
        header(out, PacketType.CONNECT, remaining);
        text(out, "MQTT");
        out.writeByte(version.level());
        out.writeByte(connectFlags(packet));
        out.writeShort(packet.keepAliveSeconds());
        properties(out, version, packet.properties());
        text(out, packet.clientId());
        if (will != null) {
            properties(out, version, will.properties());
            text(out, will.topic());
            binary(out, will.payload());
        }
        if (userName != null) {
            text(out, userName);
        }
        if (password != null) {
            binary(out, password);
        }
    }

    private static int connectFlags(Connect packet) {
        Will will = packet.will();
        int flags = packet.cleanStart() ? 0x02 : 0;
        if (will != null) {
            flags |= 0x04 | will.qos() << 3 | (will.retain() ? 0x20 : 0);
        }
        flags |= packet.password() != null ? 0x40 : 0;
        return flags | (packet.userName() != null ? 0x80 : 0);
    }

    private static void connAck(ByteBuf out, ProtocolVersion version, ConnAck packet) {
        header(out, PacketType.CONNACK, 2 + lengthOf(version, packet.properties()));
        out.writeByte(packet.sessionPresent() ? 1 : 0);
        ReasonCode reason = packet.reason();
        out.writeByte(version.isV5() ? reason.value() : ConnAck.returnCode(reason));
        properties(out, version, packet.properties());
    }

    private static void subscribe(ByteBuf out, ProtocolVersion version, Subscribe packet) {
        int remaining = 2 + lengthOf(version, packet.properties());
        for (Subscription subscription : packet.filters()) {
            remaining += lengthOf(subscription.filter()) + 1;
        }
        header(out, PacketType.SUBSCRIBE, remaining);
        out.writeShort(packet.packetId());
        properties(out, version, packet.properties());
        for (Subscription subscription : packet.filters()) {
            text(out, subscription.filter());
            out.writeByte(subscription.options());
        }
    }

    private static void subAck(ByteBuf out, ProtocolVersion version, SubAck packet) {
        int size = packet.reasons().size();
        header(out, PacketType.SUBACK, 2 + lengthOf(version, packet.properties()) + size);
        out.writeShort(packet.packetId());
        properties(out, version, packet.properties());
        for (ReasonCode reason : packet.reasons()) {
            out.writeByte(!version.isV5() && reason.isError() ? 0x80 : reason.value());
        }
    }

    private static void unsubscribe(ByteBuf out, ProtocolVersion version, Unsubscribe packet) {
        int remaining = 2 + lengthOf(version, packet.properties());
        for (String filter : packet.filters()) {
            remaining += lengthOf(filter);
        }
        header(out, PacketType.UNSUBSCRIBE, remaining);
        out.writeShort(packet.packetId());
        properties(out, version, packet.properties());
        for (String filter : packet.filters()) {
            text(out, filter);
        }
    }

    private static void unsubAck(ByteBuf out, ProtocolVersion version, UnsubAck packet) {
        List<ReasonCode> reasons = version.isV5() ? packet.reasons() : List.of();
        int remaining = 2 + lengthOf(version, packet.properties()) + reasons.size();
        header(out, PacketType.UNSUBACK, remaining);
        out.writeShort(packet.packetId());
        properties(out, version, packet.properties());
        for (ReasonCode reason : reasons) {
            out.writeByte(reason.value());
        }
    }

    private static void reasoned(
            ByteBuf out,
            ProtocolVersion version,
            PacketType type,
            ReasonCode reason,
            Properties properties) {
        if (!version.isV5() || reason == ReasonCode.SUCCESS && properties.isEmpty()) {
            header(out, type, 0);
        } else if (properties.isEmpty()) {
            header(out, type, 1);
            out.writeByte(reason.value());
        } else {
            header(out, type, 1 + prefixed(properties.length()));
            out.writeByte(reason.value());
            properties(out, version, properties);
        }
    }

    private static void header(ByteBuf out, PacketType type, int remaining) {
        out.writeByte(type.firstByte());
        VariableByteInteger.write(out, remaining);
    }

    private static void properties(ByteBuf out, ProtocolVersion version, Properties properties) {
        if (version.isV5()) {
            VariableByteInteger.write(out, properties.length());
            properties.writeTo(out);
        }
    }

    private static void text(ByteBuf out, String text) {
        out.writeShort(ByteBufUtil.utf8Bytes(text));
        ByteBufUtil.writeUtf8(out, text);
    }

    private static void binary(ByteBuf out, byte[] bytes) {
        out.writeShort(bytes.length);
        out.writeBytes(bytes);
    }

    private static int lengthOf(ProtocolVersion version, Properties properties) {
        return version.isV5() ? prefixed(properties.length()) : 0;
    }

    private static int lengthOf(String text) {
        return 2 + ByteBufUtil.utf8Bytes(text);
    }

    private static int prefixed(int length) {
        return VariableByteInteger.size(length) + length;
    }
}
