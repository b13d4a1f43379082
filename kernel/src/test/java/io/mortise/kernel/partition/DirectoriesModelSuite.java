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
        openAll();
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

    private void openAll() {
        for (int i = 0; i < PARTITIONS; i++) {
            logs.put(i, world.open(i));
        }
        notePlaces();
    }

    private void notePlaces() {
        for (PartitionLog log : logs.values()) {
            String at = log.directoryId();
            if (at != null) {
                String before = places.putIfAbsent(log.index(), at);
                assertThat(before == null || before.equals(at)).as("it moved").isTrue();
            }
        }
    }

    private void step(Random random) throws IOException {
        SimulatedFileLayer disk = disk(random);
        switch (random.nextInt(12)) {
            case 0 -> disk.on(Trouble.IO_ERROR, 1000);
            case 1 -> disk.on(Trouble.FAILED_FORCE, 300);
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
        PartitionLog log = logs.get(index);
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

    private void check() {
        assertThat(world.host().outOfService()).isEmpty();
        for (int i = 0; i < PARTITIONS; i++) {
            PartitionLog log = logs.get(i);
            assertThat(log.directoryId()).as("partition %d", i).isEqualTo(places.get(i));
            assertThat(read(log)).containsAll(acknowledged.getOrDefault(i, List.of()));
            append(i);
            assertThat(world.told).as("partition %d serves", i).hasSize(1);
            assertThat(acknowledged.getOrDefault(i, List.of())).as("%s", world.told).isNotEmpty();
            assertThat(world.told.getFirst()).doesNotContain(" ");
        }
    }
}
