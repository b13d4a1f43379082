// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.memory;

import io.mortise.spi.Durability;
import io.mortise.spi.storage.StorageEngine;
import io.mortise.spi.testing.ReplaceSuite;
import io.mortise.spi.testing.TestMetrics;

/** Compaction of logs in memory. */
class MemoryReplaceTest extends ReplaceSuite {
    @Override
    protected StorageEngine openEmpty() {
        return new MemoryEngine(64 << 20, new TestMetrics());
    }

    @Override
    protected Durability level() {
        return Durability.MEMORY;
    }
}
