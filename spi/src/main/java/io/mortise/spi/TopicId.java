// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi;

import java.util.UUID;

/**
 * Identity of a topic; a topic that is deleted and created again under its old name has a new one.
 *
 * @param uuid as Kafka's topic ids (KIP-516)
 */
public record TopicId(UUID uuid) {
    @Override
    public String toString() {
        return uuid.toString();
    }
}
