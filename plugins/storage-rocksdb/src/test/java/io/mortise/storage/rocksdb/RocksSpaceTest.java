// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.rocksdb;

import io.mortise.spi.storage.KeyValueSpaces;
import io.mortise.spi.storage.StorageEngine;
import io.mortise.spi.testing.EngineHarness;
import io.mortise.spi.testing.KeyValueSpaceSuite;
import io.mortise.spi.testing.VolatileFileLayer;

import org.jspecify.annotations.Nullable;

import java.io.IOException;

/** Ordered keys in RocksDB. */
class RocksSpaceTest extends KeyValueSpaceSuite {
    private final EngineHarness bench =
            new EngineHarness(
                            new RocksStorageProvider(),
                            RocksTckTest.SMALL,
                            1,
                            new VolatileFileLayer())
                    .withOwnFiles();
    private @Nullable StorageEngine engine;

    @Override
    protected KeyValueSpaces openEmpty() throws IOException {
        engine = bench.open();
        return (KeyValueSpaces) engine;
    }

    @Override
    protected KeyValueSpaces reopen() throws IOException {
        if (engine != null) {
            engine.close();
        }
        return openEmpty();
    }

    @Override
    protected KeyValueSpaces reopenKilled() throws IOException {
        bench.kill();
        return openEmpty();
    }

    @Override
    protected void closeEngine() {
        bench.dispose();
    }
}
