// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.bench.storage;

import io.mortise.bench.Options;
import io.mortise.bench.storage.Appenders.Outcome;
import io.mortise.kernel.runtime.DiskFileLayer;
import io.mortise.spi.Durability;
import io.mortise.spi.broker.Partition;
import io.mortise.spi.runtime.FileLayer.OpenMode;
import io.mortise.spi.runtime.StorageFile;
import io.mortise.storage.segment.SegmentStorageProvider;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;

import org.HdrHistogram.Histogram;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** Records at level DISK through partition and engine, beside group commit on a bare file. */
public final class GroupCommit {
    private static final long FILE_BYTES = 256L << 20;

    private final Path root;
    private final double warmup;
    private final double seconds;
    private final ByteBuf batch = Batches.of(1, 1024);
    private final EventLoop loop =
            new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory()).next();

    private GroupCommit(Options options) {
        root = Path.of(options.text("dir"));
        warmup = options.number("warmup", 2);
        seconds = options.number("seconds", 3);
    }

    /** Options dir, runs, warmup and seconds of each measurement; {@code only=CASE} runs one. */
    public static void main(String[] arguments) throws Exception {
        var options = new Options(arguments);
        var bench = new GroupCommit(options);
        int appenders = options.number("appenders", 64);
        if (options.number("ours", 0) > 0) {
            print("ours alone", List.of(bench.ours(appenders, options.number("ours"))));
            System.exit(0);
        }
        List<Outcome> device = new ArrayList<>();
        List<Outcome> bare = new ArrayList<>();
        List<Outcome> one = new ArrayList<>();
        List<Outcome> oneLog = new ArrayList<>();
        List<Outcome> manyLogs = new ArrayList<>();
        for (int i = 0; i < options.number("runs", 3); i++) {
            device.add(bench.device());
            one.add(bench.ours(1, 1));
            bare.add(bench.bare(appenders));
            oneLog.add(bench.ours(appenders, 1));
            manyLogs.add(bench.ours(appenders, appenders));
        }
        System.out.printf(
                "%-44s %12s %10s %10s %12s %10s%n",
                "1 KB records, DISK", "records/s", "p50_us", "p99_us", "CPU_us/rec", "forces/s");
        print("bare file, 1 appender: write, fdatasync", device);
        print("partition, 1 appender", one);
        print("bare group commit, " + appenders + " appenders", bare);
        print("partition, " + appenders + " appenders, 1 log", oneLog);
        print("partition, " + appenders + " appenders, " + appenders + " logs", manyLogs);
        System.out.printf(
                Locale.ROOT,
                "1 appender: p50 is %.2f of the device's (bar 1.5); %d appenders: rate is %.2f with"
                        + " 1 log, %.2f with %d logs, of bare group commit (bar 0.6)%n",
                middle(one, Outcome::p50Micros) / middle(device, Outcome::p50Micros),
                appenders,
                middle(oneLog, Outcome::perSecond) / middle(bare, Outcome::perSecond),
                middle(manyLogs, Outcome::perSecond) / middle(bare, Outcome::perSecond),
                appenders);
        System.exit(0);
    }

    private static double middle(List<Outcome> outcomes, ToDoubleFunction<Outcome> value) {
        return Usage.median(outcomes.stream().map(value::applyAsDouble).toList());
    }

    private static void print(String name, List<Outcome> outcomes) {
        System.out.printf(
                Locale.ROOT,
                "%-44s %12.0f %10.0f %10.0f %12.2f %10.0f%n",
                name,
                middle(outcomes, Outcome::perSecond),
                middle(outcomes, Outcome::p50Micros),
                middle(outcomes, Outcome::p99Micros),
                middle(outcomes, Outcome::cpuMicrosPerRecord),
                middle(outcomes, Outcome::forcesPerSecond));
    }

    private Outcome ours(int appenders, int logs) throws Exception {
        Usage.delete(root);
        try (var bed = new Bed(root, new SegmentStorageProvider(), Map.of()).withHost()) {
            Partition[] partitions = new Partition[logs];
            for (int i = 0; i < logs; i++) {
                partitions[i] = bed.partition(i, Durability.DISK);
            }
            return new PartitionAppenders(loop, appenders, bed.files, partitions, batch)
                    .run(warmup, seconds);
        } finally {
            Usage.delete(root);
        }
    }

    private Outcome bare(int appenders) throws Exception {
        var files = files();
        try (StorageFile file = preallocated(files)) {
            var bare =
                    new BareAppenders(loop, appenders, files, file, FILE_BYTES, batch.nioBuffer());
            Outcome outcome = bare.run(warmup, seconds);
            bare.close();
            return outcome;
        } finally {
            Usage.delete(root);
        }
    }

    /** The device itself: one thread writes a record and forces it. */
    private Outcome device() throws IOException {
        ByteBuffer record = batch.nioBuffer();
        var latencies = new Histogram(3);
        try (StorageFile file = preallocated(files())) {
            long position = 0;
            long cpu = Usage.cpuNanos();
            long begun = System.nanoTime();
            long until = begun + (long) (seconds * 1e9);
            for (long at; (at = System.nanoTime()) < until; position += record.remaining()) {
                file.write(record.duplicate(), position % (FILE_BYTES / 2));
                file.force();
                latencies.recordValue(System.nanoTime() - at);
            }
            long count = latencies.getTotalCount();
            return new Outcome(
                    count / seconds,
                    latencies.getValueAtPercentile(50) / 1e3,
                    latencies.getValueAtPercentile(99) / 1e3,
                    (Usage.cpuNanos() - cpu) / 1e3 / count,
                    count / seconds);
        } finally {
            Usage.delete(root);
        }
    }

    private CountingFiles files() throws IOException {
        Usage.delete(root);
        var disk = new DiskFileLayer(root);
        disk.createDirectories("");
        return new CountingFiles(disk);
    }

    private static StorageFile preallocated(CountingFiles files) throws IOException {
        StorageFile file = files.open("bare", OpenMode.CREATE_NEW);
        file.allocate(FILE_BYTES);
        file.force();
        files.forceDirectory("");
        return file;
    }
}
