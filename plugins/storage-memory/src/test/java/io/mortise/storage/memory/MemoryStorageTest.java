// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.spi.Durability;
import io.mortise.spi.LogId;
import io.mortise.spi.storage.LogConfig;
import io.mortise.spi.storage.LogSlice;
import io.mortise.spi.storage.LogStorage;
import io.mortise.spi.storage.StorageEngine;
import io.mortise.spi.storage.StorageEngineProvider;
import io.mortise.spi.testing.FakeClock;
import io.mortise.spi.testing.FakeScheduler;
import io.mortise.spi.testing.LogStorageSuite;
import io.mortise.spi.testing.TestBatches;
import io.mortise.spi.testing.TestMetrics;
import io.mortise.spi.testing.TestStorageContext;
import io.mortise.spi.testing.VolatileFileLayer;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.ServiceLoader;

/** The memory engine is an engine, and keeps its bound. */
class MemoryStorageTest extends LogStorageSuite {
    private TestStorageContext context;

    @Override
    protected StorageEngine openEmpty() throws IOException {
        var clock = new FakeClock();
        context =
                TestStorageContext.over(
                        new VolatileFileLayer(),
                        Map.of("maxBytes", "8000000"),
                        clock,
                        new FakeScheduler(clock),
                        1);
        return ServiceLoader.load(StorageEngineProvider.class)
                .findFirst()
                .orElseThrow()
                .open(context);
    }

    @Override
    protected Durability level() {
        return Durability.MEMORY;
    }

    private double usedBytes() {
        return context.metrics().gauge("mortise_storage_memory_used_bytes");
    }

    @Test
    void refusesOtherLevels() throws IOException {
        for (Durability other : new Durability[] {Durability.OS, Durability.DISK}) {
            assertThatThrownBy(() -> engine.openLog(logId(1), EPOCH, LogConfig.of(other)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(other.toString());
            LogStorage log = open(logId(2));
            assertThatThrownBy(() -> log.configure(LogConfig.of(other)))
                    .isInstanceOf(IllegalArgumentException.class);
            log.close();
        }
        assertThat(engine.durabilities()).containsExactly(Durability.MEMORY);
    }

    @Test
    void refusesToGrowBeyondItsBoundAndServesOn() throws IOException {
        LogStorage log = open(logId(1));
        assertThatThrownBy(
                        () -> {
                            for (int i = 0; i < 1000; i++) {
                                TestBatches.append(log, EPOCH, 1, 100_000, i);
                            }
                        })
                .isInstanceOf(IOException.class)
                .hasMessageMatching("log default/.*, at offset [0-9]+ needs .*; raise maxBytes, .*")
                .hasMessageContaining("8000000");
        assertThat(usedBytes()).isLessThanOrEqualTo(8_000_000);
        long end = log.endOffset();
        assertThat(TestBatches.readAll(log, 0, 1000)).hasSize((int) end * 100_061);
        log.advanceStart(10);
        TestBatches.append(log, EPOCH, 1, 100_000, 1);
        assertThat(log.endOffset()).isEqualTo(end + 1);
    }

    @Test
    void dropsTheOldestOfTheLargestLogWhereThePolicySaysSo() throws IOException {
        var metrics = new TestMetrics();
        try (var dropping = new MemoryEngine(8_000_000, true, metrics)) {
            Map<LogId, Long> told = new HashMap<>();
            dropping.onTrim(told::put);
            LogStorage small = dropping.openLog(logId(1), EPOCH, LogConfig.of(level()));
            LogStorage large = dropping.openLog(logId(2), EPOCH, LogConfig.of(level()));
            TestBatches.append(small, EPOCH, 1, 100_000, 1);
            LogSlice lent = null;
            for (int i = 0; i < 300; i++) {
                TestBatches.append(large, EPOCH, 1, 100_000, i);
                lent = i == 0 ? large.read(0, 1, 1) : lent;
            }
            assertThat(small.startOffset()).isZero();
            assertThat(large.endOffset()).isEqualTo(300);
            assertThat(large.startOffset()).isBetween(200L, 299L);
            assertThat(told).containsOnly(Map.entry(logId(2), large.startOffset()));
            assertThat(TestBatches.readAll(large, large.startOffset(), 1 << 20))
                    .hasSize((int) (300 - large.startOffset()) * 100_061);
            assertThat(TestBatches.bytes(lent)).hasSize(100_061);
            lent.close();
            assertThat(metrics.count("mortise_storage_memory_dropped_bytes_total")).isPositive();
        }
    }

    @Test
    void anUnknownPolicyIsRefused() {
        var clock = new FakeClock();
        var unknown =
                TestStorageContext.over(
                        new VolatileFileLayer(),
                        Map.of("maxBytes", "8000000", "whenFull", "spill"),
                        clock,
                        new FakeScheduler(clock),
                        1);
        assertThatThrownBy(() -> new MemoryStorageProvider().open(unknown))
                .hasMessageContaining("spill")
                .hasMessageContaining("drop-oldest");
    }

    @Test
    void aSlicePinsItsMemory() throws IOException {
        LogStorage log = open(logId(1));
        TestBatches.append(log, EPOCH, 1, 100_000, 1);
        LogSlice slice = log.read(0, Long.MAX_VALUE, 1);
        log.advanceStart(1);
        assertThat(usedBytes()).isGreaterThan(100_000);
        slice.close();
        slice.close();
        assertThat(usedBytes()).isZero();
    }

    @Test
    void deletionReturnsTheMemory() throws IOException {
        LogStorage log = open(logId(1));
        TestBatches.append(log, EPOCH, 1, 100_000, 1);
        assertThatThrownBy(() -> engine.deleteLog(logId(1)))
                .isInstanceOf(IllegalStateException.class);
        log.close();
        engine.deleteLog(logId(1));
        assertThat(usedBytes()).isZero();
    }
}
