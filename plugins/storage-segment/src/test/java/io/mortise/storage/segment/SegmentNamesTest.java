// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.spi.Durability;
import io.mortise.spi.LogId;
import io.mortise.spi.TenantId;
import io.mortise.spi.TopicId;
import io.mortise.spi.storage.LogConfig;
import io.mortise.spi.storage.LogSlice;
import io.mortise.spi.storage.LogStorage;
import io.mortise.spi.storage.OffsetOutOfRangeException;
import io.mortise.spi.storage.StorageEngine;
import io.mortise.spi.testing.EngineHarness;
import io.mortise.spi.testing.TestBatches;
import io.mortise.spi.testing.VolatileFileLayer;
import io.mortise.spi.testing.VolatileFileLayer.Operation;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** Names of extents that are not durable, or are being deleted. */
class SegmentNamesTest {
    private static final LogId ID = new LogId(TenantId.DEFAULT, new TopicId(new UUID(1, 1)), 1, 0);
    private static final long IDLE_NANOS = 100_000_000_000L;

    private final VolatileFileLayer files = new VolatileFileLayer();
    private final EngineHarness harness =
            EngineBench.shipped(files, "commitFileBytes", "200000", "ownFileBytes", "100000000");

    private static LogStorage open(StorageEngine engine) throws IOException {
        return engine.openLog(ID, 1, new LogConfig(Durability.DISK, 300_000, 0));
    }

    /** Three batches in the own file, three in the commit log, the same file's; all durable. */
    private LogStorage fill(StorageEngine engine) throws IOException {
        LogStorage log = open(engine);
        for (int i = 0; i < 6; i++) {
            TestBatches.append(log, 1, 1, i < 3 ? 70_000 : 500, i);
            engine.flush();
            engine.force();
        }
        return log;
    }

    private void failForcesOfNames() {
        files.faults(
                (operation, path) -> {
                    if (operation == Operation.FORCE_DIRECTORY && path.equals("extents")) {
                        throw new IOException("injected");
                    }
                });
    }

    /** Has all that runs aside run, and the first commit files end and be released. */
    private void goOn(StorageEngine engine) throws IOException {
        harness.scheduler().advanceNanos(IDLE_NANOS);
        files.faults((operation, path) -> {});
        var other = new LogId(TenantId.DEFAULT, new TopicId(new UUID(1, 2)), 2, 0);
        LogStorage busy = engine.openLog(other, 1, new LogConfig(Durability.DISK, 64 << 20, 0));
        for (int i = 0; i < 20; i++) {
            TestBatches.append(busy, 1, 1, 60_000, i);
            engine.flush();
            engine.force();
        }
        busy.close();
        engine.deleteLog(other); // without a file of its own, whose name would be forced
        harness.scheduler().advanceNanos(IDLE_NANOS);
        assertThat(isLetGo(1)).isTrue();
    }

    /** A restart would not read this commit file. */
    private boolean isLetGo(long number) throws IOException {
        return ByteBuffer.wrap(files.bytes("checkpoint")).getLong(8) > number;
    }

    @Test
    void aCutWhoseNameIsNotForcedLosesNothingWhateverIsCheckpointed() throws IOException {
        StorageEngine engine = harness.open();
        LogStorage log = fill(engine);
        byte[] all = TestBatches.readAll(log, 0, 1);
        TestBatches.append(log, 1, 1, 70_000, 6);
        engine.flush();
        engine.force();
        failForcesOfNames();
        assertThatThrownBy(() -> log.truncate(6)).hasMessage("injected");
        goOn(engine);
        harness.crash();
        LogStorage again = open(harness.open());
        assertThat(again.endOffset()).isBetween(6L, 7L);
        assertThat(TestBatches.readAll(again, 0, 1)).startsWith(all);
    }

    /** Its bytes may have come from frames that are gone: it must not come back. */
    @Test
    void aFileThatWasTakenAwayDoesNotComeBackWithoutItsFrames() throws IOException {
        StorageEngine engine = harness.open();
        LogStorage log = open(engine);
        for (int i = 0; i < 8; i++) {
            TestBatches.append(log, 1, 1, i == 4 || i == 7 ? 60_000 : 70_000, i);
            engine.flush();
            engine.force();
        }
        byte[] kept = TestBatches.readAll(log, 0, 1);
        assertThat(files.list("extents")).hasSize(2);
        failForcesOfNames();
        assertThatThrownBy(() -> log.truncate(4)).hasMessage("injected");
        goOn(engine);
        harness.crash();
        LogStorage again = open(harness.open());
        assertThat(again.endOffset()).isEqualTo(4);
        assertThat(kept).startsWith(TestBatches.readAll(again, 0, 1));
        assertThat(harness.metrics().count("mortise_storage_segment_damaged_ranges_total"))
                .isZero();
    }

