// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.testing.tck;

import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.mortise.spi.Durability;
import io.mortise.spi.LogId;
import io.mortise.spi.TenantId;
import io.mortise.spi.TopicId;
import io.mortise.spi.storage.LogConfig;
import io.mortise.spi.storage.LogStorage;
import io.mortise.spi.storage.StorageEngine;
import io.mortise.spi.testing.EngineHarness;
import io.mortise.spi.testing.SimulatedFileLayer;
import io.mortise.spi.testing.Survival;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.UUID;

/** An engine on a disk of its own, which the test can spoil. */
final class World implements AutoCloseable {
    static final int EPOCH = 3;
    static final int EXTENT_BYTES = 10_000;

    final SimulatedFileLayer files;
    final EngineHarness harness;
    private final boolean ownFiles;
    private @Nullable StorageEngine engine;

    World(LogStorageTck kit, long seed) {
        files = new SimulatedFileLayer(seed);
        harness = new EngineHarness(kit.provider(), kit.settings(), seed, files);
        ownFiles = kit.keepsOwnFiles();
        if (ownFiles) {
            harness.withOwnFiles();
        }
    }

    /** An engine's log number so and so. */
    static LogId id(int number) {
        return new LogId(TenantId.DEFAULT, new TopicId(new UUID(9, number)), number, number % 16);
    }

    World open() throws IOException {
        engine = null;
        engine = harness.open();
        return this;
    }

    StorageEngine engine() {
        StorageEngine opened = engine;
        if (opened == null) {
            throw new IllegalStateException("the engine is not open");
        }
        return opened;
    }

    boolean isOpen() {
        return engine != null;
    }

    /** Opens a log with extents so small that tests cross them. */
    LogStorage log(int number, Durability level) throws IOException {
        return engine().openLog(id(number), EPOCH, new LogConfig(level, EXTENT_BYTES, 0));
    }

    /** Ends a round, then does what the engine left for later. */
    void round() throws IOException {
        engine().flush();
        engine().force();
        harness.scheduler().runReady();
    }

    /** The power fails; nothing that was not forced is left. */
    void crash() throws IOException {
        crash(Survival.NOTHING);
    }

    void crash(Survival survival) throws IOException {
        assumeFalse(ownFiles, "the engine keeps files of its own, which survive a loss of power");
        harness.crash(survival);
        open();
    }

    /** The process dies; what was handed to the operating system is left. */
    void kill() throws IOException {
        harness.kill();
        open();
    }

    /** Closes and opens, as an upgrade does. */
    void restart() throws IOException {
        engine().close();
        kill();
    }

    /** Whatever the engine is like now, it is not needed any more. */
    @Override
    public void close() {
        harness.dispose();
    }
}
