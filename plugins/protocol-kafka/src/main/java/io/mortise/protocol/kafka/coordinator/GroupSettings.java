// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.protocol.kafka.coordinator;

import java.util.Map;

/**
 * Settings of the coordinator.
 *
 * @param kafka keys and values as in Kafka's server.properties, {@code group.*} and {@code
 *     offsets.*}
 * @param partitions of the offsets topic where it does not exist yet
 */
public record GroupSettings(int nodeId, Map<String, String> kafka, int partitions) {
    public GroupSettings {
        kafka = Map.copyOf(kafka);
    }
}
