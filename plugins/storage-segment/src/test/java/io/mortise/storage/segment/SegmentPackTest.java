// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.spi.Durability;
import io.mortise.spi.LogId;
import io.mortise.spi.TenantId;
import io.mortise.spi.TopicId;
import io.mortise.spi.record.BatchHeader;
import io.mortise.spi.runtime.FileLayer.OpenMode;
import io.mortise.spi.runtime.StorageFile;
import io.mortise.spi.storage.CheckableStorage;
import io.mortise.spi.storage.CorruptLogException;
import io.mortise.spi.storage.LogConfig;
import io.mortise.spi.storage.LogSlice;
import io.mortise.spi.storage.LogStorage;
import io.mortise.spi.storage.StorageEngine;
import io.mortise.spi.storage.StorageProblem;
import io.mortise.spi.testing.EngineHarness;
import io.mortise.spi.testing.TestBatches;
import io.mortise.spi.testing.VolatileFileLayer;
import io.mortise.spi.testing.VolatileFileLayer.Operation;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.zip.CRC32C;

/** When packs are made, rewritten and deleted, and what happens to logs if something is wrong. */
class SegmentPackTest {
    private static final int SMALL_LOGS = 20;
    private static final int RECORDS = 5;

    private final VolatileFileLayer files = new VolatileFileLayer();
    private final EngineHarness harness =
            EngineBench.shipped(
                    files,
                    "commitFileBytes",
                    "100000",
                    "commitLogBytes",
                    "100000",
                    "ownFileBytes",
                    "100000");
    private final List<LogStorage> logs = new ArrayList<>();
    private final List<byte[]> written = new ArrayList<>();
    private StorageEngine engine;
    private String path = "";

    private static LogId id(int number) {
        return new LogId(TenantId.DEFAULT, new TopicId(new UUID(5, number)), number, 0);
    }

    private LogStorage openOne(int number) throws IOException {
        return engine.openLog(id(number), 1, LogConfig.of(Durability.DISK));
    }

    private void open() throws IOException {
        engine = harness.open();
        logs.clear();
        for (int i = 0; i < SMALL_LOGS; i++) {
            logs.add(openOne(i));
        }
    }

    private void force() throws IOException {
        engine.flush();
        engine.force();
        harness.scheduler().runReady();
    }

    /** A few records in each log, then one log writes until the commit log has let go of them. */
    private void pack() throws IOException {
        open();
        for (int record = 0; record < RECORDS; record++) {
            for (int i = 0; i < SMALL_LOGS; i++) {
                TestBatches.append(logs.get(i), 1, 1, 200, 1000 * i + record);
            }
            force();
        }
        for (LogStorage log : logs) {
            written.add(TestBatches.readAll(log, 0, 1 << 20));
        }
        push();
        path = packs().isEmpty() ? "" : "packs/" + packs().getFirst();
    }

    private void push() throws IOException {
        LogStorage busy = openOne(99);
        for (int i = 0; i < 12; i++) {
            TestBatches.append(busy, 1, 1, 40_000, i);
            force();
        }
        busy.close();
    }

    private List<String> packs() throws IOException {
        return files.list("packs");
    }

    private void assertAllServed() throws IOException {
        for (int i = 0; i < SMALL_LOGS; i++) {
            assertThat(TestBatches.readAll(logs.get(i), 0, 1000)).isEqualTo(written.get(i));
        }
    }

    private void restart() throws IOException {
        harness.crash();
        open();
    }

    @Test
    void smallLogsAreInOnePackAndStayReadable() throws IOException {
        pack();
        assertThat(packs()).hasSize(1);
        assertThat(files.list("extents")).containsOnly("21-0.extent");
        assertAllServed();
        restart();
        assertAllServed();
        assertThat(((CheckableStorage) engine).check()).isEmpty();
        engine.close();
    }

    @Test
    void aPackCostsAStartTwoReads() throws IOException {
        pack();
        harness.kill();
        int[] reads = {0};
        files.faults(
                (operation, of) ->
                        reads[0] += operation == Operation.READ && of.equals(path) ? 1 : 0);
        open();
        assertThat(reads[0]).isEqualTo(2);
        files.faults((operation, path) -> {});
        engine.close();
    }

