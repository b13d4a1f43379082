// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.segment;

import io.mortise.spi.Durability;
import io.mortise.spi.storage.StorageEngine;
import io.mortise.spi.testing.EngineHarness;
import io.mortise.spi.testing.LogStorageSuite;
import io.mortise.spi.testing.VolatileFileLayer;

import java.io.IOException;

/** The segment engine where nothing goes through the commit log. */
class SegmentOsLevelTest extends LogStorageSuite {
    private final EngineHarness bench = EngineBench.small(1, new VolatileFileLayer());

    @Override
    protected StorageEngine openEmpty() throws IOException {
        return bench.open();
    }

    @Override
    protected Durability level() {
        return Durability.OS;
    }

    @Override
    protected void runAside() {
        bench.scheduler().runReady();
    }
}
