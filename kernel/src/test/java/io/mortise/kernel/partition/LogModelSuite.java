// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.spi.Durability;
import io.mortise.spi.Reason;
import io.mortise.spi.Refusal;
import io.mortise.spi.broker.AckLevel;
import io.mortise.spi.broker.Partition.AppendResult;
import io.mortise.spi.broker.Partition.Origin;
import io.mortise.spi.broker.Partition.Visibility;
import io.mortise.spi.testing.VolatileFileLayer;
import io.netty.buffer.ByteBuf;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletionException;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.LongStream;

/**
 * Random appends, idempotent producers, failures, crashes and restarts against {@link LogModel}. A
 * failure names its seed.
 */
public abstract class LogModelSuite {
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

    private static final int STEPS = 300;
    private static final int PARTITIONS = 3;

    /** A new engine on an empty disk. */
    protected abstract EngineUnderTest engine(long seed);

    /** Engines that topics change to, and back from. */
    protected List<EngineUnderTest> others(long seed) {
        return List.of();
    }

    /** Whether one topic's level changes all the time, too. */
    protected boolean changesLevels() {
        return false;
    }

    static LongStream seeds() {
        return LongStream.range(0, Boolean.getBoolean("mortise.deep") ? 5_000 : 25);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    public void behavesAsItsModel(long seed) {
        try (var run = new Run(seed, engine(seed), others(seed), changesLevels())) {
            for (int i = 0; i < STEPS; i++) {
                run.step();
            }
            run.finish();
        }
    }

    private static final class Run implements AutoCloseable {
        private final Random random;
        private final HandDriven world;
        private final List<FakeTopic> topics = new ArrayList<>();
        private final List<PartitionLog> logs = new ArrayList<>();
        private final List<LogModel> models = new ArrayList<>();
        private final List<EngineUnderTest> engines = new ArrayList<>();
        private final boolean changesLevels;
        private int levelChanges;
        private int count;

        Run(
                long seed,
                EngineUnderTest engine,
                List<EngineUnderTest> others,
                boolean changesLevels) {
            this.changesLevels = changesLevels;
            random = new Random(seed);
            var options =
                    PartitionOptions.defaults()
                            .withRing(96 << 10, 48 << 10)
                            .withSnapshotBytes(2_000);
            world = new HandDriven(options, engine, new VolatileFileLayer(seed));
            world.withEngine();
            others.forEach(world::with);
            engines.add(engine);
            engines.addAll(others);
            List<Durability> levels = engine.levels();
            for (int i = 0; i < PARTITIONS; i++) {
                topics.add(topic(engine, i == 1 ? random.nextInt(levels.size()) : 0));
                models.add(new LogModel());
            }
            open();
        }

        private static FakeTopic topic(EngineUnderTest engine, int level) {
            return new FakeTopic()
                    .with("storage.engine", engine.provider().name())
                    .with(engine.levels().get(level));
        }

        private void open() {
            logs.clear();
            for (int i = 0; i < PARTITIONS; i++) {
                logs.add(world.open(i, topics.get(i)));
                leads(i);
            }
        }

        void step() {
            int index = random.nextInt(PARTITIONS);
            switch (random.nextInt(40)) {
                case 0 -> crash();
                case 1 -> restart();
                case 2, 3 -> fail();
                case 4, 5, 6, 7 -> world.round();
                case 8, 9 -> world.settle();
                case 10, 11 -> world.scheduler.runOne();
                case 12, 13 -> world.loop.run();
                case 14 -> world.scheduler.advanceNanos(random.nextLong(40_000_000_000L));
                case 15, 16, 17, 18 -> read(index);
                case 19, 20 -> changeEngine(index);
                case 21, 22 -> changeLevel(index);
                default -> append(index);
            }
        }

        private void crash() {
            world.crash();
            for (int i = 0; i < PARTITIONS; i++) {
                models.get(i).powerLost();
            }
            open();
            checkAll();
        }

        private void restart() {
            for (int i = 0; i < PARTITIONS; i++) {
                world.settle(world.host.close(world.id(i)));
            }
            world.settle();
            models.forEach(LogModel::nobodyWaits);
            for (int i = 0; i < PARTITIONS; i++) {
                // The last round of an ending process may fail, and its memory is gone then.
                boolean memory = topics.get(i).durability == Durability.MEMORY;
                models.get(i).restarted(!memory && !(changesLevels && i == 1));
            }
            engines.forEach(EngineUnderTest::heal);
            world.leaveEngine();
            world.restart();
            open();
            checkAll();
        }

        private void fail() {
            engines.get(random.nextInt(engines.size())).failSoon(random);
        }

        private void changeEngine(int index) {
            if (engines.size() == 1) {
                append(index);
                return;
            }
            EngineUnderTest next = engines.get(random.nextInt(engines.size()));
            FakeTopic topic = topics.get(index);
            if (!topic.engineOf(topic.generation()).equals(next.provider().name())) {
                topic.movesTo(next.provider().name());
                world.host.reconfigure(world.id(index));
            }
        }

        private void changeLevel(int index) {
            List<Durability> levels = world.under.levels();
            if (!changesLevels || index != 1) {
                append(index);
                return;
            }
            levelChanges++;
            topics.get(index).with(levels.get(random.nextInt(levels.size())));
            world.settle(world.host.reconfigure(world.id(index)));
        }

        private boolean leads(int index) {
            PartitionLog log = logs.get(index);
            if (log.leadership().isRecovering() || log.storage() == null) {
                return false;
            }
            if (!models.get(index).knows(log)) {
                models.get(index).reopened(log);
            }
            return true;
        }

        private void read(int index) {
            if (leads(index)) {
                PartitionLog log = logs.get(index);
                long from = random.nextLong(log.logEndOffset() + 1);
                Visibility visibility = Visibility.values()[random.nextInt(3)];
                int bytes = random.nextInt(5_000);
                try {
                    models.get(index).check(world, log, from, bytes, visibility);
                } catch (CompletionException refused) {
                    madeToFail(refused);
                }
            }
        }

        /** A read may be what meets a fault. */
        private static void madeToFail(CompletionException refused) {
            assertThat(refused).hasMessageContaining("made to fail");
        }

        private void append(int index) {
            boolean leads = leads(index);
            int records = 1 + random.nextInt(3);
            String[] values = new String[records];
            for (int i = 0; i < records; i++) {
                values[i] = "v" + count++ + "-".repeat(random.nextInt(200));
            }
            // After power loss a weak log may know less of producers than its batches tell.
            if (index != 1 && random.nextInt(3) == 0) {
                appendIdempotent(index, leads, values);
            } else {
                ByteBuf batch = Batches.of(values);
                AppendResult result = append(index, batch);
                if (placed(leads, result)) {
                    models.get(index).placed(result, crc(batch), -1, -1, -1);
                }
            }
        }

        private void appendIdempotent(int index, boolean leads, String[] values) {
            LogModel model = models.get(index);
            long producer = random.nextInt(3);
            int epoch = random.nextInt(20) == 0 ? 1 : 0;
            int first = model.nextSequence(producer, epoch);
            if (random.nextInt(3) == 0) {
                first = Math.max(0, first + random.nextInt(-8, 3));
            }
            ByteBuf batch = Batches.by(producer, epoch, first, values);
            Object expected = model.verdict(producer, epoch, first, values.length);
            AppendResult result = append(index, batch);
            if (expected instanceof LogModel.Entry earlier && leads) {
                assertThat(result.duplicate()).isTrue();
                assertThat(result.baseOffset()).isEqualTo(earlier.base());
                assertThat(result.endOffset()).isEqualTo(earlier.end());
            } else if (expected instanceof Reason reason && leads) {
                assertThat(PartitionLogTest.reason(result)).isEqualTo(reason);
            } else if (placed(leads, result)) {
                model.placed(result, crc(batch), producer, epoch, first);
            }
        }

        private static int crc(ByteBuf batch) {
            return Batches.crc(batch.nioBuffer());
        }

        private boolean placed(boolean leads, AppendResult result) {
            Refusal refusal = result.refusal();
            if (refusal == null) {
                assertThat(leads).isTrue();
                return true;
            }
            assertThat(refusal.reason()).isIn(Reason.BUSY, Reason.STORAGE_UNAVAILABLE);
            return false;
        }

        private AppendResult append(int index, ByteBuf batch) {
            PartitionLog log = logs.get(index);
            LogModel model = models.get(index);
            AckLevel level = AckLevel.values()[random.nextInt(3)];
            boolean outlivesPower = world.under.keeps(topics.get(index).durability);
            int changes = levelChanges;
            long[] ticketAndEnd = new long[2];
            AppendResult result =
                    log.append(
                            batch,
                            -1,
                            Origin.CLIENT,
                            level,
                            world.loop,
                            it ->
                                    model.told(
                                            ticketAndEnd[0],
                                            ticketAndEnd[1],
                                            level == AckLevel.DURABLE,
                                            outlivesPower && changes == levelChanges,
                                            it));
            if (result.refusal() == null) {
                ticketAndEnd[0] = model.waits();
                ticketAndEnd[1] = result.endOffset();
            }
            return result;
        }

        private void checkAll() {
            for (int i = 0; i < PARTITIONS; i++) {
                if (leads(i)) {
                    models.get(i).checkAll(world, logs.get(i));
                }
            }
        }

        void finish() {
            engines.forEach(EngineUnderTest::heal);
            world.scheduler.advanceNanos(600_000_000_000L);
            world.settle();
            models.forEach(LogModel::nobodyWaits);
            for (int i = 0; i < PARTITIONS; i++) {
                assertThat(leads(i)).isTrue();
            }
            checkAll();
            assertThat(world.metrics.count("mortise_partition_lost_offsets_total")).isZero();
            crash();
        }

        @Override
        public void close() {
            world.close();
        }
    }
}
