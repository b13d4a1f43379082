// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.rocksdb;

import io.mortise.spi.storage.StorageEngineProvider;
import io.mortise.spi.testing.tck.LogStorageTck;

import java.util.Map;

/** RocksDB is an engine, with buffers so small that it writes tables while it is looked at. */
class RocksTckTest extends LogStorageTck {
    static final Map<String, String> SMALL =
            Map.of(
                    "writeBufferBytes", "65536",
                    "blockCacheBytes", "1048576",
                    "backgroundThreads", "2",
                    "reserveBytes", "1048576");

    @Override
    protected StorageEngineProvider provider() {
        return new RocksStorageProvider();
    }

    @Override
    protected Map<String, String> settings() {
        return SMALL;
    }

    @Override
    protected boolean keepsOwnFiles() {
        return true;
    }
}
