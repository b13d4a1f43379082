// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.mqtt.codec;

/**
 * A frame that is no packet. The connection must be closed (MQTT 5.0, 4.13.1).
 *
 * @param reason what to tell a 5.0 client
 * @param text what is wrong, for the Reason String and the log; holds nothing the client sent but
 *     numbers
 * @param version the version in which the answer is written; for a CONNECT whose version was not
 *     reached or is not spoken this is {@link ProtocolVersion#V3_1_1}
 */
public record Malformed(ReasonCode reason, String text, ProtocolVersion version)
        implements Decoded {}
