// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.bench.storage;

import com.sun.management.ThreadMXBean;

import io.mortise.bench.Options;
import io.mortise.spi.Durability;
import io.mortise.spi.Refusal;
import io.mortise.spi.Registration;
import io.mortise.spi.broker.AckLevel;
import io.mortise.spi.broker.FetchedBatches;
import io.mortise.spi.broker.Partition;
import io.mortise.spi.broker.Partition.Origin;
import io.mortise.spi.broker.Partition.Visibility;
import io.mortise.spi.broker.Placement;
import io.mortise.storage.memory.MemoryStorageProvider;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;

import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordedMethod;
import jdk.jfr.consumer.RecordedStackTrace;
import jdk.jfr.consumer.RecordingFile;

import org.HdrHistogram.Histogram;

import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.ToDoubleFunction;

/**
 * The memory engine in process: one producer at a fixed rate, one consumer on an event loop that is
 * told of each advance. Latency from the call of append to the record in the consumer's hands;
 * bytes of heap that the producer's thread allocates per record.
 */
public final class MemoryPath {
    private static final int STAMPS = 1 << 20;
    private static final int SITES = 5;

    private final AtomicLongArray stamps = new AtomicLongArray(STAMPS);
    private final Histogram latencies = new Histogram(60_000_000_000L, 3); // of the consumer's loop
    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final EventLoop loop =
            new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory()).next();
    private volatile long next;

    private MemoryPath() {}

    /** Options dir, rate, records of each measurement, runs. */
    public static void main(String[] arguments) throws Exception {
        var options = new Options(arguments);
        int records = options.number("records", 500_000);
        System.out.printf(
                "%-44s %10s %10s %10s %14s %14s%n",
                "memory engine, 100 B records, level MEMORY",
                "p50_us",
                "p99.9_us",
                "max_us",
                "B_per_append",
                "B_per_record");
        int rate = options.number("rate", 100_000);
        new MemoryPath().measure(options, records, 1, rate); // warms up
        for (int perBatch : new int[] {1, 100}) {
            List<Outcome> outcomes = new ArrayList<>();
            for (int i = 0; i < options.number("runs", 3); i++) {
                var path = new MemoryPath();
                outcomes.add(path.measure(options, records / perBatch, perBatch, rate / perBatch));
            }
            print(outcomes, perBatch, rate / perBatch);
        }
        new MemoryPath().profile(options, records, rate);
        System.exit(0);
    }

    /** One run. */
    private record Outcome(
            double p50Micros, double p999Micros, double maxMicros, double bytesPerAppend) {}

    private Outcome measure(Options options, int appends, int perBatch, int rate) throws Exception {
        Path root = Path.of(options.text("dir"));
        Usage.delete(root);
        var settings = Map.of("maxBytes", "1073741824");
        try (var bed = new Bed(root, new MemoryStorageProvider(), settings).withHost()) {
            Partition partition = bed.partition(0, Durability.MEMORY);
            Registration told = partition.onAdvance(loop, this::consume);
            long allocated = produce(partition, perBatch, appends, rate);
            while (next < (long) appends * perBatch) {
                Thread.onSpinWait();
            }
            told.close();
            return new Outcome(
                    latencies.getValueAtPercentile(50) / 1e3,
                    latencies.getValueAtPercentile(99.9) / 1e3,
                    latencies.getMaxValue() / 1e3,
                    (double) allocated / appends);
        } finally {
            Usage.delete(root);
        }
    }

    /** Bytes that the calling thread allocated while it appended. */
    private long produce(Partition partition, int perBatch, int appends, int rate) {
        ByteBuf batch = Batches.of(perBatch, 100);
        var placement = new Placement();
        long gap = 1_000_000_000L / rate;
        long due = System.nanoTime();
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < appends; i++, due += gap) {
            while (System.nanoTime() < due) {
                Thread.onSpinWait();
            }
            stamps.setRelease((int) ((long) i * perBatch & (STAMPS - 1)), System.nanoTime());
            partition.append(batch, -1, Origin.BROKER, AckLevel.SEQUENCED, loop, null, placement);
            Refusal refusal = placement.refusal();
            if (refusal != null) {
                throw refusal.asException();
            }
        }
        return threads.getCurrentThreadAllocatedBytes() - before;
    }

    private void consume(Partition partition) {
        while (next < partition.highWatermark()) {
            try (FetchedBatches batches =
                    partition.readCached(next, 1 << 20, Visibility.COMMITTED)) {
                if (batches == null) {
                    throw new IllegalStateException("offset " + next + " is not in memory");
                }
                long now = System.nanoTime();
                for (long offset = next; offset < batches.nextOffset(); offset++) {
                    long stamp = stamps.getAndSet((int) (offset & (STAMPS - 1)), 0);
                    if (stamp != 0) { // the first record of a batch
                        latencies.recordValue(now - stamp);
                    }
                }
                next = batches.nextOffset();
            }
        }
    }

    private static void print(List<Outcome> outcomes, int perBatch, int rate) {
        double bytes = middle(outcomes, Outcome::bytesPerAppend);
        System.out.printf(
                Locale.ROOT,
                "%-44s %10.1f %10.1f %10.1f %14.2f %14.3f%n",
                perBatch + " per batch, " + rate + " appends/s",
                middle(outcomes, Outcome::p50Micros),
                middle(outcomes, Outcome::p999Micros),
                middle(outcomes, Outcome::maxMicros),
                bytes,
                bytes / perBatch);
    }

    private static double middle(List<Outcome> outcomes, ToDoubleFunction<Outcome> value) {
        return Usage.median(outcomes.stream().map(value::applyAsDouble).toList());
    }

    /** What the producer's thread allocates, by class and line, in a run that does not count. */
    private void profile(Options options, int records, int rate) throws Exception {
        Path file = Files.createTempFile("bench", ".jfr");
        Map<String, Long> bytes = new HashMap<>();
        try (var recording = new Recording()) {
            recording.enable("jdk.ObjectAllocationSample").with("throttle", "2000/s");
            recording.start();
            measure(options, records, 1, rate);
            recording.stop();
            recording.dump(file);
            for (RecordedEvent event : RecordingFile.readAllEvents(file)) {
                if (event.getThread() != null && event.getThread().getJavaName().equals("main")) {
                    bytes.merge(site(event), event.getLong("weight"), Long::sum);
                }
            }
        } finally {
            Files.delete(file);
        }
        System.out.println("what the appending thread allocated, by Flight Recorder's samples:");
        bytes.entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
                .limit(SITES)
                .forEach(it -> System.out.printf("  %,14d B %s%n", it.getValue(), it.getKey()));
    }

    private static String site(RecordedEvent event) {
        String type = event.getClass("objectClass").getName();
        RecordedStackTrace stack = event.getStackTrace();
        if (stack == null || stack.getFrames().isEmpty()) {
            return type;
        }
        RecordedFrame frame = stack.getFrames().getFirst();
        RecordedMethod method = frame.getMethod();
        return type + " in " + method.getType().getName() + "." + method.getName();
    }
}