    @Test
    void aReplacementWhoseNameIsNotForcedLosesNothingWhateverIsCheckpointed() throws IOException {
        StorageEngine engine = harness.open();
        LogStorage log = fill(engine);
        byte[] all = TestBatches.readAll(log, 0, 1);
        failForcesOfNames();
        List<ByteBuffer> none = List.of();
        assertThatThrownBy(() -> log.replace(0, 1, none)).hasMessage("injected");
        goOn(engine);
        harness.crash();
        LogStorage again = open(harness.open());
        assertThat(again.endOffset()).isEqualTo(6);
        assertThat(all).endsWith(TestBatches.readAll(again, 1, 1));
    }

    /**
     * Files that a replacement could not delete do not come back once the log is cut before them.
     */
    @Test
    void whatAReplacementCouldNotDeleteNeverComesBack() throws IOException {
        StorageEngine engine = harness.open();
        LogStorage log = rested(engine);
        files.faults(
                (operation, path) -> {
                    if (operation == Operation.DELETE && path.startsWith("extents/")) {
                        throw new IOException("injected");
                    }
                });
        List<ByteBuffer> none = List.of();
        assertThatThrownBy(() -> log.replace(1, 6, none)).hasMessage("injected");
        files.faults((operation, path) -> {});
        log.truncate(3);
        byte[] fresh = TestBatches.bytes(TestBatches.append(log, 1, 1, 500, 77));
        engine.flush();
        engine.force();
        harness.crash();
        LogStorage again = open(harness.open());
        assertThat(again.endOffset()).isEqualTo(4);
        assertThat(TestBatches.readAll(again, 3, 1)).isEqualTo(fresh);
    }

    /** Sealed extents of a batch each, whose files nobody has open. */
    private LogStorage rested(StorageEngine engine) throws IOException {
        LogStorage log = engine.openLog(ID, 1, new LogConfig(Durability.DISK, 100_000, 0));
        for (int i = 0; i < 12; i++) {
            TestBatches.append(log, 1, 1, 100_000, i);
            engine.flush();
            engine.force();
        }
        harness.scheduler().advanceNanos(IDLE_NANOS);
        return log;
    }

    /** What reads of an offset come to whenever the name of an extent has just been deleted. */
    private List<Throwable> readBesideDeletions(SegmentEngine engine, long offset) {
        SegmentLog log = engine.allLogs().iterator().next();
        var refusals = new ArrayList<Throwable>();
        files.faults(
                (operation, path) -> {
                    if (operation == Operation.DELETE && path.startsWith("extents/")) {
                        refusals.add(refusal(engine, log, offset));
                    }
                });
        return refusals;
    }

    /** Whoever found the log before it was deleted is refused, and makes no file anew. */
    @Test
    void whoReadsBesideDeletionIsRefused() throws IOException {
        var engine = (SegmentEngine) harness.open();
        LogStorage handle = rested(engine);
        SegmentLog log = engine.allLogs().iterator().next();
        List<Throwable> refusals = readBesideDeletions(engine, 11);
        handle.close();
        engine.deleteLog(ID);
        refusals.add(refusal(engine, log, 0));
        assertThat(refusals).hasSize(13);
        assertThat(refusals)
                .allSatisfy(
                        refused ->
                                assertThat(refused)
                                        .isExactlyInstanceOf(IllegalStateException.class)
                                        .hasMessageContaining("was deleted"));
        assertThat(files.list("extents")).isEmpty();
        engine.close();
    }

    /** What retention takes away while it is read over is no gap between batches. */
    @Test
    void whoReadsBesideRetentionIsOutOfRange() throws IOException {
        var engine = (SegmentEngine) harness.open();
        LogStorage log = rested(engine);
        log.replace(0, 3, List.of(TestBatches.batch(1, 1, 1, 100, 1, 1)));
        var moved = new boolean[1];
        files.faults(
                (operation, path) -> {
                    if (operation == Operation.READ && !moved[0]) {
                        moved[0] = true;
                        log.advanceStart(6);
                    }
                });
        assertThatThrownBy(() -> log.read(2, Long.MAX_VALUE, 1))
                .isInstanceOf(OffsetOutOfRangeException.class);
        assertThat(files.list("extents")).hasSize(6);
        engine.close();
    }

    @Test
    void whoReadsBesideACutFindsNothing() throws IOException {
        var engine = (SegmentEngine) harness.open();
        LogStorage log = rested(engine);
        List<Throwable> refusals = readBesideDeletions(engine, 8);
        log.truncate(6);
        assertThat(refusals).hasSize(6).hasOnlyElementsOfType(NothingThere.class);
        assertThat(files.list("extents")).hasSize(6);
        engine.close();
    }

    private static final class NothingThere extends Exception {
        private static final long serialVersionUID = 1;
    }

    private static Throwable refusal(SegmentEngine engine, SegmentLog log, long offset) {
        try (LogSlice slice = engine.reader().read(log, offset, Long.MAX_VALUE, 1)) {
            return slice.parts().isEmpty() ? new NothingThere() : new AssertionError("served");
        } catch (IOException | RuntimeException refused) {
            return refused;
        }
    }
}
