// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.segment;

import io.mortise.spi.Durability;
import io.mortise.spi.storage.StorageEngine;
import io.mortise.spi.testing.EngineHarness;
import io.mortise.spi.testing.ReplaceSuite;
import io.mortise.spi.testing.VolatileFileLayer;

import java.io.IOException;

/** Compaction of logs that never meet the commit log. */
class SegmentReplaceOsTest extends ReplaceSuite {
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
