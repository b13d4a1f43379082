// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.testing.tck;

import io.mortise.spi.Durability;
import io.mortise.spi.storage.StorageEngine;
import io.mortise.spi.testing.ReplaceSuite;

import org.junit.jupiter.api.AfterEach;

import java.io.IOException;

/** Compaction and logs with gaps, at one level. */
abstract class ReplaceGroup extends ReplaceSuite {
    private final OneLevel under;

    ReplaceGroup(LogStorageTck kit, Durability level) {
        under = new OneLevel(kit, level);
    }

    @AfterEach
    void deleteOwnFiles() {
        under.deleteOwnFiles();
    }

    @Override
    protected StorageEngine openEmpty() throws IOException {
        return under.openEmpty();
    }

    @Override
    protected Durability level() {
        return under.level;
    }

    @Override
    protected void runAside() {
        under.runAside();
    }
}
