// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.segment;

import io.mortise.spi.storage.StorageEngineProvider;
import io.mortise.spi.testing.tck.LogStorageTck;

import java.util.HashMap;
import java.util.Map;

/** The segment engine is an engine where most of what is old lies in packs. */
class SegmentPackTckTest extends LogStorageTck {
    @Override
    protected StorageEngineProvider provider() {
        return new SegmentStorageProvider();
    }

    @Override
    protected Map<String, String> settings() {
        var settings = new HashMap<>(EngineBench.PACKING);
        settings.put("commitFileBytes", "20000");
        settings.put("commitLogBytes", "20000");
        return settings;
    }

    @Override
    protected int greatestOpenFiles(int logs, int extents) {
        return logs + extents + 50;
    }

    /** Only sealed extents have a check of the engine's own: see the README. */
    @Override
    protected boolean checksLeaderEpochs() {
        return false;
    }
}
