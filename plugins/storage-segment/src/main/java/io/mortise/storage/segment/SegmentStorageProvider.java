// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.segment;

import io.mortise.spi.storage.StorageContext;
import io.mortise.spi.storage.StorageEngine;
import io.mortise.spi.storage.StorageEngineProvider;

import java.io.IOException;

/** Offers the engine {@code segment}. */
public final class SegmentStorageProvider implements StorageEngineProvider {
    @Override
    public String name() {
        return "segment";
    }

    @Override
    public StorageEngine open(StorageContext context) throws IOException {
        return SegmentEngine.open(context);
    }
}
