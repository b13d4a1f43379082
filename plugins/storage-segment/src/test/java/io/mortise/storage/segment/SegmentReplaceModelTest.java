// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.segment;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.spi.Durability;
import io.mortise.spi.LogId;
import io.mortise.spi.TenantId;
import io.mortise.spi.TopicId;
import io.mortise.spi.record.BatchHeader;
import io.mortise.spi.storage.LogConfig;
import io.mortise.spi.storage.LogStorage;
import io.mortise.spi.storage.StorageEngine;
import io.mortise.spi.testing.EngineHarness;
import io.mortise.spi.testing.TestBatches;
import io.mortise.spi.testing.VolatileFileLayer;

import org.junit.jupiter.api.Test;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;

/** Replacements between power losses and disk failures: afterwards all is old or all is new. */
class SegmentReplaceModelTest {
    private static final int SEEDS = Boolean.getBoolean("mortise.deep") ? 2000 : 150;
    private static final int STEPS = 120;
    private static final LogId ID = new LogId(TenantId.DEFAULT, new TopicId(new UUID(79, 1)), 1, 1);

    @Test
    void aPowerLossLeavesOldOrNew() throws IOException {
        for (int seed = 0; seed < SEEDS; seed++) {
            run(seed, EngineBench.small(seed, new VolatileFileLayer(seed)));
        }
    }

    @Test
    void forgettingAllThatWasNotForcedLeavesOldOrNew() throws IOException {
        for (int seed = 0; seed < SEEDS; seed++) {
            run(seed, EngineBench.small(seed, new VolatileFileLayer()));
        }
    }

    @Test
    void aPowerLossLeavesOldOrNewOfWhatIsPacked() throws IOException {
        for (int seed = 0; seed < SEEDS; seed++) {
            run(seed, EngineBench.packing(seed, new VolatileFileLayer(seed)));
        }
    }

    @Test
    void forgettingAllThatWasNotForcedLeavesOldOrNewOfWhatIsPacked() throws IOException {
        for (int seed = 0; seed < SEEDS; seed++) {
            run(seed, EngineBench.packing(seed, new VolatileFileLayer()));
        }
    }

    /** A file that was deleted came back after the frames that it needs were gone. */
    @Test
    void whatWasTakenAwayDoesNotComeBack() throws IOException {
        run(312, EngineBench.small(312, new VolatileFileLayer()));
        run(1178, EngineBench.small(1178, new VolatileFileLayer()));
        run(1178, EngineBench.small(1178, new VolatileFileLayer(1178)));
    }

    private static void run(int seed, EngineHarness harness) throws IOException {
        var run = new Run(seed, harness);
        try {
            run.steps();
        } catch (IOException | RuntimeException failure) {
            throw new AssertionError(run.what("failure"), failure);
        }
    }

    private static final class Run {
        private final EngineHarness harness;
        private final Random random;
        private final int seed;
        private TreeMap<Long, ByteBuffer> model = new TreeMap<>();
        private TreeMap<Long, ByteBuffer> other = model;
        private StorageEngine engine;
        private LogStorage log;
        private int epoch;
        private long start;
        private long startMaybe;
        private long end;
        private long acknowledged;
        private int step;

        Run(int seed, EngineHarness harness) throws IOException {
            this.seed = seed;
            random = new Random(seed);
            this.harness = harness;
            open();
        }

        private void open() throws IOException {
            engine = harness.open();
            openLog();
        }

        private void openLog() throws IOException {
            int[] sizes = {3_000, 20_000, 64 << 20};
            log =
                    engine.openLog(
                            ID,
                            ++epoch,
                            new LogConfig(Durability.DISK, sizes[random.nextInt(3)], 0));
        }

        void steps() throws IOException {
            for (step = 0; step < STEPS; step++) {
                boolean lossy = random.nextInt(8) == 0;
                if (lossy) {
                    failSoon();
                }
                try {
                    for (int i = 0; i < (lossy ? 6 : 1); i++) {
                        act(random.nextInt(100));
                    }
                    if (lossy) {
                        lose();
                    }
                } catch (IOException failure) {
                    lose();
                }
            }
            lose();
            engine.close();
        }

        private void failSoon() {
            int[] left = {random.nextInt(25)};
            boolean forEver = random.nextBoolean();
            harness.files()
                    .faults(
                            (operation, path) -> {
                                if (left[0]-- == 0 || (forEver && left[0] < 0)) {
                                    throw new IOException("injected: " + operation + " " + path);
                                }
                            });
        }

