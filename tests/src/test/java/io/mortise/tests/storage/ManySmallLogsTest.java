// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.tests.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.kernel.broker.EmbeddedBroker;
import io.mortise.kernel.runtime.DiskFileLayer;
import io.mortise.spi.Durability;
import io.mortise.spi.LogId;
import io.mortise.spi.TenantId;
import io.mortise.spi.TopicId;
import io.mortise.spi.broker.Topics.TopicSpec;
import io.mortise.spi.runtime.FileLayer;
import io.mortise.spi.runtime.StorageFile;
import io.mortise.spi.storage.LogConfig;
import io.mortise.spi.storage.LogStorage;
import io.mortise.spi.storage.StorageEngine;
import io.mortise.spi.testing.FakeClock;
import io.mortise.spi.testing.FakeScheduler;
import io.mortise.spi.testing.ForwardingFileLayer;
import io.mortise.spi.testing.TestBatches;
import io.mortise.spi.testing.TestStorageContext;
import io.mortise.storage.segment.SegmentStorageProvider;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** What very many small logs cost: files, bytes on the disk, descriptors, forces, memory. */
class ManySmallLogsTest {
    private static final int LOGS = 10_000;
    private static final int ROUNDS = 6;
    private static final int RECORD_BYTES = 1000;
    private static final int BLOCK = 4096;

    /** As shipped, but for a commit log that needs its room back sooner. */
    private static final Map<String, String> SETTINGS =
            Map.of(
                    "commitFileBytes", "16777216",
                    "commitLogBytes", "16777216",
                    "ownRoundBytes", "65536",
                    "ownFileBytes", "1048576",
                    "stagingBytes", "8388608",
                    "checkpointSeconds", "30");

    /** Real files whose forces are counted; nothing here is about what a power loss leaves. */
    private final class Counted extends ForwardingFileLayer {
        Counted(FileLayer files) {
            super(files);
        }

        @Override
        protected StorageFile around(StorageFile file) {
            return new File(file) {
                @Override
                public void force() {
                    forces++;
                }
            };
        }
    }

    @TempDir private Path directory;
    private int forces;
    private final FakeClock clock = new FakeClock();
    private FakeScheduler scheduler = new FakeScheduler(clock);

    private StorageEngine open() throws IOException {
        scheduler = new FakeScheduler(clock);
        var context =
                TestStorageContext.over(
                        new Counted(new DiskFileLayer(directory)), SETTINGS, clock, scheduler, 1);
        return new SegmentStorageProvider().open(context);
    }

    private static LogId id(int number) {
        return new LogId(TenantId.DEFAULT, new TopicId(new UUID(7, number)), 0, 0);
    }

    @Test
    void tenThousandSmallLogsAreAHandfulOfFiles() throws IOException {
        StorageEngine engine = open();
        List<LogStorage> logs = openAll(engine);
        int inRounds = 0;
        forces = 0;
        for (int round = 0; round < ROUNDS; round++) {
            int before = forces;
            for (LogStorage log : logs) {
                TestBatches.append(log, 1, 1, RECORD_BYTES, round);
            }
            engine.flush();
            engine.force();
            inRounds += forces - before;
            scheduler.runReady();
        }
        scheduler.advanceNanos(TimeUnit.SECONDS.toNanos(31));
        assertThat(inRounds).as("forces that appends wait for").isLessThanOrEqualTo(2 * ROUNDS);
        assertThat(forces).as("forces, with those aside").isLessThan(10 * ROUNDS);
        assertCosts();
        engine.close();

        engine = open();
        logs = openAll(engine);
        for (int i = 0; i < LOGS; i += 97) {
            assertThat(logs.get(i).endOffset()).isEqualTo(ROUNDS);
            assertThat(TestBatches.readAll(logs.get(i), 0, 1 << 20))
                    .hasSize(ROUNDS * (RECORD_BYTES + 61));
        }
        assertCosts();
        engine.close();
    }