    @Test
    void whatWasCutStaysCutWhenTheCommitLogHasForgottenIt() throws IOException {
        pack();
        logs.get(3).truncate(2);
        TestBatches.append(logs.get(3), 1, 1, 300, 77);
        force();
        byte[] now = TestBatches.readAll(logs.get(3), 0, 1 << 20);
        logs.get(4).advanceStart(4);
        logs.get(5).close();
        engine.deleteLog(id(5));
        push();
        push();
        harness.crash();
        engine = harness.open();
        assertThat(engine.logs()).doesNotContain(id(5));
        assertThat(TestBatches.readAll(openOne(3), 0, 1 << 20)).isEqualTo(now);
        assertThat(openOne(4).startOffset()).isEqualTo(4);
        assertThat(openOne(5).endOffset()).isZero();
        engine.close();
    }

    @Test
    void aLogThatGrowsTakesItsPackedPartAlong() throws IOException {
        pack();
        for (int i = 0; i < 12; i++) {
            TestBatches.append(logs.get(0), 1, 1, 10_000, i);
            force();
        }
        byte[] all = TestBatches.readAll(logs.get(0), 0, 1 << 20);
        assertThat(files.list("extents")).contains("1-0.extent");
        push();
        restart();
        assertThat(TestBatches.readAll(logs.get(0), 0, 1 << 20)).isEqualTo(all);
        engine.close();
    }

    @Test
    void aLargeRoundTakesThePackedPartToItsFile() throws IOException {
        pack();
        TestBatches.append(logs.get(0), 1, 1, 90_000, 1);
        force();
        harness.scheduler().advanceNanos(40_000_000_000L);
        byte[] all = TestBatches.readAll(logs.get(0), 0, 1 << 20);
        for (LogStorage log : logs.subList(1, SMALL_LOGS)) {
            log.close();
        }
        for (int i = 1; i < SMALL_LOGS; i++) {
            engine.deleteLog(id(i));
        }
        harness.scheduler().advanceNanos(40_000_000_000L);
        assertThat(packs()).isEmpty();
        assertThat(TestBatches.readAll(logs.get(0), 0, 1 << 20)).isEqualTo(all);
        engine.close();
    }

    @Test
    void packsThatAreMostlyDeadAreRewritten() throws IOException {
        pack();
        long before = size(path);
        for (int i = 0; i < 12; i++) {
            logs.get(i).close();
            engine.deleteLog(id(i));
        }
        harness.scheduler().advanceNanos(40_000_000_000L);
        assertThat(packs()).hasSize(1).doesNotContain(path.substring(6));
        assertThat(size("packs/" + packs().getFirst())).isLessThan(before * 8 / 20 + 100);
        for (int i = 12; i < SMALL_LOGS; i++) {
            assertThat(TestBatches.readAll(logs.get(i), 0, 1000)).isEqualTo(written.get(i));
        }
        engine.close();
    }

    @Test
    void manySmallPacksBecomeOne() throws IOException {
        pack();
        int most = 0;
        for (int i = 0; i < 30; i++) {
            for (LogStorage log : logs) {
                TestBatches.append(log, 1, 1, 50, i);
            }
            force();
            push();
            most = Math.max(most, packs().size());
        }
        assertThat(most).isBetween(5, 10);
        restart();
        for (LogStorage log : logs) {
            assertThat(log.endOffset()).isEqualTo(RECORDS + 30);
            assertThat(TestBatches.readAll(log, 0, 1 << 20)).hasSize(RECORDS * 261 + 30 * 111);
        }
        engine.close();
    }

