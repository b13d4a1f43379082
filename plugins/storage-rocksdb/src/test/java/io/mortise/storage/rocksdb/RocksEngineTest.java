// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mortise.spi.Durability;
import io.mortise.spi.LogId;
import io.mortise.spi.TenantId;
import io.mortise.spi.TopicId;
import io.mortise.spi.runtime.FileLayer;
import io.mortise.spi.storage.CorruptLogException;
import io.mortise.spi.storage.LogConfig;
import io.mortise.spi.storage.LogSlice;
import io.mortise.spi.storage.LogStorage;
import io.mortise.spi.storage.StorageEngine;
import io.mortise.spi.testing.FakeClock;
import io.mortise.spi.testing.FakeScheduler;
import io.mortise.spi.testing.ForwardingFileLayer;
import io.mortise.spi.testing.TestBatches;
import io.mortise.spi.testing.TestStorageContext;
import io.mortise.spi.testing.VolatileFileLayer;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.Options;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;

/** What is RocksDB's own: when it is opened, how often it forces, what it does with bad bytes. */
class RocksEngineTest {
    private static final int EPOCH = 1;
    private static final Map<String, String> SETTINGS =
            Map.of(
                    "writeBufferBytes", "8388608",
                    "blockCacheBytes", "1048576",
                    "backgroundThreads", "2",
                    "reserveBytes", "1048576");

    @TempDir private Path directory;
    private final FakeClock clock = new FakeClock();
    private long usableBytes = Long.MAX_VALUE;
    private TestStorageContext context;

    /** Names of the real directory. */
    private final class Names extends ForwardingFileLayer {
        Names(FileLayer files) {
            super(files);
        }

        @Override
        public boolean exists(String path) {
            return Files.exists(directory.resolve(path));
        }

        @Override
        public List<String> list(String path) throws IOException {
            try (Stream<Path> all = Files.list(directory.resolve(path))) {
                return all.map(each -> each.getFileName().toString()).toList();
            }
        }

        @Override
        public void createDirectories(String path) throws IOException {
            Files.createDirectories(directory.resolve(path));
        }

        @Override
        public void delete(String path) throws IOException {
            Files.deleteIfExists(directory.resolve(path));
        }

        @Override
        public long usableBytes() {
            return usableBytes;
        }
    }

    private RocksEngine open() throws IOException {
        context =
                TestStorageContext.over(
                                new Names(new VolatileFileLayer()),
                                SETTINGS,
                                clock,
                                new FakeScheduler(clock),
                                1)
                        .in(directory);
        return (RocksEngine) new RocksStorageProvider().open(context);
    }

    private static LogStorage log(StorageEngine engine, int number) throws IOException {
        var id = new LogId(TenantId.DEFAULT, new TopicId(new UUID(1, number)), 0, 0);
        return engine.openLog(id, EPOCH, LogConfig.of(Durability.DISK));
    }

    private static void round(StorageEngine engine) throws IOException {
        engine.flush();
        engine.force();
    }

