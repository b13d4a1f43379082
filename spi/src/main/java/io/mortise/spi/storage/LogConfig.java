// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.storage;

import io.mortise.spi.Durability;

/**
 * How a log is kept.
 *
 * @param durability the topic's level
 * @param extentBytes about how many bytes may be dropped at once by retention (Kafka's {@code
 *     segment.bytes})
 * @param startOffset of a log that does not exist yet
 */
public record LogConfig(Durability durability, int extentBytes, long startOffset) {
    /** The configuration of an ordinary new log. */
    public static LogConfig of(Durability durability) {
        return new LogConfig(durability, 64 << 20, 0);
    }
}
