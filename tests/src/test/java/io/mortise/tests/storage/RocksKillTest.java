// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.tests.storage;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mortise.kernel.runtime.DiskFileLayer;
import io.mortise.kernel.runtime.SystemClock;
import io.mortise.kernel.runtime.VirtualThreadScheduler;
import io.mortise.spi.Durability;
import io.mortise.spi.LogId;
import io.mortise.spi.TenantId;
import io.mortise.spi.TopicId;
import io.mortise.spi.storage.LogConfig;
import io.mortise.spi.storage.LogStorage;
import io.mortise.spi.storage.StorageEngine;
import io.mortise.spi.testing.TestBatches;
import io.mortise.spi.testing.TestMetrics;
import io.mortise.spi.testing.TestStorageContext;
import io.mortise.storage.rocksdb.RocksStorageProvider;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;

/** SIGKILL in the middle of rounds over many logs: what was forced is there, whole and in order. */
class RocksKillTest {
    private static final int LOGS = 50;
    private static final int EPOCH = 1;
    private static final int ROUNDS = Boolean.getBoolean("mortise.deep") ? 30 : 3;

    @TempDir private Path directory;

    private static StorageEngine open(Path directory, VirtualThreadScheduler scheduler)
            throws IOException {
        var context =
                new TestStorageContext(
                        new DiskFileLayer(directory),
                        Map.of(
                                "writeBufferBytes", "262144",
                                "blockCacheBytes", "1048576",
                                "backgroundThreads", "2",
                                "reserveBytes", "1048576"),
                        new SystemClock(),
                        scheduler,
                        new Random(1),
                        new TestMetrics());
        return new RocksStorageProvider().open(context.in(directory));
    }

    private static List<LogStorage> logs(StorageEngine engine) throws IOException {
        var logs = new ArrayList<LogStorage>();
        for (int i = 0; i < LOGS; i++) {
            var id = new LogId(TenantId.DEFAULT, new TopicId(new UUID(4, i)), 0, 0);
            logs.add(engine.openLog(id, EPOCH, new LogConfig(Durability.DISK, 20_000, 0)));
        }
        return logs;
    }

    /** Appends one batch to each log, forces, says so, for ever. */
    public static void main(String[] arguments) throws Exception {
        StorageEngine engine =
                open(Path.of(arguments[0]), new VirtualThreadScheduler("rocks-child"));
        List<LogStorage> logs = logs(engine);
        while (true) {
            for (LogStorage log : logs) {
                long base = log.endOffset();
                TestBatches.append(log, EPOCH, 1, (int) (base * 37 % 900), base);
            }
            engine.flush();
            engine.force();
            System.out.println(logs.getLast().endOffset());
            System.out.flush();
        }
    }

    @Test
    void whatWasForcedOutlivesTheProcess() throws Exception {
        var random = new Random(Long.getLong("mortise.seed", System.nanoTime()));
        long forced = 0;
        for (int round = 0; round < ROUNDS; round++) {
            forced = runAndKill(forced + 20 + random.nextInt(200));
            check(forced);
        }
    }

    /** Kills the child once it has forced so much; gives what it had said then. */
    private long runAndKill(long enough) throws Exception {
        Process child =
                new ProcessBuilder(
                                ProcessHandle.current().info().command().orElseThrow(),
                                "--enable-native-access=ALL-UNNAMED",
                                "-XX:TieredStopAtLevel=1",
                                "-Xmx128m",
                                "-cp",
                                System.getProperty("java.class.path"),
                                RocksKillTest.class.getName(),
                                directory.toString())
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        long forced = 0;
        try (var said = new BufferedReader(new InputStreamReader(child.getInputStream(), UTF_8))) {
            for (String line = said.readLine(); line != null; line = said.readLine()) {
                forced = Long.parseLong(line);
                if (forced >= enough) {
                    child.toHandle().destroyForcibly(); // what it said stays readable
                }
            }
        } finally {
            child.destroyForcibly().waitFor();
        }
        assertThat(forced).as("what the child forced before it was killed").isPositive();
        return forced;
    }

    private void check(long forced) throws IOException {
        try (var scheduler = new VirtualThreadScheduler("rocks-check");
                StorageEngine engine = open(directory, scheduler)) {
            for (LogStorage log : logs(engine)) {
                assertThat(log.endOffset()).isBetween(forced, forced + 1);
                var expected = new java.io.ByteArrayOutputStream();
                for (long base = 0; base < log.endOffset(); base++) {
                    int size = (int) (base * 37 % 900);
                    expected.writeBytes(
                            TestBatches.batch(base, EPOCH, 1, size, 1000 + base, base).array());
                }
                assertThat(TestBatches.readAll(log, 0, 20_000)).isEqualTo(expected.toByteArray());
            }
        }
    }
}