    @Test
    void anEngineThatNobodyUsesOpensNothing() throws IOException {
        RocksEngine engine = open();
        engine.flush();
        engine.force();
        assertThat(engine.logs()).isEmpty();
        engine.close();
        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files).isEmpty();
        }
    }

    @Test
    void aLibraryThatWasLoadedLeavesNoFile() throws IOException {
        try (RocksEngine engine = open()) {
            log(engine, 1);
            Path unpacked = directory.resolve("native");
            if (Files.exists(unpacked)) { // another test of this process may have been first
                assertThat(unpacked).isEmptyDirectory();
            }
        }
    }

    @Test
    void simulatedFilesAreRefused() {
        var simulated =
                TestStorageContext.over(
                        new VolatileFileLayer(), SETTINGS, clock, new FakeScheduler(clock), 1);
        assertThatThrownBy(() -> new RocksStorageProvider().open(simulated))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("directory");
    }

    @Test
    void oneForceServesAllLogsOfARound() throws IOException {
        int count = Boolean.getBoolean("mortise.deep") ? 10_000 : 1_000;
        try (RocksEngine engine = open()) {
            var logs = new ArrayList<LogStorage>();
            for (int i = 0; i < count; i++) {
                logs.add(log(engine, i));
            }
            double before = context.metrics().gauge("mortise_storage_rocksdb_log_forces");
            for (LogStorage log : logs) {
                TestBatches.append(log, EPOCH, 1, 50, 1);
            }
            round(engine);
            assertThat(context.metrics().gauge("mortise_storage_rocksdb_log_forces"))
                    .isEqualTo(before + 1);
            round(engine);
            assertThat(context.metrics().gauge("mortise_storage_rocksdb_log_forces"))
                    .as("a round of nothing")
                    .isEqualTo(before + 1);
        }
        try (RocksEngine engine = open()) {
            assertThat(engine.logs()).hasSize(count);
            assertThat(log(engine, count / 2).endOffset()).isEqualTo(1);
        }
    }

    @Test
    void aFullDiskRefusesAppendsAndServesReads() throws IOException {
        try (RocksEngine engine = open()) {
            LogStorage log = log(engine, 1);
            TestBatches.append(log, EPOCH, 1, 50, 1);
            round(engine);
            usableBytes = 1_000_000;
            clock.advanceNanos(1_000_000_000L);
            assertThatThrownBy(() -> TestBatches.append(log, EPOCH, 1, 50, 2))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("No space left on device")
                    .hasMessageMatching("log default/.* at offset 1 to 'db' .*; free space, .*")
                    .hasMessageContaining("reserveBytes");
            log.close();
            LogStorage again = log(engine, 1);
            assertThat(TestBatches.readAll(again, 0, 1_000)).hasSize(111);
            usableBytes = Long.MAX_VALUE;
            TestBatches.append(again, EPOCH, 1, 50, 2);
            round(engine);
            assertThat(again.endOffset()).isEqualTo(2);
        }
    }

    /** Any bit of a table may flip: a read then fails or gives what was written. */
    @Test
    void bytesThatChangedAreNeverServed() throws IOException {
        byte[] written;
        try (RocksEngine engine = open()) {
            LogStorage log = log(engine, 1);
            for (int i = 0; i < 300; i++) {
                TestBatches.append(log, EPOCH, 1, 900, i);
            }
            round(engine);
            written = TestBatches.readAll(log, 0, 10_000);
        }
        open().close(); // what the write-ahead log held is in a table now
        Path table = greatestTable();
        byte[] good = Files.readAllBytes(table);
        int refused = 0;
        for (int at = 100; at < good.length; at += good.length / 23) {
            byte[] bad = good.clone();
            bad[at] ^= 0x10;
            Files.write(table, bad);
            refused += refusals(written);
        }
        assertThat(refused).as("flips that a read met").isPositive();
        Files.write(table, good);
        try (RocksEngine engine = open()) {
            assertThat(TestBatches.readAll(log(engine, 1), 0, 10_000)).isEqualTo(written);
        }
    }

    private Path greatestTable() throws IOException {
        try (Stream<Path> files = Files.list(directory.resolve("db"))) {
            return files.filter(file -> file.toString().endsWith(".sst"))
                    .max(java.util.Comparator.comparingLong(file -> file.toFile().length()))
                    .orElseThrow();
        }
    }

    /** How many offsets are refused; all others hold what was written. */
    private int refusals(byte[] written) {
        int refused = 0;
        try (RocksEngine engine = open()) {
            LogStorage log = log(engine, 1);
            for (int offset = 0; offset < 300; offset++) {
                try (LogSlice slice = log.read(offset, Long.MAX_VALUE, 1)) {
                    assertThat(slice.baseOffset()).isEqualTo(offset);
                    assertThat(TestBatches.bytes(slice))
                            .isEqualTo(
                                    java.util.Arrays.copyOfRange(
                                            written, offset * 961, offset * 961 + 961));
                } catch (CorruptLogException bad) {
                    assertThat(bad)
                            .hasMessageMatching(
                                    "(?s)log default/.*'db'.* offset [0-9]+.*check the disk");
                    refused++;
                }
            }
        } catch (IOException notOpened) {
            refused++;
        }
        return refused;
    }

    @Test
    void aFailureRefusesAllUntilALogIsOpenedAnew() throws Exception {
        try (RocksEngine engine = open()) {
            LogStorage log = log(engine, 1);
            LogStorage other = log(engine, 2);
            TestBatches.append(log, EPOCH, 1, 50, 1);
            TestBatches.append(other, EPOCH, 1, 50, 1);
            round(engine);
            var cause =
                    new RocksDBException(
                            "injected",
                            new Status(Status.Code.IOError, Status.SubCode.None, "injected"));
            TestBatches.append(log, EPOCH, 1, 50, 2);
            assertThat(engine.failed("force", cause)).hasMessageContaining("injected");
            assertThatThrownBy(() -> log.read(0, 1, 1))
                    .isInstanceOf(IOException.class)
                    .hasMessageMatching("log default/.* opened anew, .*'db'.*check the disk");
            assertThatThrownBy(() -> TestBatches.append(other, EPOCH, 1, 50, 2))
                    .isInstanceOf(IOException.class);
            assertThatThrownBy(engine::flush).isInstanceOf(IOException.class);
            log.close();
            LogStorage again = log(engine, 1);
            assertThat(TestBatches.readAll(again, 0, 1_000)).hasSizeBetween(111, 222);
            assertThatThrownBy(() -> other.read(0, 1, 1))
                    .as("a log of the time before")
                    .isInstanceOf(IOException.class);
            other.close();
            TestBatches.append(log(engine, 2), EPOCH, 1, 50, 2);
            round(engine);
        }
    }

    @Test
    void anotherFormatIsRefused() throws Exception {
        try (RocksEngine engine = open()) {
            log(engine, 1);
        }
        var names = new ArrayList<org.rocksdb.ColumnFamilyDescriptor>();
        String path = directory.resolve("db").toString();
        for (byte[] name : org.rocksdb.RocksDB.listColumnFamilies(new Options(), path)) {
            names.add(new org.rocksdb.ColumnFamilyDescriptor(name));
        }
        var families = new ArrayList<org.rocksdb.ColumnFamilyHandle>();
        try (var rocks = org.rocksdb.RocksDB.open(path, names, families)) {
            rocks.put(families.get(1), "format".getBytes(UTF_8), new byte[] {0, 0, 0, 9});
            families.forEach(org.rocksdb.ColumnFamilyHandle::close);
        }
        assertThatThrownBy(this::open)
                .isInstanceOf(IOException.class)
                .hasMessageContaining("format 9")
                .hasMessageContaining("understands 1: start the release that wrote it");
    }
}
