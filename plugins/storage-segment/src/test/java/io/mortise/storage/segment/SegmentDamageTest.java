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
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;

/** Bytes that change on the disk take no more with them than the batch that they are of. */
class SegmentDamageTest {
    private static final LogId ID = new LogId(TenantId.DEFAULT, new TopicId(new UUID(80, 1)), 1, 1);
    private static final int BATCHES = 40;

    private final VolatileFileLayer files = new VolatileFileLayer();
    private final EngineHarness harness = EngineBench.shipped(files);
    private final TreeMap<Long, ByteBuffer> written = new TreeMap<>();
    private StorageEngine engine;
    private LogStorage log;

    private void open() throws IOException {
        engine = harness.open();
        log = engine.openLog(ID, 1, LogConfig.of(Durability.DISK));
    }

    private void write(int bytes) throws IOException {
        open();
        for (int i = 0; i < BATCHES; i++) {
            long base = log.endOffset();
            written.put(base, TestBatches.append(log, 1, 1, bytes, i));
            engine.flush();
            engine.force();
        }
    }

    /** Where a written batch lies in a file. */
    private long find(String path, long offset) throws IOException {
        byte[] wanted = TestBatches.bytes(written.get(offset));
        try (StorageFile file = files.open(path, OpenMode.READ)) {
            ByteBuffer all = ByteBuffer.allocate((int) file.size());
            file.read(all, 0);
            for (int at = 0; at + wanted.length <= all.capacity(); at++) {
                if (all.slice(at, wanted.length).equals(ByteBuffer.wrap(wanted))) {
                    return at;
                }
            }
        }
        throw new AssertionError("offset " + offset + " is not in " + path);
    }

    /** All but the damaged batch are served; the exception says where to go on. */
    private void assertServesAllBut(long damaged) throws IOException {
        long next = 0;
        while (next < log.endOffset()) {
            try (LogSlice slice = log.read(next, Long.MAX_VALUE, 1)) {
                assertThat(next).isNotEqualTo(damaged);
                assertThat(TestBatches.bytes(slice))
                        .isEqualTo(TestBatches.bytes(written.get(next)));
                next = slice.nextOffset();
            } catch (CorruptLogException corrupt) {
                assertThat(corrupt.offset()).isEqualTo(damaged).isEqualTo(next);
                assertThat(corrupt.nextOffset()).isEqualTo(damaged + 1);
                assertThat(corrupt).hasMessageContaining(ID.toString());
                assertThat(corrupt).hasMessageContaining(corrupt.file());
                next = corrupt.nextOffset();
            }
        }
        assertThat(log.endOffset()).isEqualTo(BATCHES);
        List<StorageProblem> problems = ((CheckableStorage) engine).check();
        assertThat(problems).anyMatch(problem -> problem.fromOffset() == damaged);
        assertThat(problems)
                .allSatisfy(
                        problem -> {
                            assertThat(problem.log()).isEqualTo(ID);
                            assertThat(problem.toOffset()).isEqualTo(damaged + 1);
                        });
        assertThat(harness.metrics().count("mortise_storage_segment_damaged_ranges_total"))
                .isPositive();
    }

    private void assertServes(long offset) throws IOException {
        try (LogSlice slice = log.read(offset, offset + 1, 1)) {
            assertThat(TestBatches.bytes(slice)).isEqualTo(TestBatches.bytes(written.get(offset)));
        }
    }

    private void flip(String path, long position) throws IOException {
        files.flipBit(path, position, 3);
    }

    @Test
    void inOneOfTwoOwnRoundsWithASmallOneBetween() throws IOException {
        open();
        for (int i = 0; i < BATCHES; i++) {
            long base = log.endOffset();
            int bytes = base == 20 || base == 22 ? 100_000 : 500;
            written.put(base, TestBatches.append(log, 1, 1, bytes, i));
            engine.flush();
            engine.force();
        }
        harness.crash();
        String own =
                files.files().stream()
                        .filter(it -> it.endsWith(".extent"))
                        .findFirst()
                        .orElseThrow();
        flip(own, find(own, 20) + 70_000);
        open();
        assertServesAllBut(20);
        engine.close();
    }

    @Test
    void inTheCommitLogWhileRunning() throws IOException {
        write(500);
        assertThat(((CheckableStorage) engine).check()).isEmpty();
        flip("commit/0000000001.commit", find("commit/0000000001.commit", 17) + 300);
        assertServesAllBut(17);
        engine.close();
    }

