// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.spi.Durability;
import io.mortise.spi.LogId;
import io.mortise.spi.TenantId;
import io.mortise.spi.TopicId;
import io.mortise.spi.record.BatchHeader;
import io.mortise.spi.storage.LogConfig;
import io.mortise.spi.storage.LogExtent;
import io.mortise.spi.storage.LogSlice;
import io.mortise.spi.storage.LogStorage;
import io.mortise.spi.storage.StorageEngine;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;

/** What every engine does when batches are replaced, and how it serves a log with gaps. */
public abstract class ReplaceSuite {
    private static final int EPOCH = 3;
    private static final int RECORDS = 5;

    private final TreeMap<Long, ByteBuffer> model = new TreeMap<>();
    private StorageEngine engine;
    private LogStorage log;

    /** An engine without logs. */
    protected abstract StorageEngine openEmpty() throws IOException;

    /** A level that the engine gives, at which this suite runs. */
    protected abstract Durability level();

    /** Time for what the engine does aside; nothing for one that does nothing. */
    protected void runAside() {}

    @BeforeEach
    void openLog() throws IOException {
        engine = openEmpty();
        log = engine.openLog(id(), EPOCH, new LogConfig(level(), 10_000, 0));
    }

    @AfterEach
    void close() throws IOException {
        if (engine != null) { // a subclass may skip a test before it opens one
            engine.close();
        }
    }

    private static LogId id() {
        return new LogId(TenantId.DEFAULT, new TopicId(new UUID(78, 1)), 1, 1);
    }

    private void append(int batches) throws IOException {
        for (int i = 0; i < batches; i++) {
            long base = log.endOffset();
            model.put(base, TestBatches.append(log, EPOCH, RECORDS, 900, base));
            if (i % 10 == 9) {
                complete();
            }
        }
        complete();
    }

    private void complete() throws IOException {
        engine.flush();
        engine.force();
        runAside();
    }

    /** Keeps one batch in {@code every} of the range, none for 0. */
    private void compact(long from, long to, int every) throws IOException {
        var kept = new TreeMap<Long, ByteBuffer>();
        int seen = 0;
        for (var batch : model.subMap(from, to).entrySet()) {
            if (every > 0 && seen++ % every == 0) {
                kept.put(batch.getKey(), batch.getValue());
            }
        }
        List<ByteBuffer> batches = new ArrayList<>();
        kept.values().forEach(batch -> batches.add(batch.duplicate()));
        log.replace(from, to, batches);
        model.subMap(from, to).clear();
        model.putAll(kept);
    }

    /** From every offset the log serves the next batch of the model and those behind it. */
    private void verify() throws IOException {
        for (long offset = log.startOffset(); offset <= log.endOffset(); offset++) {
            ByteBuffer holds = nextFrom(offset);
            try (LogSlice slice = log.read(offset, Long.MAX_VALUE, 1)) {
                if (holds == null) {
                    assertThat(slice.sizeInBytes()).as("at %d", offset).isZero();
                    assertThat(slice.nextOffset()).isEqualTo(log.endOffset());
                } else {
                    assertThat(TestBatches.bytes(slice)).isEqualTo(TestBatches.bytes(holds));
                    assertThat(slice.baseOffset()).isEqualTo(BatchHeader.baseOffset(holds, 0));
                    assertThat(slice.nextOffset())
                            .isBetween(
                                    BatchHeader.lastOffset(holds, 0) + 1,
                                    after(BatchHeader.lastOffset(holds, 0)));
                }
            }
        }
        for (int maxBytes : new int[] {1, 3_000, 1 << 20}) {
            assertThat(TestBatches.readAll(log, log.startOffset(), maxBytes)).isEqualTo(all());
        }
    }

    private ByteBuffer nextFrom(long offset) {
        var below = model.floorEntry(offset);
        if (below != null && BatchHeader.lastOffset(below.getValue(), 0) >= offset) {
            return below.getValue();
        }
        var above = model.higherEntry(offset);
        return above == null ? null : above.getValue();
    }

    private long after(long offset) {
        Long next = model.higherKey(offset);
        return next == null ? log.endOffset() : next;
    }

    private byte[] all() {
        var all = new java.io.ByteArrayOutputStream();
        for (ByteBuffer batch : model.values()) {
            if (BatchHeader.lastOffset(batch, 0) >= log.startOffset()) {
                all.writeBytes(TestBatches.bytes(batch));
            }
        }
        return all.toByteArray();
    }

    @Test
    void runsOfExtentsAreReplaced() throws IOException {
        append(100);
        List<LogExtent> extents = log.extents();
        compact(extents.get(1).baseOffset(), extents.get(4).endOffset(), 3);
        verify();
        assertThat(log.startOffset()).isZero();
        assertThat(log.endOffset()).isEqualTo(500);
        append(30);
        verify();
    }

    @Test
    void anyBoundariesWillDo() throws IOException {
        append(60);
        compact(5, 290, 4);
        verify();
        compact(0, 300, 2);
        verify();
        append(3);
        verify();
        compact(300, 305, 0);
        verify();
    }

