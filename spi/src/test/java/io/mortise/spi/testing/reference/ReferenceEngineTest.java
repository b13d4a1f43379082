// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.testing.reference;

import io.mortise.spi.storage.StorageEngineProvider;
import io.mortise.spi.testing.tck.LogStorageTck;

/** The reference engine passes the kit: this is all that a plugin's test says. */
class ReferenceEngineTest extends LogStorageTck {
    @Override
    protected StorageEngineProvider provider() {
        return new ReferenceStorageProvider();
    }

    @Override
    protected boolean rebuilds(String path) {
        return path.endsWith(".index");
    }
}
