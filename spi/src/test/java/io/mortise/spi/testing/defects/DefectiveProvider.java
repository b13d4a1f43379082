// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.testing.defects;

import io.mortise.spi.storage.StorageContext;
import io.mortise.spi.storage.StorageEngine;
import io.mortise.spi.storage.StorageEngineProvider;
import io.mortise.spi.testing.TestStorageContext;
import io.mortise.spi.testing.reference.ReferenceStorageProvider;

import java.io.IOException;

/** The reference engine with the defect that the system property names. */
final class DefectiveProvider implements StorageEngineProvider {
    static final String PROPERTY = "mortise.tck.defect";
    static final String LEAK = "mortise.tck.leak";

    @Override
    public String name() {
        return "defective";
    }

    @Override
    public StorageEngine open(StorageContext context) throws IOException {
        Defect defect = Defect.valueOf(System.getProperty(PROPERTY, Defect.NONE.name()));
        TestStorageContext world = defect.around((TestStorageContext) context);
        if (defect == Defect.LEAVES_A_TASK) {
            world.scheduler().repeat(() -> {}, 1_000_000_000L);
        }
        if (defect == Defect.HOLDS_ITS_CLASS_LOADER) {
            System.getProperties().put(LEAK + getClass().hashCode(), this);
        }
        return defect.around(new ReferenceStorageProvider().open(world), world);
    }
}
