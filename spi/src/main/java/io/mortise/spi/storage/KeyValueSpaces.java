// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.storage;

import org.osgi.annotation.versioning.ConsumerType;

import java.io.IOException;

/** What a {@link StorageEngine} that can keep ordered keys beside its logs is, too. Any thread. */
@ConsumerType
public interface KeyValueSpaces {
    /**
     * Opens a space, empty if absent.
     *
     * @param name 1 to 200 characters out of {@code a-z 0-9 . _ -}
     * @throws IllegalArgumentException no such name
     * @throws IllegalStateException if that space is open
     */
    KeyValueSpace openSpace(String name) throws IOException;

    /**
     * Deletes a closed space with all it holds. Absent is no error.
     *
     * @throws IllegalStateException if that space is open
     */
    void deleteSpace(String name) throws IOException;

    /** Whether what spaces hold outlives the engine. */
    boolean persistent();
}