        /** Power goes, or the failed log is opened anew; both must show old or new. */
        private void lose() throws IOException {
            harness.files().faults((operation, path) -> {});
            boolean power = random.nextBoolean();
            if (power) {
                harness.crash();
                open();
            } else {
                log.close();
                openLog();
            }
            long found = log.endOffset();
            assertThat(found).as(what("end")).isBetween(acknowledged, end);
            assertThat(log.startOffset()).as(what("start")).isIn(start, startMaybe);
            start = log.startOffset();
            startMaybe = start;
            end = found;
            byte[] served = TestBatches.readAll(log, start, 1 + random.nextInt(20_000));
            model.tailMap(end).clear();
            other.tailMap(end).clear();
            if (!java.util.Arrays.equals(served, bytes(model))) {
                assertThat(served)
                        .as(what("old or new") + ": " + bases(served) + " is not " + model.keySet())
                        .isEqualTo(bytes(other));
            }
            model = java.util.Arrays.equals(served, bytes(model)) ? model : other;
            other = model;
            acknowledged = power ? end : acknowledged;
        }

        private String what(String of) {
            return of + " of seed " + seed + ", step " + step;
        }

        private static List<Long> bases(byte[] batches) {
            var bases = new ArrayList<Long>();
            ByteBuffer all = ByteBuffer.wrap(batches);
            for (int at = 0; at < all.limit(); at += BatchHeader.sizeInBytes(all, at)) {
                bases.add(BatchHeader.baseOffset(all, at));
            }
            return bases;
        }

        private byte[] bytes(TreeMap<Long, ByteBuffer> batches) {
            var all = new ByteArrayOutputStream();
            for (ByteBuffer batch : batches.values()) {
                if (BatchHeader.lastOffset(batch, 0) >= start) {
                    all.writeBytes(TestBatches.bytes(batch));
                }
            }
            return all.toByteArray();
        }

        private void act(int dice) throws IOException {
            if (dice < 45) {
                append();
            } else if (dice < 65) {
                force();
            } else if (dice < 75) {
                harness.scheduler().advanceNanos(20_000_000_000L);
            } else if (dice < 90) {
                replace();
            } else if (dice < 93) {
                truncate();
            } else if (dice < 96) {
                advanceStart();
            } else {
                check();
            }
        }

        private void append() throws IOException {
            int records = 1 + random.nextInt(4);
            int size = random.nextInt(random.nextInt(10) == 0 ? 20_000 : 800);
            ByteBuffer batch =
                    TestBatches.batch(end, epoch, records, size, 1000 + end, random.nextLong());
            long base = end;
            model.put(base, batch);
            end = base + records;
            log.append(epoch, base, end, batch.duplicate());
        }

        private void force() throws IOException {
            engine.flush();
            engine.force();
            acknowledged = end;
        }

        private void replace() throws IOException {
            if (random.nextBoolean()) {
                force();
            }
            List<Long> boundaries =
                    new ArrayList<>(model.subMap(start, true, acknowledged, true).keySet());
            if (boundaries.size() < 2) {
                return;
            }
            long from = boundaries.get(random.nextInt(boundaries.size()));
            long to = boundaries.get(random.nextInt(boundaries.size()));
            if (from > to) {
                long swap = from;
                from = to;
                to = swap;
            }
            var fresh = new TreeMap<>(model);
            int every = random.nextInt(4);
            fresh.subMap(from, to).keySet().removeIf(base -> every == 0 || base % every != 0);
            List<ByteBuffer> batches = new ArrayList<>();
            fresh.subMap(from, to).values().forEach(batch -> batches.add(batch.duplicate()));
            other = fresh;
            log.replace(from, to, batches);
            model = fresh;
        }

        private void truncate() throws IOException {
            Long cut = model.ceilingKey(start + random.nextLong(end - start + 1));
            if (cut == null) {
                return;
            }
            acknowledged = Math.min(acknowledged, cut);
            log.truncate(cut);
            model.tailMap(cut).clear();
            end = log.endOffset();
            assertThat(end).as(what("truncated")).isEqualTo(cut);
            acknowledged = Math.min(acknowledged, end);
        }

        private void advanceStart() throws IOException {
            startMaybe = start + random.nextLong(end - start + 1);
            startMaybe = Math.min(startMaybe, acknowledged);
            startMaybe = Math.max(startMaybe, start);
            log.advanceStart(startMaybe);
            start = startMaybe;
        }

        private void check() throws IOException {
            assertThat(log.endOffset()).as(what("end")).isEqualTo(end);
            assertThat(TestBatches.readAll(log, start, 1 + random.nextInt(20_000)))
                    .as(what("content"))
                    .isEqualTo(bytes(model));
        }
    }
}
