// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.mqtt.mapping;

import io.mortise.protocol.mqtt.codec.Property;
import io.mortise.protocol.mqtt.codec.PropertyEncoder;
import io.mortise.protocol.mqtt.codec.TopicSyntax;
import io.mortise.protocol.mqtt.codec.Utf8;
import io.mortise.spi.broker.Delivery;
import io.mortise.spi.plugin.Metrics.Counter;
import io.mortise.spi.record.Header;
import io.mortise.spi.record.HeaderNames;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Record headers as properties of 5.0. A header that MQTT cannot express (name or value are not
 * UTF-8, hold U+0000 or exceed 65535 bytes) stays on the log and is left out here, counted.
 */
public final class OutboundProperties {
    private static final int MAX_BYTES = 0xFFFF;

    private final Counter skippedHeaders;

    public OutboundProperties(Counter skippedHeaders) {
        this.skippedHeaders = skippedHeaders;
    }

    static boolean hasNone(Delivery delivery) {
        return delivery.headers().isEmpty()
                && delivery.remainingExpirySeconds() < 0
                && !delivery.utf8Payload();
    }

    /** The properties that do not depend on who receives, in a heap buffer. */
    ByteBuf encode(Delivery delivery) {
        ByteBuf out = Unpooled.buffer(128);
        if (delivery.utf8Payload()) {
            PropertyEncoder.number(out, Property.PAYLOAD_FORMAT_INDICATOR, 1);
        }
        if (delivery.remainingExpirySeconds() >= 0) {
            PropertyEncoder.number(
                    out, Property.MESSAGE_EXPIRY_INTERVAL, delivery.remainingExpirySeconds());
        }
        List<Header> headers = delivery.headers();
        int once = 0;
        for (int i = 0; i < headers.size(); i++) {
            once |= encode(out, headers.get(i), once);
        }
        return out;
    }

    /**
     * Appends one header.
     *
     * @param once bits of the properties there already that may stand once only
     * @return the bit of such a property, if it was one
     */
    private int encode(ByteBuf out, Header header, int once) {
        byte[] value = header.value();
        int bit = bit(header.name(), value);
        if (bit == 0 || (once & bit) != 0) {
            encodeUser(out, header);
            return 0;
        }
        Property property =
                switch (bit) {
                    case 1 -> Property.CONTENT_TYPE;
                    case 2 -> Property.RESPONSE_TOPIC;
                    default -> Property.CORRELATION_DATA;
                };
        PropertyEncoder.bytes(out, property, value);
        return bit;
    }

    /** 1, 2 or 4 where the header is a property of its own and its value fits that, else 0. */
    private static int bit(String name, byte[] value) {
        return switch (name) {
            case HeaderNames.CONTENT_TYPE -> isText(value) ? 1 : 0;
            case HeaderNames.REPLY_TO -> isTopic(value) ? 2 : 0;
            case HeaderNames.CORRELATION_ID -> value.length <= MAX_BYTES ? 4 : 0;
            default -> 0;
        };
    }

    private void encodeUser(ByteBuf out, Header header) {
        byte[] name = HeaderName.toProperty(header.name()).getBytes(StandardCharsets.UTF_8);
        if (isText(name) && isText(header.value())) {
            PropertyEncoder.user(out, name, header.value());
        } else {
            skippedHeaders.add(1);
        }
    }

    private static boolean isText(byte[] bytes) {
        return bytes.length <= MAX_BYTES && Utf8.isValid(bytes);
    }

    private static boolean isTopic(byte[] bytes) {
        return isText(bytes) && TopicSyntax.isName(new String(bytes, StandardCharsets.UTF_8));
    }
}
