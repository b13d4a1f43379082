// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.spi.Durability;
import io.mortise.spi.LogId;
import io.mortise.spi.TenantId;
import io.mortise.spi.TopicId;
import io.mortise.spi.storage.CheckableStorage;
import io.mortise.spi.storage.LogConfig;
import io.mortise.spi.storage.LogStorage;
import io.mortise.spi.storage.StorageEngine;
import io.mortise.spi.testing.EngineHarness;
import io.mortise.spi.testing.Survival;
import io.mortise.spi.testing.TestBatches;
import io.mortise.spi.testing.VolatileFileLayer;
import io.mortise.spi.testing.VolatileFileLayer.Operation;
import io.mortise.storage.segment.file.CommitFile;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;

/** Files of the commit log that are made ahead, and of others: old bytes are never believed. */
class CommitFilesTest {
    private static final LogId ID = new LogId(TenantId.DEFAULT, new TopicId(new UUID(1, 1)), 0, 0);

    private static LogStorage open(StorageEngine engine) throws IOException {
        return engine.openLog(ID, 1, new LogConfig(Durability.DISK, 100_000, 0));
    }

    private static void round(StorageEngine engine, LogStorage log, int seed) throws IOException {
        TestBatches.append(log, 1, 1, 1000, seed);
        engine.flush();
        engine.force();
    }

    @Test
    void aFileThatIsNoLongerNeededIsUsedAgain() throws IOException {
        var files = new VolatileFileLayer();
        EngineHarness harness = EngineBench.small(1, files);
        StorageEngine engine = harness.open();
        LogStorage log = open(engine);
        int[] renamed = {0};
        int[] inRound = {0};
        boolean[] writing = {false};
        files.faults(
                (operation, path) -> {
                    boolean commit = path.startsWith("commit");
                    renamed[0] += commit && operation == Operation.RENAME ? 1 : 0;
                    inRound[0] += commit && writing[0] && operation == Operation.OPEN ? 1 : 0;
                });
        for (int i = 0; i < 500; i++) {
            writing[0] = i > 20; // the first file was made by the first append
            round(engine, log, i);
            writing[0] = false;
            harness.scheduler().runReady();
        }
        assertThat(renamed[0]).isGreaterThan(10);
        assertThat(inRound[0]).as("files made by rounds").isZero();
        assertThat(files.list("commit")).hasSizeLessThan(10);
        engine.close();
        assertThat(files.list("commit")).hasSizeLessThan(5);
        LogStorage again = open(harness.open());
        assertThat(again.endOffset()).isEqualTo(500);
        assertThat(TestBatches.readAll(again, 0, 1 << 20).length).isEqualTo(500 * 1061);
    }

    /** On a disk that fails at once; there is no checkpoint before the second crash. */
    @Test
    void aFirstFileThatFailedBeforeItsFirstFrameIsNoLostCheckpoint() throws IOException {
        var files = new VolatileFileLayer();
        EngineHarness harness = EngineBench.small(1, files);
        StorageEngine engine = harness.open();
        int[] forces = {0};
        files.faults(
                (operation, path) -> {
                    if (operation == Operation.FORCE && path.equals(CommitFile.path(1))) {
                        if (forces[0]++ > 0) { // the first one makes the file
                            throw new IOException("made to fail");
                        }
                    }
                });
        assertThatThrownBy(() -> open(engine)).hasMessageContaining("made to fail");
        LogStorage log = open(engine);
        round(engine, log, 7);
        for (int i = 0; i < 3; i++) {
            harness.kill();
            files.crash();
            LogStorage again = open(harness.open());
            assertThat(again.endOffset()).isEqualTo(1);
        }
    }

    @Test
    void whereNoneIsReadyTheRoundMakesOne() throws IOException {
        EngineHarness harness = EngineBench.small(1, new VolatileFileLayer());
        StorageEngine engine = harness.open();
        LogStorage log = open(engine);
        for (int i = 0; i < 100; i++) {
            round(engine, log, i); // nothing runs aside
        }
        harness.crash();
        assertThat(open(harness.open()).endOffset()).isEqualTo(100);
    }

