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
import io.mortise.spi.storage.LogStorage;
import io.mortise.spi.storage.StorageEngine;
import io.mortise.spi.testing.EngineHarness;
import io.mortise.spi.testing.TestBatches;
import io.mortise.spi.testing.VolatileFileLayer;
import io.mortise.spi.testing.VolatileFileLayer.Operation;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.util.UUID;

/** A disk that fails at the start costs a log no batch, however long it cannot be opened. */
class SegmentUnrecoveredTest {
    private final VolatileFileLayer files = new VolatileFileLayer();
    private final EngineHarness harness = EngineBench.packing(1, files);
    private StorageEngine engine;
    private byte[] written = {};

    private LogStorage open(int number) throws IOException {
        var id = new LogId(TenantId.DEFAULT, new TopicId(new UUID(6, number)), number, 0);
        return engine.openLog(id, 1, LogConfig.of(Durability.DISK));
    }

    private void force() throws IOException {
        engine.flush();
        engine.force();
        harness.scheduler().runReady();
    }

    /** A file of its own, then frames; the disk refuses to write to the file at the next start. */
    private void start() throws IOException {
        engine = harness.open();
        LogStorage log = open(1);
        TestBatches.append(log, 1, 1, 8_000, 1);
        force();
        for (int i = 0; i < 4; i++) {
            TestBatches.append(log, 1, 1, 300, i);
            force();
        }
        written = TestBatches.readAll(log, 0, 1 << 20);
        harness.crash();
        files.faults(
                (operation, path) -> {
                    if (operation == Operation.WRITE && path.startsWith("extents/1-")) {
                        throw new IOException("No space left on device");
                    }
                });
        engine = harness.open();
        assertThatThrownBy(() -> open(1)).hasMessageContaining("No space left on device");
    }

    private void others() throws IOException {
        LogStorage other = open(2);
        for (int i = 0; i < 60; i++) {
            TestBatches.append(other, 1, 1, 900, i);
            force();
        }
        harness.scheduler().advanceNanos(40_000_000_000L);
        other.close();
    }

    @Test
    void itIsTriedAgainWhenItIsOpened() throws IOException {
        start();
        others();
        files.faults((operation, path) -> {});
        LogStorage log = open(1);
        assertThat(TestBatches.readAll(log, 0, 1 << 20)).isEqualTo(written);
        TestBatches.append(log, 1, 1, 300, 9);
        force();
        byte[] all = TestBatches.readAll(log, 0, 1 << 20);
        others();
        harness.crash();
        engine = harness.open();
        assertThat(TestBatches.readAll(open(1), 0, 1 << 20)).isEqualTo(all);
        engine.close();
    }

    @Test
    void whatItHasInTheCommitLogIsKept() throws IOException {
        start();
        others();
        assertThat(files.list("commit")).doesNotContain("0000000001.commit");
        assertThat(files.list("commit").size()).isLessThan(12);
        assertThatThrownBy(() -> open(1)).hasMessageContaining("No space left on device");
        others();
        files.faults((operation, path) -> {});
        harness.crash();
        engine = harness.open();
        assertThat(TestBatches.readAll(open(1), 0, 1 << 20)).isEqualTo(written);
        engine.close();
    }

    /** File 1 of the commit log was never there: no reason to think that a checkpoint was. */
    @Test
    void aFirstCommitFileThatCouldNotBeMadeIsNotMissed() throws IOException {
        engine = harness.open();
        boolean[] failed = {false};
        files.faults(
                (operation, path) -> {
                    if (operation == Operation.FORCE && path.startsWith("commit/") && !failed[0]) {
                        failed[0] = true;
                        throw new IOException("injected");
                    }
                });
        assertThatThrownBy(() -> open(1)).hasMessageContaining("injected");
        files.delete("commit/0000000001.commit");
        LogStorage log = open(2);
        TestBatches.append(log, 1, 1, 300, 1);
        engine.flush();
        engine.force();
        harness.crash();
        engine = harness.open();
        assertThat(open(2).endOffset()).isEqualTo(1);
        engine.close();
    }

    @Test
    void itCanBeDeleted() throws IOException {
        start();
        engine.deleteLog(new LogId(TenantId.DEFAULT, new TopicId(new UUID(6, 1)), 1, 0));
        assertThat(files.list("extents")).isEmpty();
        files.faults((operation, path) -> {});
        assertThat(open(1).endOffset()).isZero();
        others();
        harness.crash();
        engine = harness.open();
        assertThat(open(1).endOffset()).isZero();
        engine.close();
    }
}
