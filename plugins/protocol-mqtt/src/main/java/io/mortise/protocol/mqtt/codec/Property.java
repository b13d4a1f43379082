// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.mqtt.codec;

import static io.mortise.protocol.mqtt.codec.PacketType.AUTH;
import static io.mortise.protocol.mqtt.codec.PacketType.CONNACK;
import static io.mortise.protocol.mqtt.codec.PacketType.CONNECT;
import static io.mortise.protocol.mqtt.codec.PacketType.DISCONNECT;
import static io.mortise.protocol.mqtt.codec.PacketType.PUBACK;
import static io.mortise.protocol.mqtt.codec.PacketType.PUBCOMP;
import static io.mortise.protocol.mqtt.codec.PacketType.PUBLISH;
import static io.mortise.protocol.mqtt.codec.PacketType.PUBREC;
import static io.mortise.protocol.mqtt.codec.PacketType.PUBREL;
import static io.mortise.protocol.mqtt.codec.PacketType.SUBACK;
import static io.mortise.protocol.mqtt.codec.PacketType.SUBSCRIBE;
import static io.mortise.protocol.mqtt.codec.PacketType.UNSUBACK;
import static io.mortise.protocol.mqtt.codec.PacketType.UNSUBSCRIBE;

import org.jspecify.annotations.Nullable;

/** Properties (MQTT 5.0, 2.2.2.2): identifier, form on the wire, and where each may appear. */
public enum Property {
    PAYLOAD_FORMAT_INDICATOR(0x01, Form.FLAG, Place.WILL | PUBLISH.bit()),
    MESSAGE_EXPIRY_INTERVAL(0x02, Form.FOUR_BYTES, Place.WILL | PUBLISH.bit()),
    CONTENT_TYPE(0x03, Form.TEXT, Place.WILL | PUBLISH.bit()),
    RESPONSE_TOPIC(0x08, Form.TOPIC, Place.WILL | PUBLISH.bit()),
    CORRELATION_DATA(0x09, Form.BINARY, Place.WILL | PUBLISH.bit()),
    SUBSCRIPTION_IDENTIFIER(0x0B, Form.VARIABLE, PUBLISH.bit() | SUBSCRIBE.bit()),
    SESSION_EXPIRY_INTERVAL(
            0x11, Form.FOUR_BYTES, CONNECT.bit() | CONNACK.bit() | DISCONNECT.bit()),
    ASSIGNED_CLIENT_IDENTIFIER(0x12, Form.TEXT, CONNACK.bit()),
    SERVER_KEEP_ALIVE(0x13, Form.TWO_BYTES, CONNACK.bit()),
    AUTHENTICATION_METHOD(0x15, Form.TEXT, CONNECT.bit() | CONNACK.bit() | AUTH.bit()),
    AUTHENTICATION_DATA(0x16, Form.BINARY, CONNECT.bit() | CONNACK.bit() | AUTH.bit()),
    REQUEST_PROBLEM_INFORMATION(0x17, Form.FLAG, CONNECT.bit()),
    WILL_DELAY_INTERVAL(0x18, Form.FOUR_BYTES, Place.WILL),
    REQUEST_RESPONSE_INFORMATION(0x19, Form.FLAG, CONNECT.bit()),
    RESPONSE_INFORMATION(0x1A, Form.TEXT, CONNACK.bit()),
    SERVER_REFERENCE(0x1C, Form.TEXT, CONNACK.bit() | DISCONNECT.bit()),
    REASON_STRING(0x1F, Form.TEXT, Place.ANSWERS),
    RECEIVE_MAXIMUM(0x21, Form.TWO_BYTES_NOT_ZERO, CONNECT.bit() | CONNACK.bit()),
    TOPIC_ALIAS_MAXIMUM(0x22, Form.TWO_BYTES, CONNECT.bit() | CONNACK.bit()),
    TOPIC_ALIAS(0x23, Form.TWO_BYTES, PUBLISH.bit()),
    MAXIMUM_QOS(0x24, Form.FLAG, CONNACK.bit()),
    RETAIN_AVAILABLE(0x25, Form.FLAG, CONNACK.bit()),
    USER_PROPERTY(0x26, Form.PAIR, Place.ANYWHERE),
    MAXIMUM_PACKET_SIZE(0x27, Form.FOUR_BYTES_NOT_ZERO, CONNECT.bit() | CONNACK.bit()),
    WILDCARD_SUBSCRIPTION_AVAILABLE(0x28, Form.FLAG, CONNACK.bit()),
    SUBSCRIPTION_IDENTIFIER_AVAILABLE(0x29, Form.FLAG, CONNACK.bit()),
    SHARED_SUBSCRIPTION_AVAILABLE(0x2A, Form.FLAG, CONNACK.bit());

    private static final @Nullable Property[] BY_IDENTIFIER = new @Nullable Property[0x2B];

    static {
        for (Property property : values()) {
            BY_IDENTIFIER[property.identifier] = property;
        }
    }

    private final int identifier;
    private final Form form;
    private final int places;

    Property(int identifier, Form form, int places) {
        this.identifier = identifier;
        this.form = form;
        this.places = places;
    }

    /** The property with this identifier, or null. */
    static @Nullable Property of(int identifier) {
        return identifier >= 0 && identifier < BY_IDENTIFIER.length
                ? BY_IDENTIFIER[identifier]
                : null;
    }

    /** The identifier on the wire. */
    public int identifier() {
        return identifier;
    }

    Form form() {
        return form;
    }

    /** This property's bit in a mask of the properties that a packet holds. */
    long bit() {
        return 1L << identifier;
    }

    /** Whether the property may stand in the place, a {@link Place} bit or a packet type's bit. */
    boolean isAllowedIn(int place) {
        return (places & place) != 0;
    }

    /** User Property everywhere, Subscription Identifier in a PUBLISH (MQTT 5.0, 3.3.2.3.8). */
    boolean isRepeatableIn(int place) {
        return this == USER_PROPERTY || this == SUBSCRIPTION_IDENTIFIER && place == PUBLISH.bit();
    }

    /** How a value is written. */
    enum Form {
        /** One byte, 0 or 1. */
        FLAG,
        TWO_BYTES,
        TWO_BYTES_NOT_ZERO,
        FOUR_BYTES,
        FOUR_BYTES_NOT_ZERO,
        /** Variable Byte Integer, never zero here. */
        VARIABLE,
        /** UTF-8 with a two-byte length. */
        TEXT,
        /** UTF-8 with a two-byte length and no wildcard characters. */
        TOPIC,
        BINARY,
        /** Two texts. */
        PAIR
    }

    /** Masks of places; the will is the only place that is no packet. */
    static final class Place {
        static final int WILL = 1;
        static final int ANSWERS =
                CONNACK.bit()
                        | PUBACK.bit()
                        | PUBREC.bit()
                        | PUBREL.bit()
                        | PUBCOMP.bit()
                        | SUBACK.bit()
                        | UNSUBACK.bit()
                        | DISCONNECT.bit()
                        | AUTH.bit();
        static final int ANYWHERE =
                WILL
                        | ANSWERS
                        | CONNECT.bit()
                        | PUBLISH.bit()
                        | SUBSCRIBE.bit()
                        | UNSUBSCRIBE.bit();

        private Place() {}
    }
}
