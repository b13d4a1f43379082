// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import io.mortise.kernel.runtime.SystemClock;
import io.mortise.kernel.runtime.VirtualThreadScheduler;
import io.mortise.spi.Durability;
import io.mortise.spi.LogId;
import io.mortise.spi.Refusal;
import io.mortise.spi.broker.AckLevel;
import io.mortise.spi.broker.FetchedBatches;
import io.mortise.spi.broker.Partition;
import io.mortise.spi.broker.Partition.Origin;
import io.mortise.spi.broker.Partition.Visibility;
import io.mortise.spi.storage.LogConfig;
import io.mortise.spi.storage.LogExtent;
import io.mortise.spi.storage.LogSlice;
import io.mortise.spi.storage.LogStorage;
import io.mortise.spi.storage.StorageContext;
import io.mortise.spi.storage.StorageEngine;
import io.mortise.spi.storage.StorageEngineProvider;
import io.mortise.spi.testing.TestMetrics;
import io.mortise.spi.testing.VolatileFileLayer;
import io.netty.buffer.ByteBuf;
import io.netty.channel.DefaultEventLoop;

import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Not a test: prints what an append costs the loop that calls it, in nanoseconds and bytes of
 * garbage, over an engine that throws everything away. Run it by hand.
 */
public final class AppendCost {
    private AppendCost() {}

    /** Arguments: bytes of the record's value, batches per round of measuring. */
    public static void main(String[] args) throws Exception {
        int bytes = args.length > 0 ? Integer.parseInt(args[0]) : 100;
        int batches = args.length > 1 ? Integer.parseInt(args[1]) : 1_000_000;
        var topic = new FakeTopic().with(Durability.OS);
        var loop = new DefaultEventLoop();
        try (var scheduler = new VirtualThreadScheduler("cost")) {
            var host =
                    new LogHost(
                            PartitionOptions.defaults(),
                            new SystemClock(),
                            scheduler,
                            new VolatileFileLayer(),
                            new TestMetrics(),
                            writer -> new Thread(writer, "writer").start(),
                            new Nobody());
            host.register(new Shredder(), new NoContext().context());
            var id = new LogId(topic.tenant(), topic.id(), 0, 0);
            Partition log = host.open(id, topic, 0).toCompletableFuture().join();
            ByteBuf batch = Batches.of("x".repeat(bytes));
            for (int i = 0; i < 8; i++) {
                measure(loop, log, batch, batches);
            }
            host.close();
            loop.shutdownGracefully();
        }
    }

    private static void measure(DefaultEventLoop loop, Partition log, ByteBuf batch, int batches)
            throws InterruptedException {
        var done = new CountDownLatch(1);
        var told = new AtomicLong();
        loop.execute(() -> append(loop, log, batch, batches, told, done));
        done.await();
    }

    private static void append(
            DefaultEventLoop loop,
            Partition log,
            ByteBuf batch,
            int batches,
            AtomicLong told,
            CountDownLatch done) {
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long allocated = threads.getCurrentThreadAllocatedBytes();
        long cpu = threads.getCurrentThreadCpuTime();
        long busy = 0;
        Partition.AppendCallback callback = refusal -> told.lazySet(told.get() + 1);
        for (int placed = 0; placed < batches; ) {
            var result = log.append(batch, -1, Origin.CLIENT, AckLevel.DURABLE, loop, callback);
            if (result.refusal() == null) {
                placed++;
            } else {
                busy++;
                Thread.yield();
            }
        }
        cpu = threads.getCurrentThreadCpuTime() - cpu;
        allocated = threads.getCurrentThreadAllocatedBytes() - allocated;
        long refused = busy;
        long appendNanos = cpu / batches;
        long appendGarbage = allocated / batches;
        System.out.printf(
                "append %d ns cpu, %d B garbage, %d refusals; cached read %d ns%n",
                appendNanos, appendGarbage, refused, readNanos(log));
        done.countDown();
    }

    private static long readNanos(Partition log) {
        long begin = System.nanoTime();
        int count = 100_000;
        for (int i = 0; i < count; i++) {
            FetchedBatches read =
                    log.readCached(log.logEndOffset() - 50, 4_000, Visibility.SEQUENCED);
            if (read != null) {
                read.close();
            }
        }
        return (System.nanoTime() - begin) / count;
    }

    private static final class Nobody implements LeadershipListener {
        @Override
        public void lost(Partition partition, Refusal why) {}

        @Override
        public void won(Partition partition) {}
    }

    private static final class NoContext {
        StorageContext context() {
            var clock = new io.mortise.spi.testing.FakeClock();
            var scheduler = new io.mortise.spi.testing.FakeScheduler(clock);
            return new MemoryEngine().context(clock, scheduler);
        }
    }

    /** Throws everything away. */
    private static final class Shredder
            implements StorageEngineProvider, StorageEngine, LogStorage {
        private volatile long end;

        @Override
        public String name() {
            return "fake";
        }

        @Override
        public StorageEngine open(StorageContext context) {
            return this;
        }

        @Override
        public Set<Durability> durabilities() {
            return Set.of(Durability.OS);
        }

        @Override
        public List<LogId> logs() {
            return List.of();
        }

        @Override
        public LogStorage openLog(LogId id, int leaderEpoch, LogConfig config) {
            return this;
        }

        @Override
        public void deleteLog(LogId id) {}

        @Override
        public void flush() {}

        @Override
        public void force() {}

        @Override
        public void append(int leaderEpoch, long base, long endOffset, ByteBuffer batches) {
            end = endOffset;
        }

        @Override
        public LogSlice read(long offset, long limit, int maxBytes) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long startOffset() {
            return 0;
        }

        @Override
        public long endOffset() {
            return end;
        }

        @Override
        public List<LogExtent> extents() {
            return List.of();
        }

        @Override
        public void configure(LogConfig config) {}

        @Override
        public void truncate(long offset) {}

        @Override
        public void advanceStart(long offset) {}

        @Override
        public void replace(long from, long to, List<ByteBuffer> batches) {}

        @Override
        public void close() {}
    }
}
