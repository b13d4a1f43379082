// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.record;

/**
 * Names of record headers that carry properties across protocols; docs/mapping.md is the whole
 * table. Names with the prefix {@code m.} are the broker's: believed only in batches with {@link
 * BatchHeader#BROKER_BUILT}.
 */
public final class HeaderNames {
    /** MIME type of the value, UTF-8. */
    public static final String CONTENT_TYPE = "content-type";

    /** Address that an answer goes to (MQTT Response Topic), UTF-8. */
    public static final String REPLY_TO = "reply-to";

    /** Opaque bytes that an answer repeats (MQTT Correlation Data). */
    public static final String CORRELATION_ID = "correlation-id";

    /** Prefix of the broker's own headers. */
    public static final String RESERVED_PREFIX = "m.";

    /** Quality of service that it was published at: one byte 0 or 2; absent means 1. */
    public static final String QOS = "m.q";

    /** Published with the retain flag: an empty value. */
    public static final String RETAINED = "m.r";

    /** Lifetime in seconds from the record's timestamp: four bytes, unsigned, big endian. */
    public static final String EXPIRY_SECONDS = "m.x";

    /**
     * An inbound exactly-once publish: session incarnation (8 bytes), the session's count of such
     * publishes (8), packet identifier (2), all big endian, client id (UTF-8).
     */
    public static final String EXACTLY_ONCE = "m.e";

    /** Session that published, for subscriptions that do not want their own: client id (UTF-8). */
    public static final String ORIGIN = "m.o";

    /** MQTT Payload Format Indicator 1 (UTF-8 text): an empty value. */
    public static final String UTF8_PAYLOAD = "m.u";

    private HeaderNames() {}
}
