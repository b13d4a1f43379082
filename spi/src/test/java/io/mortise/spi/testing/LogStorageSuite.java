// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.spi.Durability;
import io.mortise.spi.LogId;
import io.mortise.spi.TenantId;
import io.mortise.spi.TopicId;
import io.mortise.spi.storage.LogConfig;
import io.mortise.spi.storage.LogExtent;
import io.mortise.spi.storage.LogSlice;
import io.mortise.spi.storage.LogStorage;
import io.mortise.spi.storage.OffsetOutOfRangeException;
import io.mortise.spi.storage.StorageEngine;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;

/** What every engine does, whatever it keeps its logs on. */
public abstract class LogStorageSuite {
    protected static final int EPOCH = 3;

    protected StorageEngine engine;

    /** An engine without logs. */
    protected abstract StorageEngine openEmpty() throws IOException;

    /** A level that the engine gives, at which this suite runs. */
    protected abstract Durability level();

    /** Time for what the engine does aside; nothing for one that does nothing. */
    protected void runAside() {}

    @BeforeEach
    void openEngine() throws IOException {
        engine = openEmpty();
    }

    @AfterEach
    void closeEngine() throws IOException {
        if (engine != null) { // a subclass may skip a test before it opens one
            engine.close();
        }
    }

    /** A log's name. */
    protected static LogId logId(int number) {
        return new LogId(TenantId.DEFAULT, new TopicId(new UUID(77, number)), number, number % 16);
    }

    /** Opens with small extents, so that tests cross them. */
    protected LogStorage open(LogId id) throws IOException {
        return engine.openLog(id, EPOCH, new LogConfig(level(), 10_000, 0));
    }

    /** Ends a round. */
    protected void complete() throws IOException {
        engine.flush();
        engine.force();
        runAside();
    }

    @Test
    void givesTheLevelItSays() {
        assertThat(engine.durabilities()).contains(level()).doesNotContain(Durability.NONE);
    }

    @Test
    void aNewLogIsEmpty() throws IOException {
        LogStorage log = engine.openLog(logId(1), EPOCH, new LogConfig(level(), 10_000, 42));
        assertThat(log.startOffset()).isEqualTo(42);
        assertThat(log.endOffset()).isEqualTo(42);
        try (LogSlice slice = log.read(42, Long.MAX_VALUE, 1000)) {
            assertThat(slice.sizeInBytes()).isZero();
            assertThat(slice.baseOffset()).isEqualTo(42);
            assertThat(slice.nextOffset()).isEqualTo(42);
        }
        assertThat(engine.logs()).containsExactly(logId(1));
    }

    @Test
    void readsBackExactlyWhatWasAppended() throws IOException {
        LogStorage log = open(logId(1));
        var all = new ByteArrayOutputStream();
        for (int i = 0; i < 300; i++) {
            all.writeBytes(TestBatches.append(log, EPOCH, 1 + i % 3, i * 7 % 900, i).array());
            if (i % 10 == 9) {
                complete();
            }
        }
        assertThat(log.endOffset()).isEqualTo(600);
        for (int maxBytes : new int[] {1, 500, 5_000, 1 << 20}) {
            assertThat(TestBatches.readAll(log, 0, maxBytes)).isEqualTo(all.toByteArray());
        }
    }

    @Test
    void appendedIsReadableBeforeTheRoundEnds() throws IOException {
        LogStorage log = open(logId(1));
        byte[] first = TestBatches.append(log, EPOCH, 1, 100, 1).array();
        byte[] second = TestBatches.append(log, EPOCH, 1, 100, 2).array();
        assertThat(TestBatches.readAll(log, 0, 10_000)).isEqualTo(joined(first, second));
        assertThat(TestBatches.readAll(log, 1, 10_000)).isEqualTo(second);
    }

    @Test
    void aRunOfManyBatchesIsOneAppend() throws IOException {
        LogStorage log = open(logId(1));
        ByteBuffer run = TestBatches.run(0, EPOCH, 500, 150, 9);
        log.append(EPOCH, 0, 500, run.asReadOnlyBuffer());
        complete();
        assertThat(TestBatches.readAll(log, 0, 3000)).isEqualTo(TestBatches.bytes(run));
    }

