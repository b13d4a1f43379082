// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.segment;

import io.mortise.spi.Durability;
import io.mortise.spi.storage.StorageEngine;
import io.mortise.spi.testing.LogStorageSuite;

import java.io.IOException;

/** The segment engine is an engine, as it is shipped. */
class SegmentStorageTest extends LogStorageSuite {
    private final EngineBench bench = new EngineBench(1);

    @Override
    protected StorageEngine openEmpty() throws IOException {
        return bench.open();
    }

    @Override
    protected Durability level() {
        return Durability.DISK;
    }

    @Override
    protected void runAside() {
        bench.scheduler().runReady();
    }
}
