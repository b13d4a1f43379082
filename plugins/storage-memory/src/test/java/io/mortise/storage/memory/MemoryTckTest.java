// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.memory;

import io.mortise.spi.storage.StorageEngineProvider;
import io.mortise.spi.testing.tck.LogStorageTck;

import java.util.Map;

/** The memory engine is an engine, of level MEMORY alone. */
class MemoryTckTest extends LogStorageTck {
    @Override
    protected StorageEngineProvider provider() {
        return new MemoryStorageProvider();
    }

    @Override
    protected Map<String, String> settings() {
        return Map.of("maxBytes", "48000000"); // the long run has 10 000 logs of a page each
    }
}