    @Test
    void inTheCommitLogBeforeARestart() throws IOException {
        for (int at : new int[] {300, BatchHeader.LENGTH, BatchHeader.BASE_OFFSET + 7}) {
            files.files().forEach(path -> deleteQuietly(path));
            written.clear();
            write(500);
            harness.crash();
            flip("commit/0000000001.commit", find("commit/0000000001.commit", 17) + at);
            open();
            assertServesAllBut(17);
            harness.kill();
        }
    }

    @Test
    void inTheHeaderOfAFrame() throws IOException {
        for (int at = -48; at < 0; at++) {
            files.files().forEach(path -> deleteQuietly(path));
            written.clear();
            write(500);
            harness.crash();
            flip("commit/0000000001.commit", find("commit/0000000001.commit", 17) + at);
            open();
            assertThat(log.endOffset()).isEqualTo(BATCHES);
            for (long offset = 0; offset < BATCHES; offset++) {
                assertThat(serves(offset)).as("byte %d", at).isTrue();
            }
            harness.kill();
        }
    }

    private void deleteQuietly(String path) {
        try {
            files.delete(path);
        } catch (IOException failure) {
            throw new AssertionError(failure);
        }
    }

    @Test
    void inAFileThatGrowsWhileRunning() throws IOException {
        write(70_000);
        flip("extents/1-0.extent", find("extents/1-0.extent", 17) + 300);
        assertServesAllBut(17);
        engine.close();
    }

    @Test
    void inAFileThatGrewBeforeARestart() throws IOException {
        for (int at :
                new int[] {
                    300,
                    BatchHeader.LENGTH + 1,
                    BatchHeader.BASE_OFFSET + 7,
                    BatchHeader.LEADER_EPOCH + 2
                }) {
            files.files().forEach(path -> deleteQuietly(path));
            written.clear();
            write(70_000);
            harness.crash();
            flip("extents/1-0.extent", find("extents/1-0.extent", 17) + at);
            open();
            assertServesAllBut(17);
            harness.kill();
        }
    }

    /** What a checkpoint vouches for is indexed as it is: a header is no better than its batch. */
    @Test
    void aDamagedHeaderInventsNoOffsets() throws IOException {
        for (int at = BatchHeader.LAST_OFFSET_DELTA; at < BatchHeader.LAST_OFFSET_DELTA + 4; at++) {
            files.files().forEach(path -> deleteQuietly(path));
            written.clear();
            write(70_000);
            harness.scheduler().advanceNanos(60_000_000_000L);
            harness.crash();
            flip("extents/1-0.extent", find("extents/1-0.extent", 17) + at);
            open();
            assertServesAllBut(17);
            log.truncate(BATCHES - 1);
            assertThat(log.endOffset()).isEqualTo(BATCHES - 1);
            log.truncate(18);
            assertThat(log.endOffset()).isEqualTo(18);
            harness.kill();
        }
    }

    @Test
    void inALeaderEpochWhileRunning() throws IOException {
        for (int bytes : new int[] {700, 70_000}) {
            String path = bytes == 700 ? "commit/0000000001.commit" : "extents/1-0.extent";
            for (boolean sealed : new boolean[] {false, true}) {
                files.files().forEach(file -> deleteQuietly(file));
                written.clear();
                write(bytes);
                flip(path, find(path, 17) + BatchHeader.LEADER_EPOCH);
                if (sealed) {
                    seal();
                    log.truncate(BATCHES);
                }
                assertServesAllBut(17);
                harness.kill();
            }
        }
    }

    @Test
    void inALeaderEpochOfOneOfManyEpochs() throws IOException {
        for (int bytes : new int[] {700, 70_000}) {
            String path = bytes == 700 ? "commit/0000000001.commit" : "extents/1-0.extent";
            files.files().forEach(file -> deleteQuietly(file));
            written.clear();
            engine = harness.open();
            for (int i = 0; i < BATCHES; i++) {
                log = engine.openLog(ID, i, LogConfig.of(Durability.DISK));
                written.put((long) i, TestBatches.append(log, i, 1, bytes, i));
                engine.flush();
                engine.force();
                log.close();
            }
            harness.crash();
            flip(path, find(path, 17) + BatchHeader.LEADER_EPOCH + 3);
            engine = harness.open();
            log = engine.openLog(ID, BATCHES, LogConfig.of(Durability.DISK));
            assertServesAllBut(17);
            harness.scheduler().advanceNanos(60_000_000_000L);
            harness.crash();
            engine = harness.open();
            log = engine.openLog(ID, BATCHES, LogConfig.of(Durability.DISK));
            assertServesAllBut(17);
            harness.kill();
        }
    }

