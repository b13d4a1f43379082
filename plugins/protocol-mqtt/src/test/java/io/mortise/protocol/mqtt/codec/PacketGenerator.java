// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.mqtt.codec;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Well-formed packets of every type, drawn from a seed. */
final class PacketGenerator {
    private static final String[] TEXTS = {
        "", "a", "sensor/1", "Grüße", "日本語のテキスト", "👋🏽 wave", "plain ascii text of some length",
    };
    private static final String[] TOPICS = {
        "a", "/", "factory/line1/temp", "a//b", "/leading", "überall/日本", "$SYS/x", "x".repeat(300),
    };
    private static final String[] FILTERS = {
        "#", "+", "a/+/b/#", "/+", "factory/line1/temp", "+/+", "日本/#", "$share/g/a/b",
    };

    private final Random random;

    PacketGenerator(long seed) {
        random = new Random(seed);
    }

    ProtocolVersion version() {
        return random.nextBoolean() ? ProtocolVersion.V5 : ProtocolVersion.V3_1_1;
    }

    Packet packet(ProtocolVersion version) {
        return switch (random.nextInt(version.isV5() ? 15 : 14)) {
            case 0 -> connect(version);
            case 1 -> connAck(version);
            case 2, 3, 4 -> publish(version);
            case 5, 6, 7 -> acknowledgement(version);
            case 8 -> subscribe(version);
            case 9 -> subAck(version);
            case 10 ->
                    new Unsubscribe(
                            packetId(),
                            properties(PacketType.UNSUBSCRIBE.bit(), version),
                            filters());
            case 11 -> unsubAck(version);
            case 12 -> random.nextBoolean() ? Ping.REQUEST : Ping.RESPONSE;
            case 13 -> disconnect(version);
            default ->
                    new Auth(reason(PacketType.AUTH), properties(PacketType.AUTH.bit(), version));
        };
    }

    Connect connect(ProtocolVersion version) {
        String userName = random.nextBoolean() ? pick(TEXTS) : null;
        boolean mayHavePassword = version.isV5() || userName != null;
        return new Connect(
                version,
                random.nextBoolean(),
                random.nextInt(65536),
                pick(TEXTS),
                properties(PacketType.CONNECT.bit(), version),
                random.nextBoolean() ? will(version) : null,
                userName,
                mayHavePassword && random.nextBoolean() ? bytes(20) : null);
    }

    Publish publish(ProtocolVersion version) {
        int qos = random.nextInt(3);
        Properties properties = properties(PacketType.PUBLISH.bit(), version);
        return Publish.of(
                pick(TOPICS),
                qos,
                qos > 0 && random.nextBoolean(),
                random.nextBoolean(),
                qos > 0 ? packetId() : 0,
                properties,
                bytes(random.nextInt(5) == 0 ? 20_000 : 200));
    }

    private Will will(ProtocolVersion version) {
        return new Will(
                pick(TOPICS),
                random.nextInt(3),
                random.nextBoolean(),
                bytes(50),
                properties(Property.Place.WILL, version));
    }

    private ConnAck connAck(ProtocolVersion version) {
        ReasonCode reason =
                version.isV5() ? reason(PacketType.CONNACK) : ConnAck.reasonOf(random.nextInt(6));
        Properties properties = properties(PacketType.CONNACK.bit(), version);
        return new ConnAck(random.nextBoolean(), reason, properties);
    }

    private Acknowledgement acknowledgement(ProtocolVersion version) {
        PacketType[] types = {
            PacketType.PUBACK, PacketType.PUBREC, PacketType.PUBREL, PacketType.PUBCOMP
        };
        PacketType type = types[random.nextInt(types.length)];
        ReasonCode reason = version.isV5() ? reason(type) : ReasonCode.SUCCESS;
        return new Acknowledgement(type, packetId(), reason, properties(type.bit(), version));
    }

