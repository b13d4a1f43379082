// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.mqtt.mapping;

import io.mortise.protocol.mqtt.codec.Properties;
import io.mortise.protocol.mqtt.codec.Property;
import io.mortise.protocol.mqtt.codec.PropertyCursor;
import io.mortise.protocol.mqtt.codec.Publish;
import io.mortise.protocol.mqtt.codec.Will;
import io.mortise.spi.broker.Address;
import io.mortise.spi.broker.Message;
import io.mortise.spi.broker.Sessions;
import io.mortise.spi.record.Header;
import io.mortise.spi.record.HeaderNames;
import io.netty.buffer.Unpooled;

import java.util.ArrayList;
import java.util.List;

/** What clients publish, as messages for the log. */
public final class InboundMapping {
    private static final byte[] NO_BYTES = {};
    private static final long NEVER = -1;

    private InboundMapping() {}

    /**
     * The message of a PUBLISH.
     *
     * @param address of the packet's topic
     * @return a message that holds a new reference to the packet's buffer
     */
    public static Message message(Publish packet, Address address) {
        Properties properties = packet.properties();
        return new Message(
                address,
                packet.frame().retainedSlice(packet.payloadIndex(), packet.payloadLength()),
                headers(properties),
                (byte) packet.qos(),
                packet.isRetain(),
                properties.number(Property.MESSAGE_EXPIRY_INTERVAL, NEVER));
    }

    /** The will of a CONNECT. */
    public static Sessions.Will will(Will will) {
        Properties properties = will.properties();
        Message message =
                new Message(
                        Address.of(will.topic()),
                        Unpooled.wrappedBuffer(will.payload()),
                        headers(properties),
                        (byte) will.qos(),
                        will.retain(),
                        properties.number(Property.MESSAGE_EXPIRY_INTERVAL, NEVER));
        return new Sessions.Will(message, properties.number(Property.WILL_DELAY_INTERVAL, 0));
    }

    /** The properties that travel as headers, in the order they came. */
    static List<Header> headers(Properties properties) {
        if (properties.isEmpty()) {
            return List.of();
        }
        List<Header> headers = new ArrayList<>(4);
        PropertyCursor cursor = properties.cursor();
        while (cursor.next()) {
            add(headers, cursor);
        }
        return headers.isEmpty() ? List.of() : headers;
    }

    private static void add(List<Header> headers, PropertyCursor cursor) {
        switch (cursor.property()) {
            case CONTENT_TYPE -> add(headers, HeaderNames.CONTENT_TYPE, cursor);
            case RESPONSE_TOPIC -> add(headers, HeaderNames.REPLY_TO, cursor);
            case CORRELATION_DATA -> add(headers, HeaderNames.CORRELATION_ID, cursor);
            case USER_PROPERTY -> add(headers, HeaderName.toHeader(cursor.name()), cursor);
            case PAYLOAD_FORMAT_INDICATOR -> {
                if (cursor.number() == 1) { // 0 says no more than its absence (3.3.2.3.2)
                    headers.add(new Header(HeaderNames.UTF8_PAYLOAD, NO_BYTES));
                }
            }
            default -> {} // told in the message itself, or not meant for receivers
        }
    }

    private static void add(List<Header> headers, String name, PropertyCursor cursor) {
        headers.add(new Header(name, cursor.binary()));
    }
}
