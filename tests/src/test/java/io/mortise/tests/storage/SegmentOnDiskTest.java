// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.tests.storage;

import static org.assertj.core.api.Assertions.assertThat;

import static java.util.concurrent.TimeUnit.SECONDS;

import io.mortise.kernel.runtime.DiskFileLayer;
import io.mortise.kernel.runtime.SystemClock;
import io.mortise.kernel.runtime.VirtualThreadScheduler;
import io.mortise.spi.Durability;
import io.mortise.spi.storage.LogConfig;
import io.mortise.spi.storage.LogStorage;
import io.mortise.spi.storage.StorageEngine;
import io.mortise.spi.testing.LogStorageSuite;
import io.mortise.spi.testing.TestBatches;
import io.mortise.spi.testing.TestMetrics;
import io.mortise.spi.testing.TestStorageContext;
import io.mortise.storage.segment.SegmentStorageProvider;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** The segment engine on real files, with its background work on real threads beside the writer. */
class SegmentOnDiskTest extends LogStorageSuite {
    private static final Map<String, String> SMALL =
            Map.of(
                    "commitFileBytes", "100000",
                    "commitLogBytes", "300000",
                    "ownRoundBytes", "30000",
                    "ownFileBytes", "20000",
                    "stagingBytes", "200000",
                    "checkpointSeconds", "1");

    @TempDir private Path directory;
    private final VirtualThreadScheduler scheduler = new VirtualThreadScheduler("segment-test");

    @Override
    protected StorageEngine openEmpty() throws IOException {
        var context =
                new TestStorageContext(
                        new DiskFileLayer(directory),
                        SMALL,
                        new SystemClock(),
                        scheduler,
                        new Random(1),
                        new TestMetrics());
        return new SegmentStorageProvider().open(context);
    }

    @Override
    protected Durability level() {
        return Durability.DISK;
    }

    @AfterEach
    void stopThreads() throws IOException, InterruptedException {
        engine.close();
        scheduler.close();
        assertThat(scheduler.awaitIdle(SECONDS.toNanos(30))).isTrue();
        assertThat(scheduler.failures()).isZero();
    }

    @Test
    void keepsEverythingWhileItCopiesSealsAndReleases() throws IOException {
        var expected = new ArrayList<List<byte[]>>();
        var logs = new ArrayList<LogStorage>();
        for (int i = 0; i < 20; i++) {
            logs.add(engine.openLog(logId(i), EPOCH, new LogConfig(Durability.DISK, 150_000, 0)));
            expected.add(new ArrayList<>());
        }
        var random = new Random(5);
        for (int round = 0; round < 400; round++) {
            for (int i = 0; i < 10; i++) {
                int at = random.nextInt(20);
                int size = random.nextInt(20) == 0 ? 40_000 : random.nextInt(2000);
                expected.get(at)
                        .add(
                                TestBatches.bytes(
                                        TestBatches.append(logs.get(at), EPOCH, 1, size, i)));
            }
            engine.flush();
            engine.force();
        }
        assertHolds(logs, expected);
        engine.close();
        engine = openEmpty();
        for (int i = 0; i < 20; i++) {
            logs.set(
                    i, engine.openLog(logId(i), EPOCH, new LogConfig(Durability.DISK, 150_000, 0)));
        }
        assertHolds(logs, expected);
        assertThat(new DiskFileLayer(directory).list("commit")).hasSizeLessThan(12);
    }

    private static void assertHolds(List<LogStorage> logs, List<List<byte[]>> expected)
            throws IOException {
        for (int i = 0; i < logs.size(); i++) {
            int length = expected.get(i).stream().mapToInt(batch -> batch.length).sum();
            var all = ByteBuffer.allocate(length);
            expected.get(i).forEach(all::put);
            assertThat(TestBatches.readAll(logs.get(i), 0, 30_000))
                    .isEqualTo(TestBatches.bytes(all.flip()));
        }
    }
}
