// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import io.mortise.spi.storage.StorageEngineProvider;
import io.mortise.spi.testing.reference.ReferenceStorageProvider;

import java.util.Map;

final class DirectoriesModelTest extends DirectoriesModelSuite {
    @Override
    protected StorageEngineProvider provider() {
        return new ReferenceStorageProvider();
    }

    @Override
    protected Map<String, String> settings() {
        return Map.of();
    }
}