    @Test
    void aPackWhoseForceFailsIsNeverBelieved() throws IOException {
        var forced = new ArrayList<String>();
        files.faults(
                (operation, path) -> {
                    if (operation == Operation.FORCE && path.startsWith("packs/")) {
                        forced.add(path);
                        throw new IOException("injected");
                    }
                });
        pack();
        assertThat(forced).isNotEmpty().doesNotHaveDuplicates();
        assertThat(packs()).isEmpty();
        assertThat(files.list("commit").size()).isGreaterThan(2);
        assertAllServed();
        files.faults((operation, path) -> {});
        restart();
        assertAllServed();
        push();
        assertThat(packs()).isNotEmpty();
        restart();
        assertAllServed();
        engine.close();
    }

    @Test
    void aFullDiskLeavesNoHalfPack() throws IOException {
        files.faults(
                (operation, path) -> {
                    if (operation == Operation.WRITE && path.startsWith("packs/")) {
                        throw new IOException("No space left on device");
                    }
                });
        pack();
        assertThat(packs()).isEmpty();
        assertAllServed();
        files.faults((operation, path) -> {});
        push();
        assertThat(packs()).isNotEmpty();
        restart();
        assertAllServed();
        engine.close();
    }

    @Test
    void aDamagedBatchInAPackHidesNoNeighbour() throws IOException {
        pack();
        harness.kill();
        files.flipBit(path, find(ByteBuffer.wrap(written.get(7)).slice(2 * 261, 261)) + 200, 3);
        open();
        LogStorage damaged = logs.get(7);
        for (long offset = 0; offset < RECORDS; offset++) {
            long at = offset;
            if (offset == 2) {
                assertThatThrownBy(() -> damaged.read(at, at + 1, 1))
                        .isInstanceOfSatisfying(
                                CorruptLogException.class,
                                corrupt -> {
                                    assertThat(corrupt.file()).isEqualTo(path);
                                    assertThat(corrupt.offset()).isEqualTo(2);
                                    assertThat(corrupt.nextOffset()).isEqualTo(3);
                                })
                        .hasMessageContaining(id(7).toString());
            } else {
                try (LogSlice slice = damaged.read(offset, offset + 1, 1)) {
                    assertThat(slice.sizeInBytes()).isEqualTo(261);
                }
            }
        }
        assertThat(((CheckableStorage) engine).check())
                .singleElement()
                .satisfies(
                        problem -> {
                            assertThat(problem.log()).isEqualTo(id(7));
                            assertThat(problem.file()).isEqualTo(path);
                            assertThat(problem.fromOffset()).isEqualTo(2);
                        });
        engine.close();
    }

    @Test
    void damageBeforeACutTakesNothingWithItThatTheCutLeft() throws IOException {
        pack();
        logs.get(7).truncate(4);
        harness.kill();
        long second = find(ByteBuffer.wrap(written.get(7)).slice(2 * 261, 261));
        files.flipBit(path, second + BatchHeader.LENGTH + 2, 1);
        open();
        LogStorage damaged = logs.get(7);
        assertThat(damaged.endOffset()).isEqualTo(4);
        assertThat(damaged.read(1, 2, 1).sizeInBytes()).isEqualTo(261);
        assertThat(damaged.read(3, 4, 1).sizeInBytes()).isEqualTo(261);
        assertThatThrownBy(() -> damaged.read(2, 3, 1)).isInstanceOf(CorruptLogException.class);
        engine.close();
    }

    @Test
    void aCutWithinDamageEndsTheLogThere() throws IOException {
        pack();
        logs.get(7).truncate(4);
        harness.kill();
        byte[] zeros = new byte[3 * 261];
        try (StorageFile file = files.open(path, OpenMode.WRITE)) {
            file.write(
                    ByteBuffer.wrap(zeros),
                    find(ByteBuffer.wrap(written.get(7)).slice(2 * 261, 261)));
            file.force();
        }
        open();
        LogStorage damaged = logs.get(7);
        assertThat(damaged.endOffset()).isEqualTo(4);
        assertThat(damaged.read(1, 2, 1).sizeInBytes()).isEqualTo(261);
        assertThatThrownBy(() -> damaged.read(2, 3, 1)).isInstanceOf(CorruptLogException.class);
        assertThatThrownBy(() -> damaged.read(3, 4, 1)).isInstanceOf(CorruptLogException.class);
        engine.close();
    }