    @Test
    void nothingMayBeLeft() throws IOException {
        append(60);
        compact(100, 200, 0);
        verify();
        compact(0, 300, 0);
        verify();
        assertThat(log.startOffset()).isZero();
        assertThat(log.endOffset()).isEqualTo(300);
        append(5);
        verify();
        log.advanceStart(150);
        verify();
        log.close();
        log = engine.openLog(id(), EPOCH + 1, new LogConfig(level(), 10_000, 0));
        assertThat(log.startOffset()).isEqualTo(150);
        verify();
    }

    @Test
    void manyBatchesInOneBufferAndOthersThanBefore() throws IOException {
        append(40);
        ByteBuffer larger = TestBatches.batch(20, EPOCH, 60, 5_000, 9_000, 7);
        ByteBuffer run = ByteBuffer.allocate(100_000);
        run.put(larger.duplicate());
        ByteBuffer second = TestBatches.batch(90, EPOCH, 5, 60_000, 9_001, 8);
        run.put(second.duplicate()).flip();
        log.replace(10, 150, List.of(run.asReadOnlyBuffer()));
        model.subMap(10L, 150L).clear();
        model.put(20L, larger);
        model.put(90L, second);
        verify();
        assertThat(log.extents().stream().mapToLong(LogExtent::sizeBytes).sum())
                .isEqualTo(all().length);
        assertThat(log.extents().stream().mapToLong(LogExtent::maxTimestampMillis).max())
                .hasValue(9_001);
    }

    @Test
    void aReadInAGapStopsAtItsLimit() throws IOException {
        append(60);
        compact(50, 250, 0);
        for (long limit : new long[] {101, 180, 250}) {
            try (LogSlice slice = log.read(100, limit, 1 << 20)) {
                assertThat(slice.parts()).isEmpty();
                assertThat(slice.nextOffset()).isEqualTo(limit);
            }
        }
        try (LogSlice slice = log.read(100, 251, 1 << 20)) {
            assertThat(slice.baseOffset()).isEqualTo(250);
        }
    }

    @Test
    void aSliceOutlivesReplacement() throws IOException {
        append(60);
        byte[] old = all();
        List<LogSlice> slices = new ArrayList<>();
        for (long next = 0; next < log.endOffset(); next = slices.getLast().nextOffset()) {
            slices.add(log.read(next, Long.MAX_VALUE, 2_500));
        }
        compact(0, 300, 7);
        append(20);
        var held = new java.io.ByteArrayOutputStream();
        for (LogSlice slice : slices) {
            held.writeBytes(TestBatches.bytes(slice));
            slice.close();
        }
        assertThat(held.toByteArray()).isEqualTo(old);
        verify();
    }

    @Test
    void truncationMayEndInAGap() throws IOException {
        append(60);
        compact(50, 250, 0);
        log.truncate(252);
        model.tailMap(250L).clear();
        assertThat(log.endOffset()).isEqualTo(250);
        verify();
        log.truncate(120);
        assertThat(log.endOffset()).isEqualTo(120);
        verify();
        append(30);
        verify();
    }

    @Test
    void truncationMayEndInAGapBeforeTheFirstBatchOfAnExtent() throws IOException {
        append(60);
        for (int index = 1; index < 4; index++) {
            LogExtent extent = log.extents().get(index);
            compact(extent.baseOffset(), extent.baseOffset() + 2 * RECORDS, 0);
        }
        for (int index = 3; index > 0; index--) {
            long offset = log.extents().get(index).baseOffset() + RECORDS + 1;
            log.truncate(offset);
            model.tailMap(offset).clear();
            assertThat(log.endOffset()).isEqualTo(offset);
            verify();
            append(1);
            verify();
        }
    }

    @Test
    void whatDoesNotFitIsRefusedAndChangesNothing() throws IOException {
        append(20);
        ByteBuffer batch = TestBatches.batch(20, EPOCH, 5, 10, 0, 0);
        ByteBuffer later = TestBatches.batch(30, EPOCH, 5, 10, 0, 0);
        assertRefused(25, 50, List.of(batch));
        assertRefused(0, 24, List.of(batch));
        assertRefused(0, 50, List.of(later, batch));
        assertRefused(0, 50, List.of(batch.slice(0, 60)));
        assertRefused(3, 50, List.of(batch));
        assertRefused(0, 48, List.of(batch));
        assertRefused(0, 105, List.of(batch));
        verify();
    }

    private void assertRefused(long from, long to, List<ByteBuffer> batches) {
        assertThatThrownBy(() -> log.replace(from, to, batches))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void randomRangesInAnyOrder() throws IOException {
        for (int seed = 0; seed < 20; seed++) {
            var random = new Random(seed);
            model.clear();
            log.close();
            engine.deleteLog(id());
            log = engine.openLog(id(), EPOCH, new LogConfig(level(), 10_000, 0));
            for (int step = 0; step < 12; step++) {
                append(1 + random.nextInt(15));
                long from = boundary(random, log.startOffset());
                long to = boundary(random, from);
                compact(from, to, random.nextInt(4));
                if (random.nextInt(4) == 0) {
                    log.advanceStart(boundary(random, log.startOffset()));
                }
            }
            verify();
        }
    }

    private long boundary(Random random, long from) {
        return from + RECORDS * random.nextLong((log.endOffset() - from) / RECORDS + 1);
    }
}
