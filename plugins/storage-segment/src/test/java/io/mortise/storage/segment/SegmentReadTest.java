// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.spi.Durability;
import io.mortise.spi.LogId;
import io.mortise.spi.TenantId;
import io.mortise.spi.TopicId;
import io.mortise.spi.storage.CorruptLogException;
import io.mortise.spi.storage.ImmediateReads;
import io.mortise.spi.storage.LogConfig;
import io.mortise.spi.storage.LogSlice;
import io.mortise.spi.storage.LogStorage;
import io.mortise.spi.storage.StorageEngine;
import io.mortise.spi.testing.EngineHarness;
import io.mortise.spi.testing.TestBatches;
import io.mortise.spi.testing.VolatileFileLayer;
import io.mortise.spi.testing.VolatileFileLayer.Operation;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.UUID;

/** What reading costs: bytes that were checked once are lent without a look at the file. */
class SegmentReadTest {
    private static final LogId ID = new LogId(TenantId.DEFAULT, new TopicId(new UUID(81, 1)), 1, 1);
    private static final int MAX_BYTES = 64 << 10;

    private final VolatileFileLayer files = new VolatileFileLayer();
    private final EngineHarness harness = EngineBench.shipped(files);
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();
    private StorageEngine engine;
    private LogStorage log;
    private int fileReads;

    @BeforeEach
    void open() throws IOException {
        engine = harness.open();
        log = engine.openLog(ID, 1, new LogConfig(Durability.OS, 1 << 20, 0));
        files.faults((operation, path) -> fileReads += operation == Operation.READ ? 1 : 0);
    }

    private void write(int batches, int bytes) throws IOException {
        for (int i = 0; i < batches; i++) {
            ByteBuffer batch = TestBatches.append(log, 1, 1, bytes, i);
            written.writeBytes(TestBatches.bytes(batch));
        }
        engine.flush();
    }

    /** Reads all in steps as a consumer does; returns how often a file was looked into. */
    private int readAll() throws IOException {
        var found = new ByteArrayOutputStream();
        int before = fileReads;
        for (long next = 0; next < log.endOffset(); ) {
            try (LogSlice slice = log.read(next, log.endOffset(), MAX_BYTES)) {
                assertThat(slice.baseOffset()).isEqualTo(next);
                assertThat(slice.sizeInBytes()).isLessThanOrEqualTo(MAX_BYTES);
                int looked = fileReads;
                found.writeBytes(TestBatches.bytes(slice));
                before += fileReads - looked; // those are the test's own
                next = slice.nextOffset();
            }
        }
        assertThat(found.toByteArray()).isEqualTo(written.toByteArray());
        return fileReads - before;
    }

    private void seal() throws IOException {
        log.configure(new LogConfig(Durability.OS, 1_000, 0));
        write(1, 40_000);
        harness.scheduler().advanceNanos(60_000_000_000L);
    }

    @ParameterizedTest
    @ValueSource(ints = {100, 3_000, 20_000})
    void aSecondReadLooksIntoNoFile(int bytes) throws IOException {
        write(1_000_000 / bytes, bytes);
        int first = readAll();
        assertThat(first).isPositive();
        int second = readAll();
        assertThat(second).isLessThanOrEqualTo(2); // the last block still grows
        engine.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {100, 3_000, 20_000})
    void whatWasCheckedIsReadyAtOnce(int bytes) throws IOException {
        write(1_000_000 / bytes, bytes);
        assertThat(ready(0)).isNull();
        var _ = readAll();
        seal();
        assertThat(ready(0)).isNull(); // closed
        var _ = readAll();
        long next = 0;
        int looked = fileReads;
        int copied = 0;
        for (LogSlice slice; (slice = ready(next)) != null; next = slice.nextOffset()) {
            try (LogSlice read = log.read(next, log.endOffset(), MAX_BYTES)) {
                assertThat(slice.parts()).isEqualTo(read.parts());
                assertThat(slice.nextOffset()).isEqualTo(read.nextOffset());
            }
            copied += slice.sizeInBytes();
            slice.close();
        }
        assertThat(copied).isGreaterThan(900_000);
        assertThat(fileReads).isLessThanOrEqualTo(looked + 2); // the block behind, which grows
        log.advanceStart(next);
        assertThat(ready(0)).isNull();
        engine.close();
        assertThat(ready(next)).isNull();
    }

    @Test
    void nothingIsReadyBeyondWhatTheReaderMaySee() throws IOException {
        write(40, 20_000);
        var _ = readAll();
        try (LogSlice slice = ready(0, 2, MAX_BYTES)) {
            assertThat(slice).isNotNull();
            assertThat(slice.nextOffset()).isEqualTo(2);
        }
        assertThat(ready(0, 10, 1_000)).isNull(); // not even one batch
        assertThat(ready(0, 0, MAX_BYTES)).isNull();
        assertThat(ready(log.endOffset(), Long.MAX_VALUE, MAX_BYTES)).isNull();
        log.truncate(1);
        assertThat(ready(1, Long.MAX_VALUE, MAX_BYTES)).isNull();
        engine.close();
    }

    private @Nullable LogSlice ready(long offset) {
        return ready(offset, log.endOffset(), MAX_BYTES);
    }

    private @Nullable LogSlice ready(long offset, long limit, int maxBytes) {
        return ((ImmediateReads) log).readIfReady(offset, limit, maxBytes);
    }

    @Test
    void whatWasCheckedToBeSealedIsNotCheckedAgain() throws IOException {
        write(40, 20_000);
        seal();
        assertThat(readAll()).isLessThanOrEqualTo(6); // its index, and the block that grows
        harness.scheduler().advanceNanos(120_000_000_000L); // nobody reads: it is closed
        assertThat(readAll()).isLessThanOrEqualTo(6);
        engine.close();
    }

    @Test
    void afterARestartEverythingIsCheckedAnew() throws IOException {
        write(40, 20_000);
        seal();
        harness.kill();
        String path = "extents/1-0.extent";
        files.flipBit(path, 4096 + 10 * 20_061 + 300, 3);
        engine = harness.open();
        log = engine.openLog(ID, 1, new LogConfig(Durability.OS, 1 << 20, 0));
        assertThatThrownBy(() -> log.read(10, 11, MAX_BYTES))
                .isInstanceOf(CorruptLogException.class);
        engine.close();
    }
}
