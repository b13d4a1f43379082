// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.testing.reference;

import io.mortise.spi.storage.StorageContext;
import io.mortise.spi.storage.StorageEngine;
import io.mortise.spi.storage.StorageEngineProvider;

import java.io.IOException;

/** Offers the engine {@code reference}; a plugin names its provider in a service file. */
public final class ReferenceStorageProvider implements StorageEngineProvider {
    @Override
    public String name() {
        return "reference";
    }

    @Override
    public StorageEngine open(StorageContext context) throws IOException {
        return ReferenceEngine.open(context);
    }
}
