// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.segment;

import io.mortise.spi.storage.StorageEngineProvider;
import io.mortise.spi.testing.tck.LogStorageTck;

import java.util.Map;

/** The segment engine is an engine, with files and buffers so small that all its paths are met. */
class SegmentTckTest extends LogStorageTck {
    @Override
    protected StorageEngineProvider provider() {
        return new SegmentStorageProvider();
    }

    @Override
    protected Map<String, String> settings() {
        return EngineBench.SMALL;
    }

    @Override
    protected int greatestOpenFiles(int logs, int extents) {
        return logs + extents + 50;
    }

    /** The checkpoint is there twice, and the other file says the version only. */
    @Override
    protected boolean rebuilds(String path) {
        return path.startsWith("checkpoint") || path.equals("meta");
    }
}
