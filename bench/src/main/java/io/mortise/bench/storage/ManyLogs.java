// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.bench.storage;

import io.mortise.bench.Options;
import io.mortise.spi.Durability;
import io.mortise.spi.Reason;
import io.mortise.spi.Refusal;
import io.mortise.spi.broker.AckLevel;
import io.mortise.spi.broker.Partition;
import io.mortise.spi.broker.Partition.Origin;
import io.mortise.storage.segment.SegmentStorageProvider;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Very many logs, a record each at a time, level DISK; and the room that idle logs take. */
public final class ManyLogs {
    private static final double MIB = 1 << 20;

    private final Path root;
    private final int count;
    private final int rounds;
    private final ByteBuf batch = Batches.of(1, 1024);

    private ManyLogs(Options options) {
        root = Path.of(options.text("dir"));
        count = options.number("logs", 10_000);
        rounds = options.number("rounds", 20);
    }

    /** Options dir, logs, rounds, sweeps, and idle-logs. */
    public static void main(String[] arguments) throws Exception {
        var options = new Options(arguments);
        var bench = new ManyLogs(options);
        System.out.printf(
                "%-58s %10s %10s %10s %10s %10s%n",
                bench.count + " topics, one 1 KB record each per round, DISK",
                "fsyncs",
                "at_most",
                "aside",
                "p50_ms",
                "busy");
        if (options.number("engine", 1) > 0) {
            bench.engine();
        }
        bench.partitions(options.number("sweeps", 5));
        bench.idle(options.number("idle-logs", 100));
        System.exit(0);
    }

    /** Rounds as the engine's writer makes them when all logs have something to write. */
    private void engine() throws Exception {
        Usage.delete(root);
        try (var bed = new Bed(root, new SegmentStorageProvider(), Map.of())) {
            var engine = bed.engine();
            var logs = new EngineLogs(engine, count, Durability.DISK, batch, 1);
            logs.round(1, true);
            List<Double> millis = new ArrayList<>();
            List<Double> forces = new ArrayList<>();
            long aside = bed.files.backgroundForces.sum();
            for (int i = 0; i < rounds; i++) {
                long before = bed.files.writerForces();
                long begun = System.nanoTime();
                logs.round(1, true);
                millis.add((System.nanoTime() - begun) / 1e6);
                forces.add((double) bed.files.writerForces() - before);
            }
            aside = bed.files.backgroundForces.sum() - aside;
            row("engine: append to each, flush, force (bar: under 3)", forces, aside, millis, 0);
            holds("  holds after " + rounds + " rounds");
            engine.close();
        } finally {
            Usage.delete(root);
        }
    }

