// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.spi.broker.FetchedBatches;
import io.mortise.spi.broker.Partition.Visibility;
import io.mortise.spi.record.BatchHeader;
import io.mortise.spi.testing.VolatileFileLayer;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.LongStream;

/**
 * Random writes to a compacted log, time that goes by, crashes and engines that fail inside of a
 * compaction: every key keeps its last value, as a map has it. A failure names its seed.
 */
public abstract class CompactionModelSuite {
    private static final long SECOND = 1_000_000_000L;
    private static final int STEPS = 150;

    /** Failures are on purpose here; their stacks would drown everything else. */
    private static final Logger LOG = Logger.getLogger("io.mortise.kernel.partition");

    @BeforeAll
    static void quiet() {
        LOG.setLevel(Level.OFF);
    }

    @AfterAll
    static void loud() {
        LOG.setLevel(null);
    }

    /** A new engine on an empty disk. */
    protected abstract EngineUnderTest engine(long seed);

    static LongStream seeds() {
        return LongStream.range(0, Boolean.getBoolean("mortise.deep") ? 2_000 : 15);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    public void answersAsAMapDoes(long seed) {
        EngineUnderTest engine = engine(seed);
        var options = PartitionOptions.defaults().withSnapshotBytes(2_000);
        try (var world = new HandDriven(options, engine, new VolatileFileLayer(seed))) {
            world.withEngine();
            new Run(world, new Random(seed)).run();
        }
    }

    private static final class Run {
        private final HandDriven world;
        private final Random random;
        private final Map<String, String> model = new TreeMap<>();
        private PartitionLog log;

        Run(HandDriven world, Random random) {
            this.world = world;
            this.random = random;
            world.topic
                    .with("storage.engine", world.under.provider().name())
                    .with(world.under.levels().getFirst())
                    .with("cleanup.policy", "compact")
                    .with("min.cleanable.dirty.ratio", "0.3")
                    .with("delete.retention.ms", "60000");
            this.log = world.open(0);
        }

        void run() {
            for (int i = 0; i < STEPS; i++) {
                step(i);
                check();
            }
            assertThat(world.metrics.count("mortise_partition_compactions_total")).isPositive();
        }

        private void step(int step) {
            switch (random.nextInt(16)) {
                case 0 -> crash();
                case 1 -> {
                    world.under.failSoon(random);
                    goBy();
                    world.under.heal();
                    crash();
                }
                case 2, 3, 4 -> goBy();
                default -> append(step);
            }
        }

        private void crash() {
            if (world.under.keeps(world.topic.durability)) {
                world.crash();
                log = world.open(0);
            }
        }

        private void goBy() {
            for (int left = random.nextInt(70); left > 0; left -= 10) {
                world.scheduler.advanceNanos(10 * SECOND);
                world.settle();
            }
        }

        private void append(int step) {
            String[] records = new String[1 + random.nextInt(4)];
            for (int i = 0; i < records.length; i++) {
                String key = "k" + random.nextInt(12);
                String filler = "-".repeat(random.nextInt(300));
                String value = random.nextInt(5) == 0 ? "" : "v" + step + "." + i + filler;
                records[i] = key + "=" + value;
                model.put(key, value);
            }
            world.append(log, CompactionTest.keyed(world.clock.wallMillis(), records));
            world.settle();
        }

        private void check() {
            Map<String, String> found = new TreeMap<>();
            long last = -1;
            long next = 0;
            while (next < log.highWatermark()) {
                FetchedBatches fetched = world.fetch(log, next, 500, Visibility.COMMITTED);
                assertThat(fetched.nextOffset()).isGreaterThan(next);
                next = fetched.nextOffset();
                for (ByteBuffer batch : Batches.split(fetched)) {
                    assertThat(BatchHeader.baseOffset(batch, 0)).isGreaterThan(last);
                    last = BatchHeader.lastOffset(batch, 0);
                    List<String> records = new ArrayList<>();
                    CompactionTest.records(batch, records);
                    records.forEach(it -> put(found, it));
                }
            }
            Map<String, String> alive = new TreeMap<>(model);
            alive.values().removeIf(String::isEmpty);
            found.values().removeIf(String::isEmpty);
            assertThat(found).isEqualTo(alive);
            assertThat(log.logEndOffset()).isEqualTo(last + 1);
        }

        private static void put(Map<String, String> into, String record) {
            String text = record.substring(record.indexOf(':') + 1);
            int split = text.indexOf('=');
            into.put(text.substring(0, split), text.substring(split + 1));
        }
    }
}