    @Test
    void takesBatchesOfEverySize() throws IOException {
        LogStorage log = open(logId(1));
        var all = new ByteArrayOutputStream();
        for (int size : new int[] {0, 1, 4_000, 8_192, 70_000, 10, 64_000, 65_536, 1_500_000, 3}) {
            all.writeBytes(TestBatches.append(log, EPOCH, 1, size, size).array());
        }
        complete();
        all.writeBytes(TestBatches.append(log, EPOCH, 1, 200_000, 5).array());
        complete();
        assertThat(TestBatches.readAll(log, 0, 1000)).isEqualTo(all.toByteArray());
    }

    @Test
    void aReadBeginsWithTheBatchThatHoldsTheOffset() throws IOException {
        LogStorage log = open(logId(1));
        TestBatches.append(log, EPOCH, 5, 50, 1);
        byte[] second = TestBatches.append(log, EPOCH, 5, 50, 2).array();
        complete();
        try (LogSlice slice = log.read(8, Long.MAX_VALUE, 1)) {
            assertThat(slice.baseOffset()).isEqualTo(5);
            assertThat(slice.nextOffset()).isEqualTo(10);
            assertThat(TestBatches.bytes(slice)).isEqualTo(second);
        }
    }

    @Test
    void aReadStopsAtItsLimit() throws IOException {
        LogStorage log = open(logId(1));
        byte[] first = TestBatches.append(log, EPOCH, 5, 50, 1).array();
        TestBatches.append(log, EPOCH, 5, 50, 2);
        complete();
        for (int limit = 1; limit <= 5; limit++) {
            try (LogSlice slice = log.read(0, limit, 1 << 20)) {
                assertThat(TestBatches.bytes(slice)).isEqualTo(first);
            }
        }
        try (LogSlice slice = log.read(5, 5, 1 << 20)) {
            assertThat(slice.sizeInBytes()).isZero();
            assertThat(slice.parts()).isEmpty();
            assertThat(slice.nextOffset()).isEqualTo(5);
        }
        try (LogSlice slice = log.read(10, Long.MAX_VALUE, 1 << 20)) {
            assertThat(slice.sizeInBytes()).isZero();
        }
    }

    @Test
    void aReadOutsideIsRefused() throws IOException {
        LogStorage log = open(logId(1));
        TestBatches.append(log, EPOCH, 5, 50, 1);
        TestBatches.append(log, EPOCH, 5, 50, 1);
        complete();
        log.advanceStart(5);
        assertThatThrownBy(() -> log.read(4, 100, 100))
                .isInstanceOf(OffsetOutOfRangeException.class)
                .hasMessageContaining("4")
                .hasMessageContaining("5");
        assertThatThrownBy(() -> log.read(11, 100, 100))
                .isInstanceOf(OffsetOutOfRangeException.class);
    }

    @Test
    void aGapIsRefusedAndChangesNothing() throws IOException {
        LogStorage log = open(logId(1));
        ByteBuffer late = TestBatches.batch(1, EPOCH, 1, 10, 0, 0);
        assertThatThrownBy(() -> log.append(EPOCH, 1, 2, late))
                .isInstanceOf(IllegalArgumentException.class);
        ByteBuffer wrongEnd = TestBatches.batch(0, EPOCH, 1, 10, 0, 0);
        assertThatThrownBy(() -> log.append(EPOCH, 0, 2, wrongEnd))
                .isInstanceOf(IllegalArgumentException.class);
        ByteBuffer half = TestBatches.batch(0, EPOCH, 1, 10, 0, 0).limit(30);
        assertThatThrownBy(() -> log.append(EPOCH, 0, 1, half))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(log.endOffset()).isZero();
        TestBatches.append(log, EPOCH, 1, 10, 0);
        complete();
        assertThat(log.endOffset()).isEqualTo(1);
    }

