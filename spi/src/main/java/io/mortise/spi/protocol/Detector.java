// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.protocol;

import io.netty.buffer.ByteBuf;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * Recognises a protocol by its first bytes. Called on the event loop; must not move the indices.
 */
@ConsumerType
@FunctionalInterface
public interface Detector {
    /** Takes every connection. */
    Detector ANY = bytes -> Detection.MATCH;

    /**
     * @param bytes borrowed; what has arrived so far, at most 64 bytes
     */
    Detection detect(ByteBuf bytes);

    /** What a detector says. */
    enum Detection {
        MATCH,
        NO_MATCH,
        NEED_MORE
    }
}