    @Test
    void damageIsCarriedAlongAndRefusedInTheNextPackToo() throws IOException {
        pack();
        files.flipBit(path, find(ByteBuffer.wrap(written.get(15)).slice(2 * 261, 261)) + 200, 3);
        for (int i = 0; i < 12; i++) {
            logs.get(i).close();
            engine.deleteLog(id(i));
        }
        harness.scheduler().advanceNanos(40_000_000_000L);
        assertThat(packs()).doesNotContain(path.substring(6));
        assertThatThrownBy(() -> logs.get(15).read(2, 3, 1))
                .isInstanceOf(CorruptLogException.class);
        assertThat(logs.get(15).read(3, 4, 1).sizeInBytes()).isEqualTo(261);
        engine.close();
    }

    @Test
    void aPackThatIsGoneTakesNoOtherLogAlong() throws IOException {
        pack();
        harness.kill();
        files.delete(path);
        engine = harness.open();
        LogStorage lost = openOne(7);
        assertThat(lost.endOffset()).isEqualTo(RECORDS);
        assertThatThrownBy(() -> lost.read(0, RECORDS, 1)).isInstanceOf(CorruptLogException.class);
        TestBatches.append(lost, 1, 1, 100, 1);
        engine.flush();
        engine.force();
        assertThat(lost.read(RECORDS, RECORDS + 1, 1).sizeInBytes()).isEqualTo(161);
        assertThat(TestBatches.readAll(openOne(99), 0, 1 << 20)).hasSize(12 * 40_061);
        List<StorageProblem> problems = ((CheckableStorage) engine).check();
        assertThat(problems).hasSize(SMALL_LOGS + 1);
        assertThat(problems).allMatch(problem -> problem.file().equals(path));
        engine.close();
    }

    @Test
    void aPackThatLostItsHeaderIsReportedAndServed() throws IOException {
        pack();
        harness.kill();
        overwrite(new byte[64]);
        open();
        assertAllServed();
        assertThat(((CheckableStorage) engine).check())
                .singleElement()
                .satisfies(problem -> assertThat(problem.file()).isEqualTo(path));
        engine.close();
    }

    @Test
    void aNewerPackIsRefusedNamingBothVersions() throws IOException {
        pack();
        harness.kill();
        ByteBuffer header = ByteBuffer.allocate(64);
        try (StorageFile file = files.open(path, OpenMode.READ)) {
            file.read(header, 0);
        }
        header.putInt(4, 9);
        var crc = new CRC32C();
        crc.update(header.array(), 0, 60);
        overwrite(header.putInt(60, (int) crc.getValue()).array());
        assertThatThrownBy(harness::open)
                .hasMessageContaining(path)
                .hasMessageContaining("version 9")
                .hasMessageContaining("understands version 3");
    }

    @Test
    void aPackThatNoCheckpointNamesIsDeleted() throws IOException {
        pack();
        harness.kill();
        try (StorageFile file = files.open("packs/0000000009.pack", OpenMode.CREATE_NEW)) {
            file.write(ByteBuffer.allocate(5000), 0);
        }
        open();
        assertThat(packs()).containsExactly(path.substring(6));
        assertAllServed();
        engine.close();
    }

    private long size(String of) throws IOException {
        try (StorageFile file = files.open(of, OpenMode.READ)) {
            return file.size();
        }
    }

    private void overwrite(byte[] header) throws IOException {
        try (StorageFile file = files.open(path, OpenMode.WRITE)) {
            file.write(ByteBuffer.wrap(header), 0);
            file.force();
        }
    }

    private long find(ByteBuffer wanted) throws IOException {
        try (StorageFile file = files.open(path, OpenMode.READ)) {
            ByteBuffer all = ByteBuffer.allocate((int) file.size());
            file.read(all, 0);
            for (int at = 0; at + wanted.remaining() <= all.capacity(); at++) {
                if (all.slice(at, wanted.remaining()).equals(wanted)) {
                    return at;
                }
            }
        }
        throw new AssertionError("not in " + path);
    }
}
