// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.mqtt.codec;

import java.util.List;

/**
 * UNSUBSCRIBE (MQTT 5.0, 3.10).
 *
 * @param filters at least one, well formed
 */
public record Unsubscribe(int packetId, Properties properties, List<String> filters)
        implements Packet {
    public Unsubscribe {
        filters = List.copyOf(filters);
    }
}
