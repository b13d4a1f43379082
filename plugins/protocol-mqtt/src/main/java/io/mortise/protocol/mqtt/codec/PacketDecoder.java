// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.mqtt.codec;

import io.netty.buffer.ByteBuf;

import java.util.ArrayList;
import java.util.List;

/**
 * Decodes frames. One decoder may serve all connections of a thread: it keeps nothing between
 * frames but the {@link Publish} and {@link Acknowledgement} that it fills anew each time.
 */
public final class PacketDecoder {
    private static final int CONNECT_RESERVED = 0x01;
    private static final int CONNECT_CLEAN_START = 0x02;
    private static final int CONNECT_WILL = 0x04;
    private static final int CONNECT_WILL_QOS = 0x18;
    private static final int CONNECT_WILL_RETAIN = 0x20;
    private static final int CONNECT_PASSWORD = 0x40;
    private static final int CONNECT_USER_NAME = 0x80;

    private final PacketReader reader = new PacketReader();
    private final Publish publish = new Publish();
    private final Acknowledgement acknowledgement = new Acknowledgement();

    /**
     * Decodes the frame at the reader index and moves the index behind it.
     *
     * @param in borrowed; holds the whole frame
     * @param frameLength from {@link FixedHeader#frameLength}
     * @param version what the connection agreed on; a CONNECT brings its own
     */
    public Decoded decode(ByteBuf in, int frameLength, ProtocolVersion version) {
        int start = in.readerIndex();
        int end = start + frameLength;
        int first = in.getUnsignedByte(start);
        int headerLength = 2;
        while (in.getByte(start + headerLength - 1) < 0) {
            headerLength++;
        }
        in.readerIndex(end);
        reader.begin(in, start + headerLength, end, version);
        checkHeader(first, frameLength - headerLength, headerLength);
        PacketType type = PacketType.of(first);
        if (type == null || reader.failed()) {
            return reader.finish(Ping.REQUEST);
        }
        return switch (type) {
            case CONNECT -> connect();
            case CONNACK -> connAck();
            case PUBLISH -> publish(first & 0x0F, version);
            case PUBACK, PUBREC, PUBREL, PUBCOMP -> acknowledgement(type, version);
            case SUBSCRIBE -> subscribe(version);
            case SUBACK -> subAck(version);
            case UNSUBSCRIBE -> unsubscribe(version);
            case UNSUBACK -> unsubAck(version);
            case PINGREQ -> reader.finish(Ping.REQUEST);
            case PINGRESP -> reader.finish(Ping.RESPONSE);
            case DISCONNECT -> disconnect(version);
            case AUTH -> auth(version);
        };
    }

    private void checkHeader(int first, int remaining, int headerLength) {
        PacketType type = PacketType.of(first);
        if (type == null) {
            reader.malformed("packet type 0");
        } else if (type != PacketType.PUBLISH && first != type.firstByte()) {
            reader.malformed(type + " with flags " + (first & 0x0F)); // [MQTT-2.1.3-1]
        } else if (headerLength - 1 > VariableByteInteger.size(remaining)) {
            reader.malformed("remaining length longer than needed"); // [MQTT-1.5.5-1]
        }
    }

    // CONNECT, 3.1

    private Decoded connect() {
        reader.version(ProtocolVersion.V3_1_1);
        ProtocolVersion version = protocol();
        int flags = reader.readByte();
        checkConnectFlags(flags, version);
        int keepAliveSeconds = reader.readShort();
        Properties properties = properties(PacketType.CONNECT, version);
        String clientId = reader.readText();
        Will will = (flags & CONNECT_WILL) != 0 ? will(flags, version) : null;
        String userName = (flags & CONNECT_USER_NAME) != 0 ? reader.readText() : null;
        byte[] password = (flags & CONNECT_PASSWORD) != 0 ? reader.readBinary() : null;
        return reader.finish(
                new Connect(
                        version,
                        (flags & CONNECT_CLEAN_START) != 0,
                        keepAliveSeconds,
                        clientId,
                        properties,
                        will,
                        userName,
                        password));
    }

