// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.kernel.partition.MemoryEngine.Failure;
import io.mortise.kernel.runtime.SystemClock;
import io.mortise.kernel.runtime.VirtualThreadScheduler;
import io.mortise.spi.LogId;
import io.mortise.spi.Reason;
import io.mortise.spi.Refusal;
import io.mortise.spi.broker.AckLevel;
import io.mortise.spi.broker.FetchedBatches;
import io.mortise.spi.broker.Partition;
import io.mortise.spi.broker.Partition.AppendResult;
import io.mortise.spi.broker.Partition.Origin;
import io.mortise.spi.broker.Partition.Visibility;
import io.mortise.spi.record.BatchHeader;
import io.mortise.spi.testing.FakeClock;
import io.mortise.spi.testing.FakeScheduler;
import io.mortise.spi.testing.TestMetrics;
import io.mortise.spi.testing.TestStorageContext;
import io.mortise.spi.testing.VolatileFileLayer;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Real threads: appenders, the writer, readers, failures, all at once. */
@Timeout(120)
final class ConcurrencyTest {
    /** Failures are on purpose here; their stacks would drown everything else. */
    private static final Logger LOG = Logger.getLogger("io.mortise.kernel.partition");

    @BeforeAll
    static void quiet() {
        LOG.setLevel(Level.OFF);
    }

    @AfterAll
    static void loud() {
        LOG.setLevel(null);
    }

    private static final int APPENDERS = 3;
    private static final int PARTITIONS = 2;
    private static final int BATCHES = 1_500;

    private final FakeTopic topic = new FakeTopic();
    private final MemoryEngine engine = new MemoryEngine();
    private final VirtualThreadScheduler scheduler = new VirtualThreadScheduler("test");
    private final TestMetrics metrics = new TestMetrics();
    private final List<Partition> logs = new ArrayList<>();
    private final List<ExecutorService> loops = new ArrayList<>();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private LogHost host;

    @BeforeEach
    void open() throws IOException {
        var clock = new FakeClock();
        host =
                new LogHost(
                        PartitionOptions.defaults().withRing(192 << 10, 96 << 10),
                        new SystemClock(),
                        scheduler,
                        new VolatileFileLayer(),
                        metrics,
                        writer -> new Thread(writer, "writer").start(),
                        new Silent());
        host.register(
                engine,
                TestStorageContext.over(
                        new VolatileFileLayer(), Map.of(), clock, new FakeScheduler(clock), 1));
        for (int i = 0; i < PARTITIONS; i++) {
            var id = new LogId(topic.tenant(), topic.id(), i, 0);
            logs.add(host.open(id, topic, 0).toCompletableFuture().join());
        }
        for (int i = 0; i < APPENDERS; i++) {
            loops.add(Executors.newSingleThreadExecutor());
        }
    }

    @AfterEach
    void close() {
        host.close();
        loops.forEach(ExecutorService::shutdown);
        scheduler.close();
    }

    private static final class Silent implements LeadershipListener {
        @Override
        public void lost(Partition partition, Refusal why) {}

        @Override
        public void won(Partition partition) {}
    }

    @Test
    void everyBatchOfEveryProducerIsReadOnceAndInOrder() throws InterruptedException {
        var readers = new CountDownLatch(PARTITIONS);
        for (Partition log : logs) {
            start(() -> follow(log, APPENDERS * BATCHES, readers));
        }
        runAppenders(this::appendIdempotent);
        readers.await();
        rethrow();
        for (Partition log : logs) {
            assertThat(log.logEndOffset()).isEqualTo(APPENDERS * BATCHES);
            assertThat(log.highWatermark()).isEqualTo(APPENDERS * BATCHES);
        }
        assertThat(metrics.gauge("mortise_partition_unwritten_bytes")).isZero();
        assertThat(metrics.gauge("mortise_partition_ring_bytes")).isLessThanOrEqualTo(192 << 10);
    }

    @Test
    void whatIsAcknowledgedSurvivesFailedRounds() throws InterruptedException {
        var done = new CountDownLatch(1);
        start(() -> breakThings(done));
        Map<String, Boolean> acknowledged = new ConcurrentHashMap<>();
        runAppenders(index -> appendAnyway(index, acknowledged));
        done.countDown();
        rethrow();
        int found = 0;
        for (Partition log : logs) {
            for (String value : valuesOf(log)) {
                found += acknowledged.remove(value) != null ? 1 : 0;
            }
        }
        assertThat(acknowledged).as("acknowledged, but lost").isEmpty();
        assertThat(found).isPositive();
        assertThat(metrics.count("mortise_partition_failed_rounds_total")).isPositive();
        assertThat(metrics.count("mortise_partition_lost_offsets_total")).isZero();
    }

    private interface Appender {
        void run(int index) throws InterruptedException;
    }

