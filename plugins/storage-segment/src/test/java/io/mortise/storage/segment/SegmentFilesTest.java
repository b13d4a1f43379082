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
import io.mortise.spi.runtime.StorageFile;
import io.mortise.spi.storage.CorruptLogException;
import io.mortise.spi.storage.LogConfig;
import io.mortise.spi.storage.LogStorage;
import io.mortise.spi.storage.StorageEngine;
import io.mortise.spi.testing.EngineHarness;
import io.mortise.spi.testing.TestBatches;
import io.mortise.spi.testing.VolatileFileLayer;
import io.mortise.spi.testing.VolatileFileLayer.Operation;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.zip.CRC32C;

/** What lies in which file, when it is forced, and what a bad or foreign byte does. */
class SegmentFilesTest {
    private VolatileFileLayer files = new VolatileFileLayer();

    private static LogId id(int number) {
        return new LogId(TenantId.DEFAULT, new TopicId(new UUID(1, number)), number, 0);
    }

    private static LogStorage open(
            StorageEngine engine, int number, Durability level, int extentBytes)
            throws IOException {
        return engine.openLog(id(number), 1, new LogConfig(level, extentBytes, 0));
    }

    @Test
    void aRoundOfManyLogsIsForcedOnce() throws IOException {
        StorageEngine engine = EngineBench.shipped(files).open();
        var logs = new ArrayList<LogStorage>();
        for (int i = 0; i < 100; i++) {
            logs.add(open(engine, i, Durability.DISK, 64 << 20));
        }
        for (int round = 0; round < 5; round++) {
            for (LogStorage log : logs) {
                TestBatches.append(log, 1, 1, 500, round);
            }
            long before = files.forces();
            engine.flush();
            engine.force();
            assertThat(files.forces() - before).isEqualTo(1);
        }
        long before = files.forces();
        engine.flush();
        engine.force();
        assertThat(files.forces()).isEqualTo(before);
        engine.close();
    }

    @Test
    void logsWithLittleDataOwnNoFile() throws IOException {
        StorageEngine engine = EngineBench.shipped(files).open();
        for (int i = 0; i < 16; i++) {
            TestBatches.append(open(engine, i, Durability.DISK, 64 << 20), 1, 1, 1000, i);
        }
        engine.flush();
        engine.force();
        assertThat(files.files()).noneMatch(path -> path.startsWith("extents/"));
        assertThat(files.usedBytes()).isLessThan(270_000);
        engine.close();
        assertThat(files.files()).noneMatch(path -> path.startsWith("extents/"));
    }

    @Test
    void lessThanDiskNeverTouchesTheCommitLog() throws IOException {
        EngineHarness harness = EngineBench.shipped(files);
        StorageEngine engine = harness.open();
        LogStorage os = open(engine, 1, Durability.OS, 64 << 20);
        LogStorage memory = open(engine, 2, Durability.MEMORY, 64 << 20);
        for (int i = 0; i < 20; i++) {
            TestBatches.append(os, 1, 1, 1000, i);
            TestBatches.append(memory, 1, 1, 1000, i);
        }
        long before = files.forces();
        engine.flush();
        engine.force();
        assertThat(files.forces()).isEqualTo(before);
        assertThat(harness.metrics().count("mortise_storage_segment_commit_bytes_total")).isZero();
        harness.kill();
        StorageEngine again = harness.open();
        assertThat(open(again, 1, Durability.OS, 64 << 20).endOffset()).isEqualTo(20);
        again.close();
    }

    @Test
    void largeRoundsAreWrittenOnce() throws IOException {
        EngineHarness harness = EngineBench.shipped(files);
        StorageEngine engine = harness.open();
        LogStorage log = open(engine, 1, Durability.DISK, 1 << 20);
        for (int i = 0; i < 50; i++) {
            TestBatches.append(log, 1, 1, 100_000, i);
            engine.flush();
            engine.force();
            harness.scheduler().runReady();
        }
        long written =
                harness.metrics().count("mortise_storage_segment_commit_bytes_total")
                        + harness.metrics().count("mortise_storage_segment_own_bytes_total")
                        + harness.metrics().count("mortise_storage_segment_copied_bytes_total");
        long appended = harness.metrics().count("mortise_storage_segment_appended_bytes_total");
        assertThat(appended).isEqualTo(50L * 100_061);
        assertThat((double) written / appended).isBetween(1.0, 1.2);
        engine.close();
    }

