// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.delivery;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.mortise.kernel.record.HeaderEncoder;
import io.mortise.spi.broker.Message;
import io.mortise.spi.record.Header;
import io.mortise.spi.record.HeaderNames;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

import org.jspecify.annotations.Nullable;

import java.util.List;

/**
 * The headers that a message gets in the log: its own, and the broker's where they say more than
 * the default. Reused for one message after the other; not thread-safe.
 */
public final class MessageHeaders {
    private static final byte[] QOS = HeaderNames.QOS.getBytes(US_ASCII);
    private static final byte[] RETAINED = HeaderNames.RETAINED.getBytes(US_ASCII);
    private static final byte[] EXPIRY = HeaderNames.EXPIRY_SECONDS.getBytes(US_ASCII);
    private static final byte[] ORIGIN = HeaderNames.ORIGIN.getBytes(US_ASCII);
    private static final byte[] EXACTLY_ONCE = HeaderNames.EXACTLY_ONCE.getBytes(US_ASCII);
    private static final byte[] NOTHING = {};
    private static final byte[][] QOS_VALUES = {{0}, {1}, {2}};

    private final ByteBuf bytes = Unpooled.buffer(64);
    private int count;

    /**
     * Encodes the headers of {@code message}.
     *
     * @param origin client id of the publisher where it must be known, or null
     * @param exactlyOnce identity of an exactly-once publish, or null
     */
    public void encode(Message message, byte @Nullable [] origin, byte @Nullable [] exactlyOnce) {
        bytes.clear();
        count = 0;
        if (message.qos() != 1) {
            add(QOS, QOS_VALUES[message.qos()]);
        }
        if (message.retained()) {
            add(RETAINED, NOTHING);
        }
        if (message.expirySeconds() >= 0) {
            add(EXPIRY, fourBytes(message.expirySeconds()));
        }
        if (origin != null) {
            add(ORIGIN, origin);
        }
        if (exactlyOnce != null) {
            add(EXACTLY_ONCE, exactlyOnce);
        }
        List<Header> own = message.headers();
        for (int i = 0; i < own.size(); i++) {
            HeaderEncoder.write(bytes, own.get(i).name(), own.get(i).value());
        }
        count += own.size();
    }

    private void add(byte[] name, byte[] value) {
        HeaderEncoder.write(bytes, name, value);
        count++;
    }

    private static byte[] fourBytes(long unsigned) {
        int value = (int) unsigned;
        return new byte[] {
            (byte) (value >>> 24), (byte) (value >>> 16), (byte) (value >>> 8), (byte) value
        };
    }

    /** The encoded headers; borrowed until the next {@link #encode}. */
    public ByteBuf bytes() {
        return bytes;
    }

    /** How many there are. */
    public int count() {
        return count;
    }
}