    @Test
    void aPowerLossAtAnyStepLosesNothingAndBringsNothingBack() throws IOException {
        for (int last = 1; last < 600; last += 3) {
            var files = new VolatileFileLayer(last);
            EngineHarness harness = EngineBench.small(last, files);
            StorageEngine engine = harness.open();
            LogStorage log = open(engine);
            int forced = 0;
            int left = last + 400;
            int[] steps = {left};
            files.faults(
                    (operation, path) -> {
                        if (operation != Operation.READ && --steps[0] <= 0) {
                            throw new IOException("no power");
                        }
                    });
            try {
                while (true) {
                    round(engine, log, forced);
                    forced++;
                    harness.scheduler().runReady();
                }
            } catch (IOException noPower) {
                harness.crash();
            }
            engine = harness.open();
            log = open(engine);
            assertThat(log.endOffset()).as("step %d", left).isBetween((long) forced, forced + 1L);
            assertThat(((CheckableStorage) engine).check()).as("step %d", left).isEmpty();
            harness.kill();
        }
    }

    /** The first write into a file that was made of another: the round that begins it. */
    private static final class FirstWrite implements VolatileFileLayer.Faults {
        private final Set<String> made = new HashSet<>();
        private boolean renamed;
        @Nullable String path;

        @Override
        public void before(Operation operation, String of) {
            if (of.startsWith("commit/")) {
                if (renamed && operation == Operation.OPEN) {
                    made.add(of);
                }
                if (operation == Operation.WRITE && made.contains(of) && path == null) {
                    path = of;
                }
                renamed = operation == Operation.RENAME || (renamed && !made.contains(of));
            }
        }
    }

    @Test
    void aTornFirstRoundOfAFileUsedAgainIsNoDamage() throws IOException {
        for (int lost = 0; lost < 4; lost++) {
            var files = new VolatileFileLayer();
            EngineHarness harness = EngineBench.small(1, files);
            StorageEngine engine = harness.open();
            LogStorage log = open(engine);
            var first = new FirstWrite();
            files.faults(first);
            int forced = 0;
            while (true) {
                TestBatches.append(log, 1, 1, 1000, forced);
                engine.flush();
                if (first.path != null) {
                    break;
                }
                engine.force();
                forced++;
                harness.scheduler().runReady();
            }
            int missing = lost;
            String torn = first.path;
            harness.crash(
                    new Survival() {
                        @Override
                        public boolean sector(String path, int sector) {
                            return path.equals(torn) && sector != missing;
                        }
                    });
            engine = harness.open();
            log = open(engine);
            assertThat(log.endOffset()).isBetween((long) forced, forced + 1L);
            assertThat(((CheckableStorage) engine).check()).isEmpty();
            harness.kill();
        }
    }

    @Test
    void aDamagedBeginningOfAFileHidesNothing() throws IOException {
        for (int at = 64; at < 64 + 48 + 16; at++) {
            var files = new VolatileFileLayer();
            EngineHarness harness = EngineBench.shipped(files, "commitFileBytes", "20000");
            StorageEngine engine = harness.open();
            LogStorage log = open(engine);
            int rounds = 0;
            while (!files.exists(CommitFile.path(3))) { // made when the second is half full
                round(engine, log, rounds++);
                harness.scheduler().runReady();
            }
            harness.crash();
            files.flipBit(CommitFile.path(2), at, at % 8);
            engine = harness.open();
            log = open(engine);
            assertThat(log.endOffset()).as("byte %d", at).isEqualTo(rounds);
            assertThat(TestBatches.readAll(log, 0, 1 << 20).length).isEqualTo(rounds * 1061);
            harness.kill();
        }
    }
}