    @Test
    void largeRoundsFindTheirRoomWritten() throws IOException {
        EngineHarness harness = EngineBench.shipped(files);
        StorageEngine engine = harness.open();
        LogStorage log = open(engine, 1, Durability.DISK, 64 << 20);
        int grown = 0;
        for (int i = 0; i < 200; i++) {
            long before = i == 0 ? 0 : size("extents/1-0.extent");
            TestBatches.append(log, 1, 1, 100_000, i);
            engine.flush();
            engine.force();
            long after = size("extents/1-0.extent");
            grown += after > before ? 1 : 0;
            harness.scheduler().runReady();
            assertThat(after).isLessThanOrEqualTo(4096 + (i + 1) * 100_061L + (5 << 20));
        }
        assertThat(grown).as("rounds that made their file longer").isLessThanOrEqualTo(2);
        engine.close();
        assertThat(size("extents/1-0.extent")).isEqualTo(4096 + 200 * 100_061L);
    }

    @Test
    void aForceAsideThatFailsFailsTheLog() throws IOException {
        EngineHarness harness = EngineBench.shipped(files);
        StorageEngine engine = harness.open();
        LogStorage log = open(engine, 1, Durability.DISK, 64 << 20);
        for (int i = 0; i < 9; i++) {
            TestBatches.append(log, 1, 1, 100_000, i);
            engine.flush();
            engine.force();
        }
        TestBatches.append(log, 1, 1, 100_000, 9);
        engine.flush(); // in the file, and what a failed force takes with it
        files.faults(
                (operation, path) -> {
                    if (operation == Operation.FORCE && path.startsWith("extents/")) {
                        throw new IOException("injected");
                    }
                });
        harness.scheduler().runReady();
        files.faults((operation, path) -> {});
        assertThatThrownBy(engine::force).hasMessageContaining("injected");
        log.close();
        harness.crash();
        LogStorage again = open(harness.open(), 1, Durability.DISK, 64 << 20);
        assertThat(TestBatches.readAll(again, 0, 1)).hasSize((int) again.endOffset() * 100_061);
        assertThat(again.endOffset()).isBetween(9L, 10L);
    }

    @Test
    void copiedCommitFilesAreReleased() throws IOException {
        EngineHarness harness = EngineBench.small(1, files);
        StorageEngine engine = harness.open();
        LogStorage busy = open(engine, 1, Durability.DISK, 100_000);
        LogStorage quiet = open(engine, 2, Durability.DISK, 100_000);
        TestBatches.append(quiet, 1, 1, 100, 1);
        for (int i = 0; i < 500; i++) {
            TestBatches.append(busy, 1, 1, 1000, i);
            engine.flush();
            engine.force();
            harness.scheduler().runReady();
        }
        assertThat(files.list("commit")).hasSizeLessThan(10);
        assertThat(files.files())
                .contains("packs/0000000001.pack")
                .doesNotContain("extents/2-0.extent");
        harness.crash();
        StorageEngine again = harness.open();
        assertThat(open(again, 1, Durability.DISK, 100_000).endOffset()).isEqualTo(500);
        assertThat(open(again, 2, Durability.DISK, 100_000).endOffset()).isEqualTo(1);
        again.close();
    }

    @Test
    void sealedExtentsAreNotReadAtStart() throws IOException {
        EngineHarness harness = EngineBench.shipped(files);
        StorageEngine engine = harness.open();
        LogStorage log = open(engine, 1, Durability.DISK, 200_000);
        for (int i = 0; i < 60; i++) {
            TestBatches.append(log, 1, 1, 100_000, i);
            engine.flush();
            engine.force();
            harness.scheduler().runReady();
        }
        engine.close();
        harness.kill();
        long[] reads = {0};
        files.faults((operation, path) -> reads[0] += operation == Operation.READ ? 1 : 0);
        StorageEngine again = harness.open();
        assertThat(open(again, 1, Durability.DISK, 200_000).endOffset()).isEqualTo(60);
        assertThat(files.list("extents")).hasSizeGreaterThan(25);
        assertThat(reads[0]).isLessThan(5L * files.list("extents").size() + 20);
        again.close();
    }

