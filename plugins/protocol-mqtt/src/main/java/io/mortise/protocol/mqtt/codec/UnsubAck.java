// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.mqtt.codec;

import java.util.List;

/**
 * UNSUBACK (MQTT 5.0, 3.11).
 *
 * @param reasons one for each filter, in order; not written in 3.1.1
 */
public record UnsubAck(int packetId, Properties properties, List<ReasonCode> reasons)
        implements Packet {
    public UnsubAck {
        reasons = List.copyOf(reasons);
    }
}