    private static List<LogStorage> openAll(StorageEngine engine) throws IOException {
        var logs = new ArrayList<LogStorage>();
        for (int i = 0; i < LOGS; i++) {
            logs.add(engine.openLog(id(i), 1, LogConfig.of(Durability.DISK)));
        }
        return logs;
    }

    private void assertCosts() throws IOException {
        long live = (long) LOGS * ROUNDS * (RECORD_BYTES + 61);
        long disk = allocated(directory);
        long commit = allocated(directory.resolve("commit"));
        assertThat(files(directory)).as("files").hasSizeLessThan(30);
        assertThat(files(directory.resolve("packs"))).as("packs").isNotEmpty();
        assertThat(disk).as("bytes on the disk").isLessThan((long) (1.3 * live) + commit);
        assertThat(descriptors(directory)).as("open files").isLessThan(30);
    }

    /** Of heap: the ids that the test itself makes are counted along. */
    @Test
    void anIdleLogCostsLittleMemory() throws Exception {
        StorageEngine engine = open();
        engine.openLog(id(LOGS), 1, LogConfig.of(Durability.DISK));
        long before = used();
        List<LogStorage> logs = openAll(engine);
        long empty = (used() - before) / LOGS;
        before = used();
        for (int round = 0; round < 2; round++) {
            for (LogStorage log : logs) {
                TestBatches.append(log, 1, 1, RECORD_BYTES, round);
            }
            engine.flush();
            engine.force();
            scheduler.runReady();
        }
        long pieces = (used() - before) / LOGS;
        assertThat(empty).as("bytes of heap per log").isBetween(200L, 2000L);
        assertThat(pieces).as("bytes of heap for two pieces").isLessThan(500);
        logs.forEach(log -> assertThat(log.endOffset()).isEqualTo(2));
        engine.close();
    }

    /** Once what other tests of this process left behind is gone, too. */
    private static long used() throws InterruptedException {
        long last = Long.MAX_VALUE;
        int alike = 0;
        for (int i = 0; i < 100 && alike < 5; i++) {
            System.gc();
            Runtime runtime = Runtime.getRuntime();
            long now = runtime.totalMemory() - runtime.freeMemory();
            alike = Math.abs(last - now) < 50_000 ? alike + 1 : 0;
            last = now;
            TimeUnit.MILLISECONDS.sleep(50);
        }
        return last;
    }

    @Test
    void aBrokerWithAHundredIdlePartitionsTakesLittleOfTheDisk() throws Exception {
        try (var broker =
                EmbeddedBroker.builder(directory)
                        .plugins(
                                "storage-segment",
                                "storage-memory",
                                "protocol-mqtt",
                                "protocol-kafka")
                        .start()) {
            var spec = new TopicSpec(TenantId.DEFAULT, "idle", 100, Map.of(), false);
            broker.broker().topics().create(spec).toCompletableFuture().get(30, TimeUnit.SECONDS);
            assertThat(allocated(directory)).as("while it runs").isLessThan(10_000_000);
        }
        assertThat(allocated(directory)).as("afterwards").isLessThan(10_000_000);
    }

    private static List<Path> files(Path directory) throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            return all.filter(Files::isRegularFile).toList();
        }
    }

    /** Bytes of whole blocks: none of these files has holes. */
    private static long allocated(Path directory) throws IOException {
        long bytes = 0;
        for (Path file : files(directory)) {
            bytes += (Files.size(file) + BLOCK - 1) / BLOCK * BLOCK;
        }
        return bytes;
    }

    private static long descriptors(Path directory) throws IOException {
        Path real = directory.toRealPath();
        try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
            return all.filter(fd -> pointsInto(fd, real)).count();
        }
    }

    private static boolean pointsInto(Path descriptor, Path directory) {
        try {
            return Files.readSymbolicLink(descriptor).startsWith(directory);
        } catch (IOException closed) {
            return false;
        }
    }
}