    @Test
    void deletedLogsLeaveNoFile() throws IOException {
        EngineHarness harness = EngineBench.shipped(files);
        StorageEngine engine = harness.open();
        LogStorage log = open(engine, 1, Durability.DISK, 200_000);
        for (int i = 0; i < 10; i++) {
            TestBatches.append(log, 1, 1, 100_000, i);
        }
        engine.flush();
        engine.force();
        log.close();
        engine.deleteLog(id(1));
        assertThat(files.list("extents")).isEmpty();
        harness.crash();
        StorageEngine again = harness.open();
        assertThat(again.logs()).isEmpty();
        assertThat(files.list("extents")).isEmpty();
        again.close();
    }

    @Test
    void aFullDiskIsSaidPlainlyAndLosesNothing() throws IOException {
        EngineHarness harness = EngineBench.shipped(files);
        StorageEngine engine = harness.open();
        LogStorage log = open(engine, 1, Durability.DISK, 64 << 20);
        TestBatches.append(log, 1, 1, 100_000, 1);
        engine.flush();
        engine.force();
        files.capacityBytes(files.usedBytes() + 50_000);
        assertThatThrownBy(
                        () -> {
                            for (int i = 0; i < 50; i++) {
                                TestBatches.append(log, 1, 1, 100_000, i);
                                engine.flush();
                                engine.force();
                            }
                        })
                .isInstanceOf(IOException.class)
                .hasMessageContaining("No space left on device");
        assertThatThrownBy(() -> log.read(0, 1, 1)).isInstanceOf(IOException.class);
        log.close();
        files.capacityBytes(Long.MAX_VALUE);
        LogStorage again = open(engine, 1, Durability.DISK, 64 << 20);
        assertThat(again.endOffset()).isPositive();
        assertThat(TestBatches.readAll(again, 0, 1)).hasSize((int) again.endOffset() * 100_061);
        TestBatches.append(again, 1, 1, 100_000, 9);
        engine.flush();
        engine.force();
        engine.close();
    }

    @Test
    void appendsStopBeforeTheDiskIsFullAndGoOnWhenThereIsRoom() throws IOException {
        EngineHarness harness = EngineBench.shipped(files, "reserveBytes", "5000000");
        StorageEngine engine = harness.open();
        LogStorage log = open(engine, 1, Durability.DISK, 64 << 20);
        TestBatches.append(log, 1, 1, 100_000, 1);
        engine.flush();
        engine.force();
        files.capacityBytes(files.usedBytes() + 12_000_000);
        for (int attempt = 0; attempt < 3; attempt++) {
            LogStorage full = log;
            assertThatThrownBy(
                            () -> {
                                for (int i = 0; i < 200; i++) {
                                    TestBatches.append(full, 1, 1, 100_000, i);
                                }
                            })
                    .hasMessageContaining("reserveBytes is 5000000")
                    .hasMessageContaining("extents/1-0.extent")
                    .hasMessageContaining(id(1).toString());
            log.close();
            log = open(engine, 1, Durability.DISK, 64 << 20);
            assertThat(log.endOffset()).isBetween(20L, 80L);
            assertThat(TestBatches.readAll(log, 0, 1)).hasSize((int) log.endOffset() * 100_061);
            assertThat(files.usableBytes()).isGreaterThan(500_000);
        }
        files.capacityBytes(Long.MAX_VALUE);
        long end = log.endOffset();
        TestBatches.append(log, 1, 1, 100_000, 2);
        engine.flush();
        engine.force();
        assertThat(log.endOffset()).isEqualTo(end + 1);
        engine.close();
    }

    @Test
    void aCheckpointFollowsTheBytesSoThatARestartReadsLittle() throws IOException {
        EngineHarness harness = EngineBench.shipped(files);
        StorageEngine engine = harness.open();
        LogStorage log = open(engine, 1, Durability.DISK, 64 << 20);
        for (int i = 0; i < 20; i++) {
            TestBatches.append(log, 1, 1, 1_000_000, i);
            engine.flush();
            engine.force();
            harness.scheduler().runReady();
        }
        harness.kill();
        long[] reads = {0};
        files.faults((operation, path) -> reads[0] += operation == Operation.READ ? 1 : 0);
        StorageEngine again = harness.open();
        assertThat(open(again, 1, Durability.DISK, 64 << 20).endOffset()).isEqualTo(20);
        assertThat(reads[0]).as("reads of at most 256 KB").isLessThan(5_000_000 / (64 << 10) * 2);
        again.close();
    }

