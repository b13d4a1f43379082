// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.mqtt.codec;

import java.util.List;

/**
 * SUBACK (MQTT 5.0, 3.9). In 3.1.1 every error is written as 0x80.
 *
 * @param reasons one for each filter, in order
 */
public record SubAck(int packetId, Properties properties, List<ReasonCode> reasons)
        implements Packet {
    public SubAck {
        reasons = List.copyOf(reasons);
    }
}
