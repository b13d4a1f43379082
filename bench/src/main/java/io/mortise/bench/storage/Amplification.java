// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.bench.storage;

import io.mortise.bench.Options;
import io.mortise.spi.Durability;
import io.mortise.storage.segment.SegmentStorageProvider;
import io.netty.buffer.ByteBuf;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Bytes that the engine writes for a byte appended, background copies included. */
public final class Amplification {
    private static final double MIB = 1 << 20;
    private static final int SETTLE_SECONDS = 3;

    private Amplification() {}

    /** Options dir and megabytes of each case. */
    public static void main(String[] arguments) throws Exception {
        var options = new Options(arguments);
        System.out.printf(
                "%-44s %12s %12s %12s %12s %12s%n",
                "write amplification, DISK",
                "appended_MiB",
                "written_MiB",
                "ratio",
                "zeroed_MiB",
                "bytes/write");
        measure(options, "16 KB batches, 4 per round and log (bar 1.2)", 16, 16, 4);
        measure(options, "1 KB records, 1 per round and log (bar 2.2)", 64, 1, 1);
        measure(options, "1 KB records, 8 per round, 1 log", 1, 1, 8);
        System.exit(0);
    }

    private static void measure(
            Options options, String name, int logs, int recordsPerBatch, int batchesPerRound)
            throws Exception {
        Path root = Path.of(options.text("dir"));
        long bytes = (long) options.number("megabytes", 256) << 20;
        ByteBuf batch = Batches.of(recordsPerBatch, 1024);
        long perRound = (long) batch.readableBytes() * batchesPerRound * logs;
        Usage.delete(root);
        try (var bed = new Bed(root, new SegmentStorageProvider(), Map.of())) {
            var engine = bed.engine();
            var engineLogs = new EngineLogs(engine, logs, Durability.DISK, batch, recordsPerBatch);
            long rounds = bytes / perRound;
            for (long i = 0; i < rounds; i++) {
                engineLogs.round(batchesPerRound, true);
            }
            TimeUnit.SECONDS.sleep(SETTLE_SECONDS); // what is copied aside
            engine.close();
            double appended = rounds * perRound / MIB;
            double written = bed.files.writtenBytes.sum() / MIB;
            System.out.printf(
                    Locale.ROOT,
                    "%-44s %12.1f %12.1f %12.3f %12.1f %12.0f%n",
                    name,
                    appended,
                    written,
                    written / appended,
                    bed.files.zeroedBytes.sum() / MIB,
                    (double) bed.files.writtenBytes.sum() / bed.files.writes.sum());
        } finally {
            Usage.delete(root);
        }
    }
}