    private void runAppenders(Appender appender) throws InterruptedException {
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < APPENDERS; i++) {
            int index = i;
            threads.add(start(() -> appender.run(index)));
        }
        for (Thread thread : threads) {
            thread.join();
        }
    }

    private interface Task {
        void run() throws Exception;
    }

    private Thread start(Task task) {
        return Thread.ofPlatform()
                .start(
                        () -> {
                            try {
                                task.run();
                            } catch (Throwable e) {
                                failure.compareAndSet(null, e);
                            }
                        });
    }

    private void rethrow() {
        Throwable e = failure.get();
        if (e != null) {
            throw new AssertionError(e);
        }
    }

    private void appendIdempotent(int index) throws InterruptedException {
        ExecutorService loop = loops.get(index);
        var told = new CountDownLatch(BATCHES * PARTITIONS);
        long[] newest = new long[PARTITIONS];
        for (int i = 0; i < BATCHES; i++) {
            for (int partition = 0; partition < PARTITIONS; partition++) {
                int at = partition;
                long[] end = new long[1];
                var placed = new Semaphore(0);
                AppendResult result =
                        placeWhenThereIsRoom(
                                index,
                                partition,
                                i,
                                refusal -> {
                                    placed.acquireUninterruptibly();
                                    check(refusal == null, "refused");
                                    check(end[0] > newest[at], "out of order");
                                    newest[at] = end[0];
                                    told.countDown();
                                });
                end[0] = result.endOffset();
                placed.release();
            }
        }
        told.await();
        check(!loop.isShutdown(), "loop");
    }

    private AppendResult placeWhenThereIsRoom(
            int index, int partition, int sequence, Partition.AppendCallback callback)
            throws InterruptedException {
        Partition log = logs.get(partition);
        AckLevel level = sequence % 3 == 0 ? AckLevel.WRITTEN : AckLevel.DURABLE;
        while (true) {
            AppendResult result =
                    log.append(
                            Batches.by(index, 0, sequence, "x".repeat(sequence % 300)),
                            -1,
                            Origin.CLIENT,
                            level,
                            loops.get(index),
                            callback);
            Refusal refusal = result.refusal();
            if (refusal == null) {
                return result;
            }
            check(refusal.reason() == Reason.BUSY, refusal.toString());
            var room = new Semaphore(0);
            log.onCapacity(loops.get(index), room::release);
            room.acquire();
        }
    }

    private static void check(boolean condition, String message) {
        if (!condition) {
            throw new AssertionError(message);
        }
    }

    /** Reads everything as it comes, from the ring or from below. */
    private void follow(Partition log, long end, CountDownLatch done) throws InterruptedException {
        var moved = new Semaphore(0);
        var registration = log.onAdvance(Runnable::run, it -> moved.release());
        int[] sequences = new int[APPENDERS];
        long next = 0;
        try {
            while (next < end && failure.get() == null) {
                FetchedBatches fetched = log.readCached(next, 7_000, Visibility.COMMITTED);
                if (fetched == null) {
                    fetched = read(log, next);
                }
                check(fetched.nextOffset() <= log.highWatermark(), "past the high watermark");
                if (fetched.sizeInBytes() == 0) {
                    fetched.close();
                    moved.acquire();
                    moved.drainPermits();
                    continue;
                }
                for (ByteBuffer batch : Batches.split(fetched)) {
                    check(BatchHeader.baseOffset(batch, 0) == next, "gap at " + next);
                    next = BatchHeader.lastOffset(batch, 0) + 1;
                    int producer = (int) BatchHeader.producerId(batch, 0);
                    int sequence = BatchHeader.baseSequence(batch, 0);
                    check(sequence == sequences[producer]++, "sequence " + sequence);
                }
            }
        } finally {
            registration.close();
            done.countDown();
        }
    }

    private static FetchedBatches read(Partition log, long offset) throws InterruptedException {
        var arrived = new Semaphore(0);
        var found = new AtomicReference<FetchedBatches>();
        log.read(
                offset,
                7_000,
                Visibility.COMMITTED,
                Runnable::run,
                (batches, refusal) -> {
                    found.set(batches);
                    arrived.release();
                });
        arrived.acquire();
        FetchedBatches batches = found.get();
        check(batches != null, "not readable at " + offset);
        return batches;
    }

    private void breakThings(CountDownLatch done) throws InterruptedException {
        Failure[] kinds = {Failure.APPEND, Failure.FLUSH, Failure.FORCE, Failure.OPEN};
        for (int i = 0; done.getCount() > 0; i++) {
            int some = engine.forces.get() + 20;
            while (engine.forces.get() < some && done.getCount() > 0) {
                Thread.sleep(1);
            }
            engine.failNext(kinds[i % kinds.length], 1);
        }
    }

    private void appendAnyway(int index, Map<String, Boolean> acknowledged)
            throws InterruptedException {
        var told = new Semaphore(0);
        int placed = 0;
        for (int i = 0; i < BATCHES; i++) {
            String value = index + "-" + i;
            AppendResult result =
                    logs.get(i % PARTITIONS)
                            .append(
                                    Batches.of(value),
                                    -1,
                                    Origin.CLIENT,
                                    AckLevel.DURABLE,
                                    loops.get(index),
                                    refusal -> {
                                        if (refusal == null) {
                                            acknowledged.put(value, true);
                                        }
                                        told.release();
                                    });
            if (result.refusal() == null) {
                placed++;
                if (placed == 10) {
                    told.acquire(placed); // so that there are many rounds
                    placed = 0;
                }
            } else {
                Thread.sleep(1);
            }
        }
        told.acquire(placed); // each one is told once, whatever happened
        check(told.availablePermits() == 0, "told twice");
    }

    private static List<String> valuesOf(Partition log) throws InterruptedException {
        List<String> values = new ArrayList<>();
        long next = log.logStartOffset();
        while (next < log.highWatermark()) {
            FetchedBatches fetched = read(log, next);
            next = fetched.nextOffset();
            for (ByteBuffer batch : Batches.split(fetched)) {
                values.add(Batches.onlyValue(batch));
            }
        }
        return values;
    }
}
