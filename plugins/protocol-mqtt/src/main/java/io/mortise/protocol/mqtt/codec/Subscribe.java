// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.mqtt.codec;

import java.util.List;

/**
 * SUBSCRIBE (MQTT 5.0, 3.8).
 *
 * @param filters at least one
 */
public record Subscribe(int packetId, Properties properties, List<Subscription> filters)
        implements Packet {
    public Subscribe {
        filters = List.copyOf(filters);
    }
}