    @Test
    void aFileThatLostItsEndHidesNoLaterOne() throws IOException {
        engine = harness.open();
        log = engine.openLog(ID, 1, new LogConfig(Durability.DISK, 1_500_000, 0));
        for (int i = 0; i < BATCHES; i++) {
            written.put((long) i, TestBatches.append(log, 1, 1, 70_000, i));
            engine.flush();
            engine.force();
        }
        harness.kill();
        String path = "extents/1-0.extent"; // 0 to 20; what it held before the last was settled
        try (StorageFile file = files.open(path, OpenMode.WRITE)) {
            file.truncate(find(path, 19) + 10_000);
            file.force();
        }
        for (int life = 0; life < 2; life++) {
            open();
            assertThat(log.endOffset()).isEqualTo(BATCHES);
            assertServes(18);
            assertThatThrownBy(() -> log.read(19, 20, 1))
                    .isInstanceOfSatisfying(
                            CorruptLogException.class,
                            corrupt -> assertThat(corrupt.nextOffset()).isEqualTo(21));
            assertServes(21);
            harness.crash();
        }
    }

    /** The file that grew before it has no mark that its last round was durable: this one has. */
    @Test
    void aLostLastRoundHidesNoLaterFile() throws IOException {
        for (int batches : new int[] {22, 23, BATCHES}) {
            for (String damage : List.of("short", "bit", "header", "mark")) {
                files.files().forEach(path -> deleteQuietly(path));
                written.clear();
                engine = harness.open();
                log = engine.openLog(ID, 1, new LogConfig(Durability.DISK, 1_500_000, 0));
                for (int i = 0; i < batches; i++) {
                    written.put((long) i, TestBatches.append(log, 1, 1, 70_000, i));
                    engine.flush();
                    engine.force();
                }
                harness.kill();
                loseLast("extents/1-0.extent", damage); // 0 to 20
                for (int life = 0; life < 2; life++) {
                    open();
                    assertThat(log.endOffset()).as(damage).isEqualTo(batches);
                    assertServes(19);
                    for (long offset = 21; offset < batches; offset++) {
                        assertServes(offset);
                    }
                    assertThatThrownBy(() -> log.read(20, 21, 1), damage)
                            .isInstanceOfSatisfying(
                                    CorruptLogException.class,
                                    corrupt -> assertThat(corrupt.nextOffset()).isEqualTo(21));
                    assertThat(((CheckableStorage) engine).check()).hasSize(1);
                    if (life == 0) {
                        harness.crash();
                    }
                }
                seal();
                assertThatThrownBy(() -> log.read(20, 21, 1))
                        .isInstanceOf(CorruptLogException.class);
                harness.kill();
            }
        }
    }

    private void loseLast(String path, String damage) throws IOException {
        long last = find(path, 20);
        switch (damage) {
            case "short" -> {
                try (StorageFile file = files.open(path, OpenMode.WRITE)) {
                    file.truncate(last + 10_000);
                    file.force();
                }
            }
            case "bit" -> flip(path, last + 500);
            case "header" -> flip(path, last + BatchHeader.LENGTH);
            default -> { // the mark of round 20
                for (int sector = 1; sector < 8; sector++) {
                    byte[] all = files.bytes(path);
                    if (ByteBuffer.wrap(all).getLong(sector * 512 + 4) == 21) {
                        flip(path, sector * 512 + 4 + 7);
                    }
                }
            }
        }
    }

    /** A round that was never forced is no damage, though its second file survives a power loss. */
    @Test
    void aLaterFileOfTheSameRoundShowsNothing() throws IOException {
        engine = harness.open();
        log = engine.openLog(ID, 1, new LogConfig(Durability.DISK, 300_000, 0));
        for (int i = 0; i < 8; i++) {
            written.put((long) i, TestBatches.append(log, 1, 1, 70_000, i));
            if (i < 2) {
                engine.flush();
                engine.force();
            }
        }
        engine.flush();
        files.forceDirectory("extents");
        harness.kill();
        try (StorageFile file = files.open("extents/1-0.extent", OpenMode.WRITE)) {
            file.truncate(find("extents/1-0.extent", 2) + 10_000);
        }
        open();
        assertThat(log.endOffset()).isEqualTo(2);
        assertThat(((CheckableStorage) engine).check()).isEmpty();
        engine.close();
    }

    @Test
    void whatIsDamagedBeforeItIsCopiedIsRefusedAfterwards() throws IOException {
        write(40_000);
        flip("commit/0000000001.commit", find("commit/0000000001.commit", 17) + 300);
        harness.scheduler().runReady();
        assertThat(files.files()).contains("extents/1-0.extent");
        assertServesAllBut(17);
        harness.crash();
        open();
        assertServesAllBut(17);
        engine.close();
    }