    private ProtocolVersion protocol() {
        String name = reader.readText();
        int level = reader.readByte();
        if (name.equals("MQTT") && level == ProtocolVersion.V5.level()) {
            reader.version(ProtocolVersion.V5);
            return ProtocolVersion.V5;
        }
        if (name.equals("MQIsdp") || name.equals("MQTT") && level != 4) {
            String text = "protocol level " + level + ", spoken are 4 and 5";
            reader.fail(ReasonCode.UNSUPPORTED_PROTOCOL_VERSION, text); // 3.1.1, [3.1.2-2]
        } else if (!name.equals("MQTT")) {
            reader.malformed("protocol name is not MQTT"); // [MQTT-3.1.2-1]
        }
        return ProtocolVersion.V3_1_1;
    }

    private void checkConnectFlags(int flags, ProtocolVersion version) {
        boolean will = (flags & CONNECT_WILL) != 0;
        if ((flags & CONNECT_RESERVED) != 0) {
            reader.malformed("reserved connect flag is set"); // [MQTT-3.1.2-3]
        } else if (!will && (flags & (CONNECT_WILL_QOS | CONNECT_WILL_RETAIN)) != 0) {
            reader.malformed("will QoS or retain without a will"); // [MQTT-3.1.2-11], [-13]
        } else if ((flags & CONNECT_WILL_QOS) == CONNECT_WILL_QOS) {
            reader.malformed("will QoS 3"); // [MQTT-3.1.2-12]
        } else if (!version.isV5()
                && (flags & (CONNECT_USER_NAME | CONNECT_PASSWORD)) == CONNECT_PASSWORD) {
            reader.malformed("password without user name"); // 3.1.1, [MQTT-3.1.2-22]
        }
    }

    private Will will(int flags, ProtocolVersion version) {
        Properties properties =
                version.isV5() ? reader.readProperties(Property.Place.WILL) : Properties.EMPTY;
        String topic = reader.readTopic();
        byte[] payload = reader.readBinary();
        int qos = (flags & CONNECT_WILL_QOS) >> 3;
        return new Will(topic, qos, (flags & CONNECT_WILL_RETAIN) != 0, payload, properties);
    }

    // PUBLISH and its acknowledgements, 3.3 to 3.7

    private Decoded publish(int flags, ProtocolVersion version) {
        publish.reset(reader.bytes(), flags);
        int qos = publish.qos();
        if (qos == 3) {
            reader.malformed("QoS 3"); // [MQTT-3.3.1-4]
        } else if (qos == 0 && publish.isDuplicate()) {
            reader.malformed("DUP with QoS 0"); // [MQTT-3.3.1-2]
        }
        int start = reader.position();
        long hash = reader.skipTopic();
        publish.topic(start + 2, reader.position() - start - 2, (int) hash);
        if (qos > 0) {
            publish.packetId(reader.readPacketId());
        }
        if (version.isV5()) {
            reader.readProperties(PacketType.PUBLISH.bit(), publish.properties());
        }
        checkTopicPresent();
        publish.payload(reader.position(), reader.remaining());
        return reader.skipRest(publish);
    }

    private void checkTopicPresent() {
        if (publish.topicLength() == 0 && !publish.properties().has(Property.TOPIC_ALIAS)) {
            // 3.3.2.1, and [MQTT-4.7.3-1] of 3.1.1
            reader.fail(ReasonCode.PROTOCOL_ERROR, "empty topic name and no topic alias");
        }
    }

    private Decoded acknowledgement(PacketType type, ProtocolVersion version) {
        acknowledgement.reset(type, reader.readPacketId());
        if (version.isV5() && reader.remaining() > 0) {
            acknowledgement.reason(reason(type));
            if (reader.remaining() > 0) {
                reader.readProperties(type.bit(), acknowledgement.properties());
            }
        }
        return reader.finish(acknowledgement);
    }

    // SUBSCRIBE, UNSUBSCRIBE and their acknowledgements, 3.8 to 3.11

    private Decoded subscribe(ProtocolVersion version) {
        int packetId = reader.readPacketId();
        Properties properties = properties(PacketType.SUBSCRIBE, version);
        List<Subscription> filters = new ArrayList<>(4);
        while (reader.remaining() > 0) {
            filters.add(new Subscription(filter(), subscriptionOptions(version)));
        }
        if (filters.isEmpty()) {
            reader.fail(ReasonCode.PROTOCOL_ERROR, "no topic filter"); // [MQTT-3.8.3-2]
        }
        return reader.finish(new Subscribe(packetId, properties, filters));
    }

