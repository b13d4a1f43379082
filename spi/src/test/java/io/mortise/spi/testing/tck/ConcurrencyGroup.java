// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.testing.tck;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.spi.record.BatchHeader;
import io.mortise.spi.runtime.FileLayer;
import io.mortise.spi.runtime.StorageFile;
import io.mortise.spi.storage.LogSlice;
import io.mortise.spi.storage.LogStorage;
import io.mortise.spi.testing.ForwardingFileLayer;
import io.mortise.spi.testing.TestBatches;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** Readers beside the writer, and beside everything that changes a log under them. */
abstract class ConcurrencyGroup extends Group {
    private static final int READERS = 3;

    ConcurrencyGroup(LogStorageTck kit) {
        super(kit);
    }

    /** What is done while others read. */
    @FunctionalInterface
    private interface Work {
        void run() throws IOException;
    }

    /** Runs readers until the work is done; gives how many batches they checked. */
    private static long beside(LogStorage log, Work work) throws Exception {
        var done = new AtomicBoolean();
        Callable<Long> reader = () -> readUntil(log, done);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var readers = new ArrayList<Future<Long>>();
            for (int i = 0; i < READERS; i++) {
                readers.add(threads.submit(reader));
            }
            try {
                work.run();
            } finally {
                done.set(true);
            }
            long checked = 0;
            for (Future<Long> each : readers) {
                checked += each.get(60, TimeUnit.SECONDS);
            }
            return checked;
        }
    }

    /** Reads whatever there is, over and over; a refusal is fair, a wrong byte is not. */
    private static long readUntil(LogStorage log, AtomicBoolean done) {
        long checked = 0;
        boolean last;
        do {
            last = done.get(); // then once more through all of it
            long next = log.startOffset();
            try {
                while (next < log.endOffset()) {
                    try (LogSlice slice = log.read(next, Long.MAX_VALUE, 4_000)) {
                        checked += check(slice);
                        next = Math.max(next + 1, slice.nextOffset());
                    }
                }
            } catch (IOException | IllegalStateException refused) {
                Thread.yield();
            }
        } while (!last);
        return checked;
    }

    /** Each batch must be just what was appended under its epoch at its offset. */
    private static int check(LogSlice slice) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(TestBatches.bytes(slice));
        int batches = 0;
        long next = slice.baseOffset();
        for (int at = 0; at < bytes.limit(); batches++) {
            int size = BatchHeader.sizeInBytes(bytes, at);
            long base = BatchHeader.baseOffset(bytes, at);
            assertThat(base).isGreaterThanOrEqualTo(next);
            ByteBuffer expected = batch(base, BatchHeader.leaderEpoch(bytes, at));
            assertThat(bytes.slice(at, size)).isEqualTo(expected);
            next = BatchHeader.lastOffset(bytes, at) + 1;
            at += size;
        }
        assertThat(next).isLessThanOrEqualTo(slice.nextOffset());
        return batches;
    }

    private static ByteBuffer batch(long base, int epoch) {
        int size = (int) (base * 131 % 1_500);
        return TestBatches.batch(base, epoch, 1, size, 1000 + base, base * 31 + epoch);
    }

    private static void append(World world, LogStorage log, int epoch, int count)
            throws IOException {
        for (int i = 0; i < count; i++) {
            long base = log.endOffset();
            log.append(epoch, base, base + 1, batch(base, epoch));
            if (i % 5 == 4) {
                world.round();
            }
        }
        world.round();
    }

    @Test
    void readersBesideTheWriterSeeWholeBatchesInOrder() throws Exception {
        World world = world(1).open();
        LogStorage log = world.log(1, strongest());
        assertThat(beside(log, () -> append(world, log, EPOCH, 1_500))).isPositive();
    }

    @Test
    void readersBesideTruncation() throws Exception {
        World world = world(1).open();
        LogStorage log = world.log(1, strongest());
        append(world, log, EPOCH, 60);
        Work work =
                () -> {
                    for (int epoch = EPOCH + 1; epoch < EPOCH + 40; epoch++) {
                        log.truncate(log.endOffset() - 35);
                        append(world, log, epoch, 45);
                    }
                };
        assertThat(beside(log, work)).isPositive();
        assertThat(log.endOffset()).isEqualTo(60 + 39 * 10);
    }

    @Test
    void readersBesideRetention() throws Exception {
        World world = world(1).open();
        LogStorage log = world.log(1, strongest());
        append(world, log, EPOCH, 60);
        Work work =
                () -> {
                    for (int i = 0; i < 60; i++) {
                        append(world, log, EPOCH, 20);
                        log.advanceStart(log.endOffset() - 40);
                    }
                };
        assertThat(beside(log, work)).isPositive();
        assertThat(log.startOffset()).isEqualTo(60 + 1200 - 40);
    }

    @Test
    void readersBesideReplacement() throws Exception {
        World world = world(1).open();
        LogStorage log = world.log(1, strongest());
        append(world, log, EPOCH, 60);
        Work work =
                () -> {
                    for (int epoch = EPOCH + 1; epoch < EPOCH + 40; epoch++) {
                        compact(log, epoch);
                        append(world, log, EPOCH, 5);
                    }
                };
        assertThat(beside(log, work)).isPositive();
        assertThat(log.endOffset()).isEqualTo(60 + 39 * 5);
    }

    /** Puts batches of a newer epoch, two of three, in the place of the first half. */
    private static void compact(LogStorage log, int epoch) throws IOException {
        var fresh = new ArrayList<ByteBuffer>();
        long half = log.endOffset() / 2;
        for (long base = 0; base < half; base++) {
            if ((base + epoch) % 3 != 0) {
                fresh.add(batch(base, epoch));
            }
        }
        log.replace(0, half, fresh);
    }

    @Test
    void readersBesideDeletion() throws Exception {
        World world = world(1).open();
        for (int i = 0; i < 20; i++) {
            LogStorage log = world.log(1, strongest());
            append(world, log, EPOCH, 60);
            Work work =
                    () -> {
                        log.close();
                        world.engine().deleteLog(World.id(1));
                    };
            beside(log, work);
            assertThat(world.engine().logs()).isEmpty();
        }
    }

    /** One reader waits for the disk for ever; other logs do not notice. */
    @Test
    void aReadThatWaitsForTheDiskHoldsUpNoOtherLog() throws Exception {
        requireSimulatedFiles();
        requireFiles();
        var held = new CountDownLatch(1);
        World world = world(1);
        var stalling = new ThreadLocal<Boolean>();
        world.harness.through(files -> new Stalling(files, stalling, held));
        world.open();
        LogStorage slow = world.log(1, strongest());
        LogStorage log = world.log(2, strongest());
        fill(world, slow, 20, 20_000, 1);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<byte[]> waiting =
                    threads.submit(
                            () -> {
                                stalling.set(true);
                                return all(slow);
                            });
            try {
                Future<byte[]> others = threads.submit(() -> fill(world, log, 50, 900, 5));
                byte[] all = others.get(10, TimeUnit.SECONDS);
                assertThat(threads.submit(() -> all(log)).get(10, TimeUnit.SECONDS)).isEqualTo(all);
            } finally {
                held.countDown();
            }
            assertThat(waiting.get(10, TimeUnit.SECONDS)).hasSize(20 * 20_061);
        }
    }

    /** Holds reads of the threads that say so. */
    private static final class Stalling extends ForwardingFileLayer {
        private final ThreadLocal<Boolean> stalling;
        private final CountDownLatch held;

        Stalling(FileLayer files, ThreadLocal<Boolean> stalling, CountDownLatch held) {
            super(files);
            this.stalling = stalling;
            this.held = held;
        }

        @Override
        protected StorageFile around(StorageFile file) {
            return new File(file) {
                @Override
                public int read(ByteBuffer target, long position) throws IOException {
                    if (stalling.get() != null) {
                        await();
                    }
                    return super.read(target, position);
                }
            };
        }

        private void await() throws IOException {
            try {
                held.await();
            } catch (InterruptedException interrupted) {
                throw new IOException(interrupted);
            }
        }
    }

    /** Slices of one log, open through everything at once. */
    @Test
    void slicesOutliveWhateverComes() throws IOException {
        World world = world(1).open();
        LogStorage log = world.log(1, strongest());
        byte[] all = fill(world, log, 100, 900, 10);
        List<LogSlice> slices = lend(log);
        List<LogSlice> more = lend(log);
        log.truncate(60);
        fill(world, log, 60, 900, 10);
        log.advanceStart(50);
        world.harness.scheduler().advanceNanos(100_000_000_000L);
        fill(world, log, 60, 900, 10);
        assertThat(giveBack(slices)).isEqualTo(all);
        log.close();
        world.engine().deleteLog(World.id(1));
        world.harness.scheduler().advanceNanos(100_000_000_000L);
        fill(world, world.log(1, strongest()), 60, 900, 10);
        assertThat(giveBack(more)).isEqualTo(all);
    }
}