    private Subscribe subscribe(ProtocolVersion version) {
        List<Subscription> subscriptions = new ArrayList<>();
        for (String filter : filters()) {
            boolean v5 = version.isV5();
            int options =
                    Subscription.options(
                            random.nextInt(3),
                            v5 && random.nextBoolean(),
                            v5 && random.nextBoolean(),
                            v5 ? random.nextInt(3) : 0);
            subscriptions.add(new Subscription(filter, options));
        }
        Properties properties = properties(PacketType.SUBSCRIBE.bit(), version);
        return new Subscribe(packetId(), properties, subscriptions);
    }

    private SubAck subAck(ProtocolVersion version) {
        List<ReasonCode> reasons = new ArrayList<>();
        for (int i = random.nextInt(5); i >= 0; i--) {
            ReasonCode v3 =
                    random.nextBoolean()
                            ? ReasonCode.UNSPECIFIED_ERROR
                            : ReasonCode.granted(random.nextInt(3));
            reasons.add(version.isV5() ? reason(PacketType.SUBACK) : v3);
        }
        return new SubAck(packetId(), properties(PacketType.SUBACK.bit(), version), reasons);
    }

    private UnsubAck unsubAck(ProtocolVersion version) {
        List<ReasonCode> reasons = new ArrayList<>();
        for (int i = version.isV5() ? random.nextInt(5) : -1; i >= 0; i--) {
            reasons.add(reason(PacketType.UNSUBACK));
        }
        return new UnsubAck(packetId(), properties(PacketType.UNSUBACK.bit(), version), reasons);
    }

    private Disconnect disconnect(ProtocolVersion version) {
        ReasonCode reason = version.isV5() ? reason(PacketType.DISCONNECT) : ReasonCode.SUCCESS;
        return new Disconnect(reason, properties(PacketType.DISCONNECT.bit(), version));
    }

    private Properties properties(int place, ProtocolVersion version) {
        if (!version.isV5() || random.nextInt(3) == 0) {
            return Properties.EMPTY;
        }
        Properties.Builder builder = Properties.builder();
        for (Property property : Property.values()) {
            int times = property.isRepeatableIn(place) ? 3 : 1;
            for (int i = 0; i < times; i++) {
                if (property.isAllowedIn(place) && random.nextInt(3) == 0) {
                    add(builder, property);
                }
            }
        }
        return builder.build();
    }

    private void add(Properties.Builder builder, Property property) {
        switch (property.form()) {
            case FLAG -> builder.number(property, random.nextInt(2));
            case TWO_BYTES -> builder.number(property, random.nextInt(65536));
            case TWO_BYTES_NOT_ZERO -> builder.number(property, packetId());
            case FOUR_BYTES -> builder.number(property, random.nextLong(1L << 32));
            case FOUR_BYTES_NOT_ZERO -> builder.number(property, 1 + random.nextLong(1L << 31));
            case VARIABLE -> builder.number(property, 1L + random.nextInt(1 << random.nextInt(28)));
            case TEXT -> builder.text(property, pick(TEXTS));
            case TOPIC -> builder.text(property, pick(TOPICS));
            case BINARY -> builder.binary(property, bytes(30));
            case PAIR -> builder.user(pick(TEXTS), pick(TEXTS));
        }
    }

    private List<String> filters() {
        List<String> filters = new ArrayList<>();
        for (int i = random.nextInt(4); i >= 0; i--) {
            filters.add(pick(FILTERS));
        }
        return filters;
    }

    private ReasonCode reason(PacketType type) {
        @Nullable ReasonCode reason = null;
        while (reason == null || !reason.isAllowedIn(type)) {
            reason = ReasonCode.values()[random.nextInt(ReasonCode.values().length)];
        }
        return reason;
    }

    private int packetId() {
        return 1 + random.nextInt(65535);
    }

    private byte[] bytes(int bound) {
        byte[] bytes = new byte[random.nextInt(bound)];
        random.nextBytes(bytes);
        return bytes;
    }

    private String pick(String[] choices) {
        return choices[random.nextInt(choices.length)];
    }
}
