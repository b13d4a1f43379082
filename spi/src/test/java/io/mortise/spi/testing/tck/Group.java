// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.testing.tck;

import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.mortise.spi.Durability;
import io.mortise.spi.storage.LogSlice;
import io.mortise.spi.storage.LogStorage;
import io.mortise.spi.storage.StorageEngine;
import io.mortise.spi.testing.TestBatches;

import org.junit.jupiter.api.AfterEach;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** What the groups of tests share. */
abstract class Group {
    static final int EPOCH = World.EPOCH;

    final LogStorageTck kit;
    private final List<World> worlds = new ArrayList<>();

    Group(LogStorageTck kit) {
        this.kit = kit;
    }

    @AfterEach
    final void closeWorlds() {
        worlds.forEach(World::close);
    }

    /** A world whose engine is not open yet. */
    final World world(long seed) {
        var world = new World(kit, seed);
        worlds.add(world);
        return world;
    }

    /** Forgets a world in a test that needs many. */
    final void done(World world) {
        world.close();
        worlds.remove(world);
    }

    /** Twenty times as many with {@code --deep}. */
    static int seeds(int count) {
        return Boolean.getBoolean("mortise.deep") ? count * 20 : count;
    }

    final Set<Durability> levels() {
        try (World world = new World(kit, 0);
                StorageEngine engine = world.open().engine()) {
            return Set.copyOf(engine.durabilities());
        } catch (IOException failure) {
            throw new AssertionError("the engine does not open on an empty disk", failure);
        }
    }

    /** The strongest level that the engine declares. */
    final Durability strongest() {
        Durability strongest = Durability.NONE;
        for (Durability each : levels()) {
            strongest = each.compareTo(strongest) > 0 ? each : strongest;
        }
        return strongest;
    }

    /** Skips the test unless the engine declares the level. */
    final void requireLevel(Durability level) {
        assumeTrue(levels().contains(level), () -> "the engine does not declare " + level);
    }

    /** Skips the test unless the disk can be spoilt. */
    final void requireSimulatedFiles() {
        assumeFalse(kit.keepsOwnFiles(), "the engine keeps files of its own");
    }

    /** Skips the test unless the engine declares a level that outlives it. */
    final void requireFiles() {
        assumeTrue(
                strongest().compareTo(Durability.OS) >= 0,
                "the engine declares nothing that outlives it");
    }

    /** Appends batches of one record and gives their bytes. */
    static byte[] fill(World world, LogStorage log, int batches, int size, int perRound)
            throws IOException {
        var all = new ByteArrayOutputStream();
        for (int i = 0; i < batches; i++) {
            all.writeBytes(TestBatches.append(log, EPOCH, 1, size, log.endOffset()).array());
            if (i % perRound == perRound - 1) {
                world.round();
            }
        }
        world.round();
        return all.toByteArray();
    }

    /** The bytes from the start of a log. */
    static byte[] all(LogStorage log) throws IOException {
        return TestBatches.readAll(log, log.startOffset(), 3000);
    }

    /** Slices that cover a log. */
    static List<LogSlice> lend(LogStorage log) throws IOException {
        var slices = new ArrayList<LogSlice>();
        for (long next = log.startOffset();
                next < log.endOffset();
                next = slices.getLast().nextOffset()) {
            slices.add(log.read(next, Long.MAX_VALUE, 2500));
        }
        return slices;
    }

    /** The bytes of slices, which are closed. */
    static byte[] giveBack(List<LogSlice> slices) throws IOException {
        var held = new ByteArrayOutputStream();
        for (LogSlice slice : slices) {
            held.writeBytes(TestBatches.bytes(slice));
            slice.close();
        }
        return held.toByteArray();
    }
}
