// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.rocksdb;

import io.mortise.spi.storage.StorageContext;

/** The plugin's settings; see plugin.json. */
record Settings(
        long writeBufferBytes, long blockCacheBytes, int backgroundThreads, long reserveBytes) {
    static Settings of(StorageContext context) {
        var config = context.config();
        return new Settings(
                config.integer("writeBufferBytes"),
                config.integer("blockCacheBytes"),
                Math.toIntExact(config.integer("backgroundThreads")),
                config.integer("reserveBytes"));
    }
}
