// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import io.mortise.kernel.directory.LogDirectory;
import io.mortise.spi.Durability;
import io.mortise.spi.LogId;
import io.mortise.spi.storage.StorageEngine;

import java.util.Set;

/**
 * An engine that runs here over one directory, and who writes to it.
 *
 * @param found the logs that it had when it was opened
 */
record HostedEngine(
        String name,
        LogDirectory directory,
        StorageEngine engine,
        EngineWriter writer,
        Set<LogId> found) {
    /** Whether it keeps anything in its directory; else one instance serves all. */
    boolean onDisk() {
        Set<Durability> given = engine.durabilities();
        return given.contains(Durability.OS) || given.contains(Durability.DISK);
    }
}