    @Test
    void aSealedExtentKeepsItsGoodBatches() throws IOException {
        write(30_000);
        log.configure(new LogConfig(Durability.DISK, 1_000, 0));
        TestBatches.append(log, 1, 1, 100_000, 1);
        engine.flush();
        engine.force();
        harness.scheduler().advanceNanos(60_000_000_000L);
        flip("extents/1-0.extent", find("extents/1-0.extent", 17) + 300);
        harness.kill();
        open();
        log.truncate(BATCHES);
        assertServesAllBut(17);
        engine.close();
    }

    @Test
    void whatIsDamagedBeforeItIsSealedIsRefusedAfterwards() throws IOException {
        write(70_000);
        flip("extents/1-0.extent", find("extents/1-0.extent", 17) + 300);
        log.configure(new LogConfig(Durability.DISK, 1_000, 0));
        TestBatches.append(log, 1, 1, 100_000, 1);
        engine.flush();
        engine.force();
        harness.scheduler().advanceNanos(60_000_000_000L);
        log.truncate(BATCHES);
        assertServesAllBut(17);
        harness.kill();
        open();
        assertServesAllBut(17);
        engine.close();
    }

    /** Fails the disk once and opens the log anew. */
    private void failAndReopen() throws IOException {
        TestBatches.append(log, 1, 1, 70_000, 99);
        engine.flush();
        files.faults(
                (operation, path) -> {
                    if (operation == Operation.FORCE) {
                        throw new IOException("injected");
                    }
                });
        assertThatThrownBy(engine::force).hasMessage("injected");
        files.faults((operation, path) -> {});
        log.close();
        log = engine.openLog(ID, 1, LogConfig.of(Durability.DISK));
    }

    @Test
    void aLogThatFailedIsOpenedAnewAroundIt() throws IOException {
        for (int bytes : new int[] {700, 70_000}) {
            String path = bytes == 700 ? "commit/0000000001.commit" : "extents/1-0.extent";
            for (long damaged : new long[] {0, 17, BATCHES - 1}) {
                files.files().forEach(file -> deleteQuietly(file));
                written.clear();
                write(bytes);
                flip(path, find(path, damaged) + 300);
                failAndReopen();
                assertServesAllBut(damaged);
                harness.scheduler().advanceNanos(60_000_000_000L);
                harness.crash();
                open();
                assertServesAllBut(damaged);
                harness.kill();
            }
        }
    }

    /** A cut makes a copy of what is kept: whatever it holds and whether it was sealed. */
    @Test
    void aCutKeepsItRefused() throws IOException {
        for (int at : new int[] {300, BatchHeader.LENGTH + 1, BatchHeader.BASE_OFFSET + 7}) {
            for (boolean sealed : new boolean[] {false, true}) {
                files.files().forEach(file -> deleteQuietly(file));
                written.clear();
                write(70_000);
                for (int i = 0; i < 3; i++) {
                    TestBatches.append(log, 1, 1, 70_000, 100 + i);
                }
                engine.flush();
                engine.force();
                if (sealed) {
                    seal();
                }
                flip("extents/1-0.extent", find("extents/1-0.extent", 17) + at);
                flip("extents/1-0.extent", find("extents/1-0.extent", BATCHES - 1) + 400);
                log.truncate(BATCHES);
                assertRefusedOnly(17, BATCHES - 1);
                harness.crash();
                open();
                assertRefusedOnly(17, BATCHES - 1);
                harness.kill();
            }
        }
    }

    private void assertRefusedOnly(long one, long other) throws IOException {
        assertThat(log.endOffset()).isEqualTo(BATCHES);
        for (long offset = 0; offset < BATCHES; offset++) {
            assertThat(serves(offset))
                    .as("offset %d", offset)
                    .isEqualTo(offset != one && offset != other);
        }
    }

    /** A round failed before, and the log was opened anew: what came later is vouched for. */
    @Test
    void behindACutThatCameToItsEnd() throws IOException {
        open();
        for (int i = 0; i < BATCHES; i++) {
            if (i == 10) {
                failRound();
            }
            long base = log.endOffset();
            int bytes = i == BATCHES - 1 ? 100 : 70_000;
            written.put(base, TestBatches.append(log, 1, 1, bytes, i));
            engine.flush();
            engine.force();
        }
        harness.crash();
        flip("extents/1-0.extent", find("extents/1-0.extent", 30) + 500);
        open();
        assertServesAllBut(30);
    }

