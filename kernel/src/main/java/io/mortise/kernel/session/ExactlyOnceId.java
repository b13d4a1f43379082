// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.session;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.mortise.kernel.record.HeaderCursor;
import io.mortise.spi.record.HeaderNames;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;

/**
 * What an exactly-once publish carries in its record ({@link HeaderNames#EXACTLY_ONCE}), so that
 * recovery can tell which ones got their place before the session's own note of it was durable.
 *
 * @param sequence counts the session's exactly-once publishes from 1
 * @param identifier the client's, 1 to 65535
 */
record ExactlyOnceId(long incarnation, long sequence, int identifier, String clientId) {
    private static final byte[] NAME = HeaderNames.EXACTLY_ONCE.getBytes(US_ASCII);
    private static final int FIXED_BYTES = 18;

    byte[] encode() {
        byte[] client = clientId.getBytes(UTF_8);
        return ByteBuffer.allocate(FIXED_BYTES + client.length)
                .putLong(incarnation)
                .putLong(sequence)
                .putShort((short) identifier)
                .put(client)
                .array();
    }

    /** The first one among a record's headers, or null. */
    static @Nullable ExactlyOnceId find(HeaderCursor headers) {
        while (headers.next()) {
            if (headers.named(NAME) && headers.valueLength() >= FIXED_BYTES) {
                int at = headers.valueIndex();
                String client =
                        headers.buffer()
                                .toString(
                                        at + FIXED_BYTES,
                                        headers.valueLength() - FIXED_BYTES,
                                        UTF_8);
                return new ExactlyOnceId(
                        headers.buffer().getLong(at),
                        headers.buffer().getLong(at + 8),
                        headers.buffer().getUnsignedShort(at + 16),
                        client);
            }
        }
        return null;
    }
}
