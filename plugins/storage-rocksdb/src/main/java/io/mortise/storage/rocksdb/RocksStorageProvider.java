// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.rocksdb;

import io.mortise.spi.storage.StorageContext;
import io.mortise.spi.storage.StorageEngine;
import io.mortise.spi.storage.StorageEngineProvider;

import java.io.IOException;

/** Offers the engine {@code rocksdb}. */
public final class RocksStorageProvider implements StorageEngineProvider {
    @Override
    public String name() {
        return "rocksdb";
    }

    /** Reads nothing and loads nothing native where the engine has never been used. */
    @Override
    public StorageEngine open(StorageContext context) throws IOException {
        var engine =
                new RocksEngine(
                        new DatabaseFiles(context),
                        Settings.of(context),
                        context.clock(),
                        context.metrics());
        engine.openIfPresent();
        return engine;
    }
}
