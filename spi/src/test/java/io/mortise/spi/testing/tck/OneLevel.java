// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.testing.tck;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.mortise.spi.Durability;
import io.mortise.spi.storage.StorageEngine;

import java.io.IOException;

/** An engine under a suite that knows one level. */
final class OneLevel {
    final Durability level;
    private final World world;
    private final boolean ownFiles;

    OneLevel(LogStorageTck kit, Durability level) {
        this.level = level;
        this.world = new World(kit, 1);
        this.ownFiles = kit.keepsOwnFiles();
    }

    /** Skips the test unless the engine declares the level. */
    StorageEngine openEmpty() throws IOException {
        StorageEngine opened = world.open().engine();
        assumeTrue(
                opened.durabilities().contains(level),
                () -> "the engine does not declare " + level);
        return opened;
    }

    void runAside() {
        world.harness.scheduler().runReady();
    }

    void deleteOwnFiles() {
        if (ownFiles) {
            world.close();
        }
    }
}