    @Test
    void filesThatNobodyUsesAreClosed() throws IOException {
        EngineHarness harness = EngineBench.shipped(files);
        StorageEngine engine = harness.open();
        LogStorage log = open(engine, 1, Durability.DISK, 200_000);
        for (int i = 0; i < 10; i++) {
            TestBatches.append(log, 1, 1, 100_000, i);
        }
        engine.flush();
        engine.force();
        harness.scheduler().advanceNanos(40_000_000_000L);
        var opened = new ArrayList<String>();
        files.faults(
                (operation, path) -> {
                    if (operation == Operation.OPEN) {
                        opened.add(path);
                    }
                });
        assertThat(TestBatches.readAll(log, 0, 1)).hasSize(1_000_610);
        assertThat(opened).isEmpty();
        harness.scheduler().advanceNanos(40_000_000_000L);
        try (var lent = log.read(0, 1, 1)) {
            harness.scheduler().advanceNanos(80_000_000_000L);
            opened.clear();
            assertThat(TestBatches.bytes(lent)).hasSize(100_061);
        }
        assertThat(opened).isEmpty();
        assertThat(TestBatches.readAll(log, 0, 1)).hasSize(1_000_610);
        assertThat(opened).contains("extents/1-0.extent", "extents/1-9.extent");
        assertThat(size("extents/1-9.extent")).isEqualTo(4096 + 100_061); // no zeros ahead
        opened.clear();
        harness.scheduler().advanceNanos(80_000_000_000L);
        TestBatches.append(log, 1, 1, 90_000, 4);
        engine.flush();
        engine.force();
        assertThat(opened).contains("extents/1-9.extent");
        harness.crash();
        StorageEngine again = harness.open();
        LogStorage reopened = open(again, 1, Durability.DISK, 200_000);
        assertThat(TestBatches.readAll(reopened, 0, 1)).hasSize(1_000_610 + 90_061);
        again.close();
    }

    @Test
    void noForceIsRepeatedAfterItFailed() throws IOException {
        StorageEngine engine = EngineBench.shipped(files).open();
        LogStorage log = open(engine, 1, Durability.DISK, 64 << 20);
        TestBatches.append(log, 1, 1, 100_000, 1);
        engine.flush();
        var forced = new ArrayList<String>();
        files.faults(
                (operation, path) -> {
                    if (operation == Operation.FORCE && path.startsWith("extents/")) {
                        forced.add(path);
                        throw new IOException("injected");
                    }
                });
        assertThatThrownBy(engine::force).hasMessage("injected");
        engine.flush();
        engine.force();
        assertThat(forced).hasSize(1);
        assertThatThrownBy(() -> TestBatches.append(log, 1, 1, 10, 1))
                .hasMessageContaining("opened anew");
        files.faults((operation, path) -> {});
        log.close();
        assertThat(open(engine, 1, Durability.DISK, 64 << 20).endOffset()).isZero();
        engine.close();
    }

    /** However often it is tried to open it anew. */
    @Test
    void nothingOfAFailedRoundIsKept() throws IOException {
        EngineHarness harness = EngineBench.shipped(files);
        StorageEngine engine = harness.open();
        LogStorage log = open(engine, 1, Durability.DISK, 64 << 20);
        for (int i = 0; i < 3; i++) {
            TestBatches.append(log, 1, 1, 500, i);
            engine.flush();
            engine.force();
        }
        byte[] acknowledged = TestBatches.readAll(log, 0, 1);
        TestBatches.append(log, 1, 1, 500, 3);
        fail(Operation.WRITE);
        assertThatThrownBy(engine::force).hasMessage("injected");
        log.close();
        fail(Operation.READ);
        assertThatThrownBy(() -> open(engine, 1, Durability.DISK, 64 << 20)).hasMessage("injected");
        files.faults((operation, path) -> {});
        LogStorage again = open(engine, 1, Durability.DISK, 64 << 20);
        assertThat(again.endOffset()).isEqualTo(3);
        assertThat(TestBatches.readAll(again, 0, 1)).isEqualTo(acknowledged);
        engine.close();
        assertThat(harness.metrics().count("mortise_storage_segment_damaged_ranges_total"))
                .isZero();
    }

    private void fail(Operation failing) {
        files.faults(
                (operation, path) -> {
                    if (operation == failing) {
                        throw new IOException("injected");
                    }
                });
    }

