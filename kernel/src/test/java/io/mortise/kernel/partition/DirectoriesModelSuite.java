// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.spi.Reason;
import io.mortise.spi.RefusedException;
import io.mortise.spi.storage.StorageEngineProvider;
import io.mortise.spi.testing.SimulatedFileLayer;
import io.mortise.spi.testing.SimulatedFileLayer.Trouble;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.LongStream;

/**
 * Disks that fail, fill, come late and change places at random, crashes in between: what was
 * acknowledged is there, where it was put, and a calm disk serves within seconds.
 */
public abstract class DirectoriesModelSuite {
    private static final int PARTITIONS = 7;
    private static final int STEPS = 60;
    private static final Logger LOG = Logger.getLogger("io.mortise");

    private TwoDisks world = new TwoDisks();
    private final Map<Integer, PartitionLog> logs = new HashMap<>();

    /** Id of the directory of each partition that was placed. */
    private final Map<Integer, String> places = new HashMap<>();

    /** Base offsets acknowledged. */
    private final Map<Integer, List<Long>> acknowledged = new HashMap<>();

    /** The engine over every directory. */
    protected abstract StorageEngineProvider provider();

    /** Its settings. */
    protected abstract Map<String, String> settings();

    static LongStream seeds() {
        return LongStream.range(0, Boolean.getBoolean("mortise.deep") ? 5_000 : 40);
    }

    @BeforeAll
    static void quiet() {
        LOG.setLevel(Level.OFF);
    }

    @AfterAll
    static void loud() {
        LOG.setLevel(null);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    public void acknowledgedRecordsOutliveTheirDisksTroubles(long seed) throws IOException {
        Random random = new Random(seed);
        world = new TwoDisks(provider(), settings());
        world.with("/disks/2", new SimulatedFileLayer(seed))
                .with("/disks/3", new SimulatedFileLayer(~seed))
                .start();
        for (int i = 0; i < STEPS; i++) {
            step(random);
        }
        calm();
        world.pass(30);
        check();
        world.restart();
        openAll();
        check();
    }

    @AfterEach
    public void giveMemoryBack() {
        world.close();
    }

    /** All that there are; a partition comes into being with its first append. */
    private void openAll() {
        for (int i : List.copyOf(logs.keySet())) {
            logs.put(i, world.open(i));
        }
        notePlaces();
    }

    /** One that never took anything may have been placed in vain. */
    private void notePlaces() {
        for (PartitionLog log : logs.values()) {
            String at = log.directoryId();
            if (at != null && acknowledged.containsKey(log.index())) {
                String before = places.putIfAbsent(log.index(), at);
                assertThat(before == null || before.equals(at)).as("it moved").isTrue();
            }
        }
    }

    private void step(Random random) throws IOException {
        SimulatedFileLayer disk = disk(random);
        SimulatedFileLayer states = disk == world.disk("data") ? world.states : disk;
        switch (random.nextInt(12)) {
            case 0 -> {
                disk.on(Trouble.IO_ERROR, 1000);
                states.on(Trouble.IO_ERROR, 1000); // they lie in the data directory
            }
            case 1 -> {
                disk.on(Trouble.FAILED_FORCE, 300);
                states.on(Trouble.FAILED_FORCE, 300);
            }
            case 2 -> disk.on(Trouble.SHORT_WRITE, 300);
            case 3 -> disk.capacityBytes(disk.usedBytes() + random.nextInt(600));
            case 4, 5 -> calm();
            case 6 -> world.pass(1 + random.nextInt(20));
            case 7 -> restart(random);
            default -> append(random.nextInt(PARTITIONS));
        }
        notePlaces();
    }

    private SimulatedFileLayer disk(Random random) {
        List<SimulatedFileLayer> disks = new ArrayList<>();
        disks.add(world.disk("data"));
        world.configured.stream().map(world::disk).forEach(disks::add);
        return disks.get(random.nextInt(disks.size()));
    }

    private void calm() {
        world.states.calm();
        world.mounts.values().forEach(SimulatedFileLayer::calm);
        world.mounts.values().forEach(disk -> disk.capacityBytes(1 << 30));
    }

    /** Two disks may change places, or one may not be there for a while. */
    private void restart(Random random) throws IOException {
        world.die();
        calm();
        if (random.nextBoolean()) {
            SimulatedFileLayer second = world.mounts.get("/disks/2");
            world.mounts.put("/disks/2", world.mounts.get("/disks/3"));
            world.mounts.put("/disks/3", second);
        }
        SimulatedFileLayer away = null;
        if (random.nextBoolean()) {
            away = world.mounts.remove("/disks/2");
        }
        world.start();
        openAll();
        append(random.nextInt(PARTITIONS));
        if (away != null) {
            world.mounts.put("/disks/2", away);
        }
    }

    private void append(int index) {
        world.told.clear();
        PartitionLog log = logs.computeIfAbsent(index, world::open);
        long base = world.append(log, Batches.of("v" + index)).baseOffset();
        if (base >= 0 && world.told.equals(List.of(index + "@" + base))) {
            acknowledged.computeIfAbsent(index, _ -> new ArrayList<>()).add(base);
        }
    }

    /** A log that failed while nobody used it is opened anew by who reads first. */
    private List<Long> read(PartitionLog log) {
        try {
            return world.read(log);
        } catch (RefusedException refused) {
            assertThat(refused.refusal().reason()).isEqualTo(Reason.STORAGE_UNAVAILABLE);
            world.pass(1);
            return world.read(log);
        }
    }

    /** Again if it is refused: one that failed while nobody used it says so to the first. */
    private boolean serves(int index) {
        int before = acknowledged.getOrDefault(index, List.of()).size();
        append(index);
        if (acknowledged.getOrDefault(index, List.of()).size() == before) {
            world.pass(1);
            append(index);
        }
        return acknowledged.getOrDefault(index, List.of()).size() > before;
    }

    private void check() {
        assertThat(world.host().outOfService()).isEmpty();
        for (int i : List.copyOf(logs.keySet())) {
            PartitionLog log = logs.get(i);
            assertThat(read(log)).containsAll(acknowledged.getOrDefault(i, List.of()));
            assertThat(serves(i)).as("partition %d: %s", i, world.told).isTrue();
        }
    }
}
