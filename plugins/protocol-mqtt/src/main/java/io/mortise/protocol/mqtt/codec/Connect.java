// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.mqtt.codec;

import org.jspecify.annotations.Nullable;

/**
 * CONNECT (MQTT 5.0, 3.1).
 *
 * @param cleanStart Clean Start, in 3.1.1 Clean Session
 * @param keepAliveSeconds 0 to 65535, 0 for none
 * @param clientId as sent, perhaps empty
 * @param properties empty in 3.1.1
 * @param password as sent; not copied, not to be changed
 */
public record Connect(
        ProtocolVersion version,
        boolean cleanStart,
        int keepAliveSeconds,
        String clientId,
        Properties properties,
        @Nullable Will will,
        @Nullable String userName,
        byte @Nullable [] password)
        implements Packet {

    /** Session Expiry Interval; a 3.1.1 session without Clean Session never expires. */
    public long sessionExpirySeconds() {
        return version.isV5()
                ? properties.number(Property.SESSION_EXPIRY_INTERVAL, 0)
                : cleanStart ? 0 : Properties.NEVER;
    }

    /** Names the client only: neither user nor password belong in a log. */
    @Override
    public String toString() {
        return "Connect[" + version + ", clientId=" + clientId + "]";
    }
}
