// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.testing.tck;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.mortise.spi.Durability;
import io.mortise.spi.storage.StorageEngine;
import io.mortise.spi.testing.ReplaceSuite;

import org.junit.jupiter.api.AfterEach;

import java.io.IOException;

/** Compaction and logs with gaps, at one level. */
abstract class ReplaceGroup extends ReplaceSuite {
    private final Durability level;
    private final World world;
    private final boolean ownFiles;

    ReplaceGroup(LogStorageTck kit, Durability level) {
        this.level = level;
        world = new World(kit, 1);
        ownFiles = kit.keepsOwnFiles();
    }

    @AfterEach
    void deleteOwnFiles() {
        if (ownFiles) {
            world.close();
        }
    }

    @Override
    protected StorageEngine openEmpty() throws IOException {
        StorageEngine opened = world.open().engine();
        assumeTrue(
                opened.durabilities().contains(level),
                () -> "the engine does not declare " + level);
        return opened;
    }

    @Override
    protected Durability level() {
        return level;
    }

    @Override
    protected void runAside() {
        world.harness.scheduler().runReady();
    }
}
