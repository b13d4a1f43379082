// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.memory;

import io.mortise.spi.storage.StorageContext;
import io.mortise.spi.storage.StorageEngine;
import io.mortise.spi.storage.StorageEngineProvider;

import org.jspecify.annotations.Nullable;

/** Offers the engine {@code memory}. */
public final class MemoryStorageProvider implements StorageEngineProvider {
    @Override
    public String name() {
        return "memory";
    }

    @Override
    public StorageEngine open(StorageContext context) {
        String whenFull = context.config().optional("whenFull");
        return new MemoryEngine(
                context.config().integer("maxBytes"), dropsOldest(whenFull), context.metrics());
    }

    private static boolean dropsOldest(@Nullable String whenFull) {
        if (whenFull != null && !whenFull.equals("refuse") && !whenFull.equals("drop-oldest")) {
            throw new IllegalArgumentException(
                    "whenFull is '" + whenFull + "'; it may be 'refuse' or 'drop-oldest'");
        }
        return "drop-oldest".equals(whenFull);
    }
}
