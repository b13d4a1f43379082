// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.testing.tck;

import io.mortise.spi.Durability;
import io.mortise.spi.storage.StorageEngine;
import io.mortise.spi.testing.LogStorageSuite;

import org.junit.jupiter.api.AfterEach;

import java.io.IOException;

/** What needs no failure, at one level. */
abstract class PlainGroup extends LogStorageSuite {
    private final OneLevel under;

    PlainGroup(LogStorageTck kit, Durability level) {
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
