// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.spi.Durability;
import io.mortise.spi.LogId;
import io.mortise.spi.TenantId;
import io.mortise.spi.TopicId;
import io.mortise.spi.runtime.FileLayer.OpenMode;
import io.mortise.spi.storage.CheckableStorage;
import io.mortise.spi.storage.CorruptLogException;
import io.mortise.spi.storage.LogConfig;
import io.mortise.spi.storage.LogStorage;
import io.mortise.spi.storage.StorageEngine;
import io.mortise.spi.testing.EngineHarness;
import io.mortise.spi.testing.TestBatches;
import io.mortise.spi.testing.VolatileFileLayer;
import io.mortise.spi.testing.VolatileFileLayer.Operation;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** The checkpoint is there twice: damage to one stops nothing, damage to both changes nothing. */
class SegmentCheckpointTest {
    private static final String FIRST = "checkpoint";
    private static final String COPY = "checkpoint.copy";

    /** Logs in packs, in the commit log, in sealed extents and in one that grows. */
    private static final int LOGS = 4;

    private final VolatileFileLayer whole = new VolatileFileLayer();
    private final List<byte[]> written = new ArrayList<>();
    private VolatileFileLayer files = whole;
    private EngineHarness harness = EngineBench.packing(1, whole);

    private static LogId id(int number) {
        return new LogId(TenantId.DEFAULT, new TopicId(new UUID(81, number)), number, 0);
    }

    private static LogStorage open(StorageEngine engine, int number) throws IOException {
        return engine.openLog(id(number), 1, new LogConfig(Durability.DISK, 30_000, 0));
    }

    @BeforeEach
    void fill() throws IOException {
        StorageEngine engine = harness.open();
        var logs = new ArrayList<LogStorage>();
        for (int i = 0; i < LOGS; i++) {
            logs.add(open(engine, i));
        }
        for (int round = 0; round < 40; round++) {
            for (int i = 0; i < LOGS; i++) {
                TestBatches.append(logs.get(i), 1, 1, 1 << (4 * i), round);
            }
            engine.flush();
            engine.force();
            harness.scheduler().runReady();
        }
        harness.scheduler().advanceNanos(60_000_000_000L);
        TestBatches.append(logs.get(0), 1, 1, 100, 40);
        engine.flush();
        engine.force();
        for (LogStorage log : logs) {
            written.add(TestBatches.readAll(log, 0, 1));
        }
        harness.kill();
        assertThat(whole.files()).contains(FIRST, COPY).anyMatch(path -> path.contains("pack"));
        assertThat(whole.list("extents")).hasSizeGreaterThan(2);
        assertThat(whole.files()).doesNotContain("commit/0000000001.commit");
    }

    /** Another engine over the same disk. */
    private void copy() {
        files = new VolatileFileLayer();
        files.takeOver(whole);
        harness = EngineBench.packing(2, files);
    }

    private void assertServesAll(StorageEngine engine) throws IOException {
        for (int i = 0; i < LOGS; i++) {
            assertThat(TestBatches.readAll(open(engine, i), 0, 1)).isEqualTo(written.get(i));
        }
    }

    private static void assertReports(StorageEngine engine) throws IOException {
        assertThat(((CheckableStorage) engine).check())
                .singleElement()
                .satisfies(
                        problem -> {
                            assertThat(problem.log()).isNull();
                            assertThat(problem.file()).isEqualTo(FIRST);
                            assertThat(problem.problem()).contains(FIRST).contains(COPY);
                            assertThat(problem.remedy()).contains("check the disk");
                        });
    }

    @Test
    void noBitOfOneStopsTheEngine() throws IOException {
        int size = whole.bytes(FIRST).length;
        for (int at = 0; at < size; at++) {
            copy();
            files.flipBit(FIRST, at, at % 8);
            StorageEngine engine = harness.open();
            assertThat(engine.logs()).hasSize(LOGS);
            if (at % 16 == 0) {
                assertServesAll(engine);
                assertReports(engine);
            }
        }
    }

    @Test
    void noBitOfTheOtherIsNoticed() throws IOException {
        for (int at = 0; at < whole.bytes(COPY).length; at += 7) {
            copy();
            files.flipBit(COPY, at, at % 8);
            StorageEngine engine = harness.open();
            assertServesAll(engine);
            assertThat(((CheckableStorage) engine).check()).isEmpty();
        }
    }

    @Test
    void oneThatIsGoneOrShortIsReadFromTheOther() throws IOException {
        copy();
        files.delete(FIRST);
        StorageEngine engine = harness.open();
        assertServesAll(engine);
        assertReports(engine);
        for (int size : new int[] {0, 1, 63, 64, 65, whole.bytes(FIRST).length - 1}) {
            copy();
            try (var file = files.open(FIRST, OpenMode.WRITE)) {
                file.truncate(size);
            }
            engine = harness.open();
            assertServesAll(engine);
            assertReports(engine);
        }
    }

    @Test
    void bothAreWrittenAnew() throws IOException {
        copy();
        files.flipBit(FIRST, 100, 1);
        harness.open().close();
        harness.kill();
        files.flipBit(COPY, 100, 1);
        StorageEngine engine = harness.open();
        assertServesAll(engine);
        assertThat(((CheckableStorage) engine).check()).isEmpty();
    }

    @Test
    void withoutBothNothingIsChanged() throws IOException {
        for (boolean gone : new boolean[] {true, false}) {
            copy();
            for (String path : List.of(FIRST, COPY)) {
                if (gone) {
                    files.delete(path);
                } else {
                    files.flipBit(path, 70, 1);
                }
            }
            List<String> before = files.files();
            assertThatThrownBy(() -> harness.open())
                    .isInstanceOf(CorruptLogException.class)
                    .hasMessageContaining(FIRST)
                    .hasMessageContaining("restore the engine's whole directory from a backup");
            assertThat(files.files()).isEqualTo(before);
        }
    }

    /**
     * Whichever operation is the last one, a start finds all, even if the newer file is damaged.
     */
    @Test
    void thePowerMayGoBetweenTheTwo() throws IOException {
        for (int left = 0; left < 14; left++) {
            for (boolean damaged : new boolean[] {false, true}) {
                copy();
                var ignored = harness.open();
                int[] operations = {left};
                files.faults(
                        (operation, path) -> {
                            if (operation != Operation.READ && operations[0]-- <= 0) {
                                throw new IOException("the power is gone");
                            }
                        });
                harness.scheduler().advanceNanos(60_000_000_000L);
                harness.crash();
                if (damaged) {
                    files.flipBit(FIRST, 90, 3);
                }
                assertServesAll(harness.open());
            }
        }
    }

    @Test
    void aDamagedMetaFileIsWrittenAnew() throws IOException {
        for (int at = 0; at < 64; at++) {
            copy();
            files.flipBit("meta", at, at % 8);
            StorageEngine engine = harness.open();
            assertThat(engine.logs()).hasSize(LOGS);
            assertThat(((CheckableStorage) engine).check()).hasSize(1);
            harness.kill();
            engine = harness.open();
            assertServesAll(engine);
            assertThat(((CheckableStorage) engine).check()).isEmpty();
        }
    }
}
