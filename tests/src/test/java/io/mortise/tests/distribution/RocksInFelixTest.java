// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.tests.distribution;

import java.util.Map;

/** RocksDB passes the kit in Felix, its natives out of the bundle. */
final class RocksInFelixTest extends InFelix {
    private static final Map<String, String> SMALL =
            Map.of(
                    "writeBufferBytes", "65536",
                    "blockCacheBytes", "1048576",
                    "backgroundThreads", "2",
                    "reserveBytes", "1048576");

    RocksInFelixTest() {
        super("storage-rocksdb");
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