    private int subscriptionOptions(ProtocolVersion version) {
        int options = reader.readByte();
        int reserved = version.isV5() ? 0xC0 : 0xFC;
        if ((options & 3) == 3) {
            reader.malformed("subscription with QoS 3");
        } else if ((options & reserved) != 0) {
            reader.malformed("reserved subscription options are set"); // [MQTT-3.8.3-5]
        } else if ((options & 0x30) == 0x30) {
            reader.fail(ReasonCode.PROTOCOL_ERROR, "retain handling 3");
        }
        return options;
    }

    private Decoded unsubscribe(ProtocolVersion version) {
        int packetId = reader.readPacketId();
        Properties properties = properties(PacketType.UNSUBSCRIBE, version);
        List<String> filters = new ArrayList<>(4);
        while (reader.remaining() > 0) {
            filters.add(filter());
        }
        if (filters.isEmpty()) {
            reader.fail(ReasonCode.PROTOCOL_ERROR, "no topic filter"); // [MQTT-3.10.3-2]
        }
        return reader.finish(new Unsubscribe(packetId, properties, filters));
    }

    private String filter() {
        String filter = reader.readText();
        if (!TopicSyntax.isFilter(filter)) {
            String text = filter.isEmpty() ? "empty topic filter" : "misplaced wildcard";
            reader.fail(ReasonCode.TOPIC_FILTER_INVALID, text); // [MQTT-4.7.1-1], [MQTT-4.7.3-1]
        }
        return filter;
    }

    private Decoded subAck(ProtocolVersion version) {
        int packetId = reader.readPacketId();
        Properties properties = properties(PacketType.SUBACK, version);
        List<ReasonCode> reasons = reasons(PacketType.SUBACK);
        return reader.finish(new SubAck(packetId, properties, reasons));
    }

    private Decoded unsubAck(ProtocolVersion version) {
        int packetId = reader.readPacketId();
        Properties properties = properties(PacketType.UNSUBACK, version);
        List<ReasonCode> reasons = version.isV5() ? reasons(PacketType.UNSUBACK) : List.of();
        return reader.finish(new UnsubAck(packetId, properties, reasons));
    }

    private List<ReasonCode> reasons(PacketType type) {
        List<ReasonCode> reasons = new ArrayList<>(4);
        while (reader.remaining() > 0) {
            reasons.add(reason(type));
        }
        return reasons;
    }

    // CONNACK, DISCONNECT and AUTH, 3.2, 3.14 and 3.15

    private Decoded connAck() {
        ProtocolVersion version = reader.version();
        int flags = reader.readByte();
        if ((flags & 0xFE) != 0) {
            reader.malformed("reserved connect acknowledge flags are set"); // [MQTT-3.2.2-1]
        }
        ReasonCode reason =
                version.isV5() ? reason(PacketType.CONNACK) : ConnAck.reasonOf(reader.readByte());
        Properties properties = properties(PacketType.CONNACK, version);
        return reader.finish(new ConnAck(flags == 1, reason, properties));
    }

    private Decoded disconnect(ProtocolVersion version) {
        boolean bare = !version.isV5() || reader.remaining() == 0;
        ReasonCode reason = bare ? ReasonCode.SUCCESS : reason(PacketType.DISCONNECT);
        return reader.finish(new Disconnect(reason, trailingProperties(PacketType.DISCONNECT)));
    }

    private Decoded auth(ProtocolVersion version) {
        if (!version.isV5()) {
            reader.malformed("packet type 15");
        }
        ReasonCode reason = reader.remaining() == 0 ? ReasonCode.SUCCESS : reason(PacketType.AUTH);
        return reader.finish(new Auth(reason, trailingProperties(PacketType.AUTH)));
    }

    private Properties trailingProperties(PacketType type) {
        boolean absent = !reader.version().isV5() || reader.remaining() == 0;
        return absent ? Properties.EMPTY : reader.readProperties(type.bit());
    }

    private Properties properties(PacketType type, ProtocolVersion version) {
        return version.isV5() ? reader.readProperties(type.bit()) : Properties.EMPTY;
    }

    private ReasonCode reason(PacketType type) {
        int value = reader.readByte();
        ReasonCode reason = ReasonCode.of(value);
        if (reason == null || !reason.isAllowedIn(type)) {
            reader.fail(ReasonCode.PROTOCOL_ERROR, type + " with reason code " + value);
            return ReasonCode.UNSPECIFIED_ERROR;
        }
        return reason;
    }
}