    /**
     * The same through partitions. A round of the writer is what was sequenced while it forced the
     * one before: so a sweep is sequenced while a force is held back, and those after it count.
     * Then sweeps beside a writer that nobody holds, which takes each round what there is.
     */
    private void partitions(int sweeps) throws Exception {
        Usage.delete(root);
        EventLoop loop = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory()).next();
        try (var bed = new Bed(root, new SegmentStorageProvider(), Map.of()).withHost()) {
            Partition first = bed.partition(count, Durability.DISK);
            List<Partition> partitions = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                partitions.add(bed.partition(i, Durability.DISK));
            }
            var held = new Sweeps(bed);
            for (int i = 0; i < sweeps; i++) {
                held.measure(() -> behindAForce(bed, loop, first, partitions));
            }
            held.print("partitions: sequenced while a force runs (bar: under 3)");
            var beside = new Sweeps(bed);
            for (int i = 0; i < sweeps; i++) {
                beside.measure(() -> finish(begin(loop, partitions)));
            }
            beside.print("partitions: one loop appends to each beside the writer");
            holds("  holds after " + 2 * sweeps + " sweeps");
        } finally {
            Usage.delete(root);
        }
    }

    private Sweep begin(EventLoop loop, List<Partition> partitions) {
        var sweep = new Sweep(loop, partitions);
        loop.execute(sweep::go);
        return sweep;
    }

    private static Sweep finish(Sweep sweep) throws InterruptedException {
        sweep.durable.await();
        return sweep;
    }

    private Sweep behindAForce(Bed bed, EventLoop loop, Partition first, List<Partition> partitions)
            throws InterruptedException {
        bed.files.hold();
        Sweep waits = begin(loop, List.of(first));
        while (!bed.files.writerWaits()) {
            Thread.onSpinWait();
        }
        Sweep sweep = begin(loop, partitions);
        while (sweep.sequenced.getCount() > 0 && sweep.busy.get() == 0) {
            Thread.onSpinWait();
        }
        bed.files.goOn();
        finish(waits);
        sweep.heldForces = 1; // was not this sweep's
        return finish(sweep);
    }

    private interface Step {
        Sweep run() throws InterruptedException;
    }

    /** What sweeps came to. */
    private static final class Sweeps {
        private final Bed bed;
        private final List<Double> millis = new ArrayList<>();
        private final List<Double> forces = new ArrayList<>();
        private final long asideBefore;
        private int busy;

        Sweeps(Bed bed) {
            this.bed = bed;
            this.asideBefore = bed.files.backgroundForces.sum();
        }

        void measure(Step step) throws InterruptedException {
            long before = bed.files.writerForces();
            long begun = System.nanoTime();
            Sweep sweep = step.run();
            millis.add((System.nanoTime() - begun) / 1e6);
            forces.add((double) bed.files.writerForces() - before - sweep.heldForces);
            busy += sweep.busy.get();
        }

        void print(String name) {
            row(name, forces, bed.files.backgroundForces.sum() - asideBefore, millis, busy);
        }
    }

    private static void row(
            String name, List<Double> forces, long aside, List<Double> millis, int busy) {
        System.out.printf(
                Locale.ROOT,
                "%-58s %10.1f %10.0f %10.1f %10.1f %10d%n",
                name,
                forces.stream().mapToDouble(it -> it).average().orElseThrow(),
                forces.stream().mapToDouble(it -> it).max().orElseThrow(),
                (double) aside / forces.size(),
                Usage.median(millis),
                busy);
    }

    private static void holds(String name) throws IOException {
        System.out.printf(
                Locale.ROOT,
                "%s: %d descriptors, %.0f MiB heap, %.0f MiB direct, %.0f MiB resident%n",
                name,
                Usage.descriptors(),
                Usage.heapMebibytes(),
                Usage.directMebibytes(),
                Usage.line("status", "VmRSS") / 1024.0);
    }

    /** One record of 100 bytes in each, then nothing: what lies on the disk. */
    private void idle(int logs) throws Exception {
        Usage.delete(root);
        ByteBuf small = Batches.of(1, 100);
        try (var bed =
                new Bed(root, new SegmentStorageProvider(), Map.of("checkpointSeconds", "1"))) {
            var engine = bed.engine();
            new EngineLogs(engine, logs, Durability.DISK, small, 1).round(1, true);
            TimeUnit.SECONDS.sleep(3);
            double open = Usage.occupied(root) / MIB;
            engine.close();
            System.out.printf(
                    Locale.ROOT,
                    "%d idle logs with one record occupy %.2f MiB while open, %.2f MiB closed (bar"
                            + " 10 MB)%n",
                    logs,
                    open,
                    Usage.occupied(root) / MIB);
        } finally {
            Usage.delete(root);
        }
    }

    /** One record to each partition; waits where the broker is full. */
    private final class Sweep {
        final CountDownLatch durable;
        final CountDownLatch sequenced = new CountDownLatch(1);
        final AtomicInteger busy = new AtomicInteger();
        private final EventLoop loop;
        private final List<Partition> partitions;
        private int next;
        private int heldForces;

        Sweep(EventLoop loop, List<Partition> partitions) {
            this.loop = loop;
            this.partitions = partitions;
            this.durable = new CountDownLatch(partitions.size());
        }

        void go() {
            while (next < partitions.size()) {
                Partition partition = partitions.get(next);
                Refusal refusal =
                        partition
                                .append(
                                        batch,
                                        -1,
                                        Origin.BROKER,
                                        AckLevel.DURABLE,
                                        loop,
                                        this::told)
                                .refusal();
                if (refusal == null) {
                    next++;
                } else if (refusal.reason() == Reason.BUSY) {
                    busy.incrementAndGet();
                    partition.onCapacity(loop, this::go);
                    return;
                } else {
                    throw refusal.asException();
                }
            }
            sequenced.countDown();
        }

        private void told(@org.jspecify.annotations.Nullable Refusal refusal) {
            if (refusal != null) {
                throw refusal.asException();
            }
            durable.countDown();
        }
    }
}