    @Test
    void anOlderLeaderIsRefused() throws IOException {
        LogStorage log = open(logId(1));
        assertThatThrownBy(() -> TestBatches.append(log, EPOCH - 1, 1, 10, 0))
                .isInstanceOf(IllegalArgumentException.class);
        TestBatches.append(log, EPOCH + 1, 1, 10, 0);
        assertThatThrownBy(() -> TestBatches.append(log, EPOCH, 1, 10, 0))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aLogIsOpenOnce() throws IOException {
        LogStorage log = open(logId(1));
        assertThatThrownBy(() -> open(logId(1))).isInstanceOf(IllegalStateException.class);
        TestBatches.append(log, EPOCH, 1, 10, 0);
        complete();
        log.close();
        LogStorage again = open(logId(1));
        assertThat(again.endOffset()).isEqualTo(1);
        assertThat(engine.logs()).containsExactly(logId(1));
    }

    @Test
    void truncateDropsWholeBatches() throws IOException {
        for (int cut : new int[] {0, 7, 9, 10, 63, 64, 100}) {
            LogStorage log = open(logId(cut));
            var kept = new ByteArrayOutputStream();
            for (int base = 0; base < 100; base += 5) {
                byte[] batch = TestBatches.append(log, EPOCH, 5, 900, base).array();
                if (base + 5 <= cut) {
                    kept.writeBytes(batch);
                }
                if (base % 20 == 0) {
                    complete();
                }
            }
            log.truncate(cut);
            assertThat(log.endOffset()).isEqualTo(cut / 5 * 5L);
            assertThat(TestBatches.readAll(log, 0, 4000)).isEqualTo(kept.toByteArray());
            kept.writeBytes(TestBatches.append(log, EPOCH + 1, 2, 100, 1).array());
            kept.writeBytes(TestBatches.append(log, EPOCH + 1, 2, 90_000, 1).array());
            complete();
            assertThat(TestBatches.readAll(log, 0, 4000)).isEqualTo(kept.toByteArray());
            log.close();
        }
    }

    @Test
    void advanceStartFreesWhatLiesBelow() throws IOException {
        LogStorage log = open(logId(1));
        for (int i = 0; i < 100; i++) {
            TestBatches.append(log, EPOCH, 1, 900, i);
        }
        complete();
        assertThat(log.extents()).hasSizeGreaterThan(5);
        log.advanceStart(55);
        assertThat(log.startOffset()).isEqualTo(55);
        assertThat(log.extents().getFirst().baseOffset()).isBetween(30L, 55L);
        assertThat(log.extents().getFirst().endOffset()).isGreaterThan(55L);
        try (LogSlice slice = log.read(55, Long.MAX_VALUE, 1)) {
            assertThat(slice.baseOffset()).isEqualTo(55);
        }
        log.advanceStart(40);
        assertThat(log.startOffset()).isEqualTo(55);
        log.advanceStart(100);
        assertThat(log.startOffset()).isEqualTo(100);
        assertThat(log.endOffset()).isEqualTo(100);
        TestBatches.append(log, EPOCH, 1, 900, 1);
        complete();
        assertThat(TestBatches.readAll(log, 100, 1000)).hasSize(961);
    }

    @Test
    void extentsCoverTheLog() throws IOException {
        LogStorage log = open(logId(1));
        for (int i = 0; i < 100; i++) {
            TestBatches.append(log, EPOCH, 1, 900, i);
        }
        complete();
        List<LogExtent> extents = log.extents();
        long next = 0;
        long bytes = 0;
        for (LogExtent extent : extents) {
            assertThat(extent.baseOffset()).isEqualTo(next);
            assertThat(extent.maxTimestampMillis()).isEqualTo(1000 + extent.endOffset() - 1);
            next = extent.endOffset();
            bytes += extent.sizeBytes();
        }
        assertThat(next).isEqualTo(100);
        assertThat(bytes).isEqualTo(100L * 961);
    }

    @Test
    void aSliceOutlivesTruncation() throws IOException {
        LogStorage log = open(logId(1));
        byte[] all = appendMany(log);
        List<LogSlice> slices = lend(log);
        log.truncate(10);
        for (int i = 0; i < 50; i++) {
            TestBatches.append(log, EPOCH + 1, 1, 900, 1000 + i);
        }
        complete();
        assertHolds(slices, all);
    }

    @Test
    void aSliceOutlivesRetention() throws IOException {
        LogStorage log = open(logId(1));
        byte[] all = appendMany(log);
        List<LogSlice> slices = lend(log);
        log.advanceStart(100);
        runAside();
        assertHolds(slices, all);
    }

    @Test
    void aSliceOutlivesDeletion() throws IOException {
        LogStorage log = open(logId(1));
        byte[] all = appendMany(log);
        List<LogSlice> slices = lend(log);
        log.close();
        engine.deleteLog(logId(1));
        engine.deleteLog(logId(1));
        runAside();
        assertThat(engine.logs()).isEmpty();
        assertHolds(slices, all);
        LogStorage again = open(logId(1));
        assertThat(again.endOffset()).isZero();
    }

    private byte[] appendMany(LogStorage log) throws IOException {
        var all = new ByteArrayOutputStream();
        for (int i = 0; i < 100; i++) {
            all.writeBytes(TestBatches.append(log, EPOCH, 1, 900, i).array());
            if (i % 30 == 0) {
                complete();
            }
        }
        complete();
        return all.toByteArray();
    }

    private static List<LogSlice> lend(LogStorage log) throws IOException {
        var slices = new ArrayList<LogSlice>();
        for (long next = 0; next < log.endOffset(); next = slices.getLast().nextOffset()) {
            slices.add(log.read(next, Long.MAX_VALUE, 2500));
        }
        return slices;
    }

    private static void assertHolds(List<LogSlice> slices, byte[] all) throws IOException {
        var held = new ByteArrayOutputStream();
        for (LogSlice slice : slices) {
            held.writeBytes(TestBatches.bytes(slice));
            slice.close();
        }
        assertThat(held.toByteArray()).isEqualTo(all);
    }

    @Test
    void manyLogsInOneRoundStayApart() throws IOException {
        var logs = new ArrayList<LogStorage>();
        var expected = new ArrayList<ByteArrayOutputStream>();
        for (int i = 0; i < 40; i++) {
            logs.add(open(logId(i)));
            expected.add(new ByteArrayOutputStream());
        }
        for (int round = 0; round < 5; round++) {
            for (int i = 0; i < 120; i++) {
                int at = i * 7 % 40;
                expected.get(at)
                        .writeBytes(
                                TestBatches.append(logs.get(at), EPOCH, 1, i * 13 % 700, i)
                                        .array());
            }
            complete();
        }
        for (int i = 0; i < 40; i++) {
            assertThat(TestBatches.readAll(logs.get(i), 0, 2000))
                    .isEqualTo(expected.get(i).toByteArray());
        }
        assertThat(engine.logs()).hasSize(40);
    }

    @Test
    void extentSizeMayChange() throws IOException {
        LogStorage log = open(logId(1));
        log.configure(new LogConfig(level(), 1 << 20, 0));
        for (int i = 0; i < 50; i++) {
            TestBatches.append(log, EPOCH, 1, 900, i);
        }
        complete();
        assertThat(TestBatches.readAll(log, 0, 1 << 20)).hasSize(50 * 961);
    }

    @Test
    void readersSeeAPrefixWhileTheWriterAppends() throws Exception {
        LogStorage log = open(logId(1));
        var done = new AtomicBoolean();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Callable<Long> reader = () -> readUntil(log, done);
            List<Future<Long>> readers = List.of(threads.submit(reader), threads.submit(reader));
            try {
                for (int i = 0; i < 400; i++) {
                    TestBatches.append(log, EPOCH, 1, i * 31 % 3000, i);
                    if (i % 7 == 0) {
                        complete();
                    }
                }
                complete();
            } finally {
                done.set(true);
            }
            for (Future<Long> each : readers) {
                assertThat(each.get()).isEqualTo(400);
            }
        }
    }

    private static long readUntil(LogStorage log, AtomicBoolean done) throws IOException {
        long next = 0;
        while (!done.get() || next < log.endOffset()) {
            try (LogSlice slice = log.read(next, log.endOffset(), 10_000)) {
                byte[] bytes = TestBatches.bytes(slice);
                next = checked(bytes, next, slice.nextOffset());
            }
        }
        return next;
    }

    private static long checked(byte[] bytes, long from, long to) {
        long next = from;
        for (int at = 0; at < bytes.length; ) {
            int size = (int) (next * 31 % 3000);
            byte[] expected = TestBatches.batch(next, EPOCH, 1, size, 1000 + next, next).array();
            byte[] found = Arrays.copyOfRange(bytes, at, at + expected.length);
            assertThat(found).isEqualTo(expected);
            at += expected.length;
            next++;
        }
        assertThat(next).isEqualTo(to);
        return next;
    }

    private static byte[] joined(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }
}