    private void failRound() throws IOException {
        TestBatches.append(log, 1, 1, 100, 1);
        files.faults(
                (operation, path) -> {
                    if (operation == Operation.WRITE) {
                        throw new IOException("injected");
                    }
                });
        assertThatThrownBy(engine::force).hasMessage("injected");
        files.faults((operation, path) -> {});
        log.close();
        log = engine.openLog(ID, 1, LogConfig.of(Durability.DISK));
    }

    /** What only a block's CRC finds stays refused in a copy. */
    @Test
    void aCutKeepsABlockOfABadLeaderEpochRefused() throws IOException {
        write(70_000);
        TestBatches.append(log, 1, 1, 70_000, 100);
        engine.flush();
        engine.force();
        seal();
        flip("extents/1-0.extent", find("extents/1-0.extent", 17) + BatchHeader.LEADER_EPOCH + 2);
        log.truncate(BATCHES);
        assertServesAllBut(17);
        harness.crash();
        open();
        assertServesAllBut(17);
        engine.close();
    }

    private void seal() throws IOException {
        log.configure(new LogConfig(Durability.DISK, 1_000, 0));
        TestBatches.append(log, 1, 1, 100_000, 1);
        engine.flush();
        engine.force();
        harness.scheduler().advanceNanos(60_000_000_000L);
    }

    @Test
    void itIsNoneBelowTheStart() throws IOException {
        write(70_000);
        log.advanceStart(20);
        flip("extents/1-0.extent", find("extents/1-0.extent", 17) + 300);
        failAndReopen();
        log.truncate(BATCHES - 1);
        assertThat(((CheckableStorage) engine).check()).isEmpty();
        harness.crash();
        open();
        for (long offset = 20; offset < BATCHES - 1; offset++) {
            assertServes(offset);
        }
        assertThat(((CheckableStorage) engine).check()).isEmpty();
        assertThat(harness.metrics().count("mortise_storage_segment_damaged_ranges_total"))
                .isZero();
        engine.close();
    }

    /** Many batches of a block are good, whatever one of them is. */
    @Test
    void aSealedBlockKeepsTheNeighboursOfABatch() throws IOException {
        engine = EngineBench.shipped(files, "ownRoundBytes", "1").open();
        log = engine.openLog(ID, 1, LogConfig.of(Durability.DISK));
        for (int i = 0; i < BATCHES; i++) {
            written.put((long) i, TestBatches.append(log, 1, 1, 100, i));
            engine.flush();
            engine.force();
        }
        flip("extents/1-0.extent", find("extents/1-0.extent", 17) + 100);
        flip(
                "extents/1-0.extent",
                find("extents/1-0.extent", 30) + BatchHeader.BASE_OFFSET + 6); // as if after a gap
        TestBatches.append(log, 1, 1, 100, 1);
        engine.flush();
        engine.force();
        log.truncate(BATCHES);
        assertRefusedOnly(17, 30);
        engine.close();
    }

    @Test
    void neighboursOfAnyFlippedBitAreServed() throws IOException {
        var random = new Random(5);
        for (int i = 0; i < 60; i++) {
            files.files().forEach(path -> deleteQuietly(path));
            written.clear();
            write(i % 2 == 0 ? 700 : 70_000);
            harness.crash();
            String path = i % 2 == 0 ? "commit/0000000001.commit" : "extents/1-0.extent";
            long damaged = random.nextInt(1, BATCHES - 1);
            int size = written.get(damaged).remaining();
            files.flipBit(path, find(path, damaged) + random.nextInt(size), random.nextInt(8));
            open();
            assertThat(log.endOffset()).isEqualTo(BATCHES);
            int served = 0;
            for (long offset = 0; offset < BATCHES; offset++) {
                served += serves(offset) ? 1 : 0;
            }
            assertThat(served).isGreaterThanOrEqualTo(BATCHES - 1);
            harness.kill();
        }
    }

    private boolean serves(long offset) throws IOException {
        try (LogSlice slice = log.read(offset, Long.MAX_VALUE, 1)) {
            ByteBuffer found = ByteBuffer.wrap(TestBatches.bytes(slice));
            byte[] expected = TestBatches.bytes(written.get(offset));
            assertThat(found.array()).isEqualTo(expected);
            return true;
        } catch (CorruptLogException refused) {
            assertThat(refused.offset()).isLessThanOrEqualTo(offset);
            assertThat(refused.nextOffset()).isGreaterThan(offset);
            return false;
        }
    }
}
