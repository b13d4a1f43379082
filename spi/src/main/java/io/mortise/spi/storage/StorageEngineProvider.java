// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.storage;

import org.osgi.annotation.versioning.ConsumerType;

import java.io.IOException;

/** What a storage plugin offers; found by {@link java.util.ServiceLoader}. */
@ConsumerType
public interface StorageEngineProvider {
    /**
     * The value of the topic config {@code storage.engine} that chooses this engine, e.g. {@code
     * segment}.
     */
    String name();

    /**
     * Opens the engine over what its files hold, recovering after a crash. The caller may block.
     *
     * @throws IOException unreadable or newer files; the message names file, version found and
     *     version understood
     */
    StorageEngine open(StorageContext context) throws IOException;
}