    @Test
    void aNewerVersionIsRefusedNamingBoth() throws IOException {
        EngineHarness harness = EngineBench.shipped(files);
        fill(harness);
        for (String path :
                List.of("meta", "checkpoint", "commit/0000000001.commit", "extents/2-0.extent")) {
            byte[] header = header(path);
            overwrite(path, versioned(header, 7));
            assertThatThrownBy(
                            () -> {
                                StorageEngine engine = harness.open();
                                try {
                                    open(engine, 2, Durability.DISK, 100_000);
                                } finally {
                                    engine.close();
                                }
                            })
                    .as(path)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(path)
                    .hasMessageContaining("7")
                    .hasMessageContaining("understands version 3");
            harness.kill();
            overwrite(path, header);
        }
    }

    @Test
    void noFlippedBitIsEverServed() throws IOException {
        var random = new Random(3);
        int refused = 0;
        for (int i = 0; i < 150; i++) {
            files = new VolatileFileLayer();
            EngineHarness harness = EngineBench.shipped(files);
            List<byte[]> expected = fill(harness);
            List<String> paths = files.files().stream().filter(path -> size(path) > 0).toList();
            String path = paths.get(random.nextInt(paths.size()));
            files.flipBit(
                    path, random.nextLong(Math.min(size(path), used(path))), random.nextInt(8));
            refused += survives(harness, expected) ? 0 : 1;
        }
        assertThat(refused).isBetween(100, 150);
    }

    /** One log in the commit log, one in sealed and growing extents; gives all bytes of each. */
    private List<byte[]> fill(EngineHarness harness) throws IOException {
        StorageEngine engine = harness.open();
        LogStorage small = open(engine, 1, Durability.DISK, 100_000);
        LogStorage large = open(engine, 2, Durability.DISK, 100_000);
        for (int i = 0; i < 20; i++) {
            TestBatches.append(small, 1, 1, 500, i);
            TestBatches.append(large, 1, 1, i % 2 == 0 ? 70_000 : 200, i);
            engine.flush();
            engine.force();
            harness.scheduler().runReady();
        }
        List<byte[]> all =
                List.of(
                        TestBatches.readAll(small, 0, 1 << 20),
                        TestBatches.readAll(large, 0, 1 << 20));
        engine.close();
        harness.kill();
        return all;
    }

    /** Whether all is served; what is served is always right. */
    private boolean survives(EngineHarness harness, List<byte[]> expected) throws IOException {
        StorageEngine engine;
        try {
            engine = harness.open();
        } catch (IOException refused) {
            return false;
        }
        try {
            boolean whole = true;
            for (int number = 1; number <= 2; number++) {
                whole &= serves(engine, number, expected.get(number - 1));
            }
            return whole;
        } finally {
            harness.kill();
        }
    }

    private static boolean serves(StorageEngine engine, int number, byte[] expected)
            throws IOException {
        try {
            LogStorage log = open(engine, number, Durability.DISK, 100_000);
            byte[] served = TestBatches.readAll(log, 0, 1);
            assertThat(served).isEqualTo(expected);
            return true;
        } catch (CorruptLogException refused) {
            assertThat(refused).hasMessageContaining("file '").hasMessageContaining(" fails its ");
            return false;
        } catch (IOException refused) {
            return false;
        }
    }

    private long size(String path) {
        try (StorageFile file = files.open(path, OpenMode.READ)) {
            return file.size();
        } catch (IOException failure) {
            throw new AssertionError(failure);
        }
    }

    /** Zeros behind the frames are no data: a bit there is a torn tail. */
    private long used(String path) {
        return path.startsWith("commit/") ? 64 + 73 + 600 * 20 : Long.MAX_VALUE;
    }

    private byte[] header(String path) throws IOException {
        ByteBuffer header = ByteBuffer.allocate(64);
        try (StorageFile file = files.open(path, OpenMode.READ)) {
            assertThat(file.read(header, 0)).isEqualTo(64);
        }
        return header.array();
    }

    private void overwrite(String path, byte[] header) throws IOException {
        try (StorageFile file = files.open(path, OpenMode.WRITE)) {
            file.write(ByteBuffer.wrap(header), 0);
            file.force();
        }
    }

    private static byte[] versioned(byte[] header, int version) {
        ByteBuffer changed = ByteBuffer.wrap(header.clone()).putInt(4, version);
        var crc = new CRC32C();
        crc.update(changed.array(), 0, 60);
        return changed.putInt(60, (int) crc.getValue()).array();
    }
}
