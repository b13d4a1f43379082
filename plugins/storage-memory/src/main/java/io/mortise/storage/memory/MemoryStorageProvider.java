// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.memory;

import io.mortise.spi.storage.StorageContext;
import io.mortise.spi.storage.StorageEngine;
import io.mortise.spi.storage.StorageEngineProvider;

/** Offers the engine {@code memory}. */
public final class MemoryStorageProvider implements StorageEngineProvider {
    @Override
    public String name() {
        return "memory";
    }

    @Override
    public StorageEngine open(StorageContext context) {
        return new MemoryEngine(context.config().integer("maxBytes"), context.metrics());
    }
}
