// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.testing.defects;

import io.mortise.spi.storage.StorageEngineProvider;
import io.mortise.spi.testing.tck.LogStorageTck;

/** Run by {@link DefectsTest} alone. */
final class DefectiveEngineTck extends LogStorageTck {
    @Override
    protected StorageEngineProvider provider() {
        return new DefectiveProvider();
    }

    @Override
    protected boolean rebuilds(String path) {
        return path.endsWith(".index");
    }
}
