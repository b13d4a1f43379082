// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.testing.tck;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.spi.Durability;
import io.mortise.spi.storage.LogSlice;
import io.mortise.spi.storage.LogStorage;
import io.mortise.spi.testing.TestBatches;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What is taken is given back, and there is a bound to it. */
abstract class ResourceGroup extends Group {
    ResourceGroup(LogStorageTck kit) {
        super(kit);
    }

    @Test
    void manyLogsNeedFewFiles() throws IOException {
        int count = Boolean.getBoolean("mortise.deep") ? 10_000 : 1_000;
        World world = world(1).open();
        var logs = new ArrayList<LogStorage>();
        for (int i = 0; i < count; i++) {
            logs.add(world.log(i, strongest()));
        }
        for (LogStorage log : logs) {
            TestBatches.append(log, EPOCH, 1, 200, 1);
        }
        world.round();
        assertThat(world.files.openFiles())
                .isLessThanOrEqualTo(kit.greatestOpenFiles(count, count));
        assertThat(world.engine().logs()).hasSize(count);
        for (LogStorage log : logs) {
            assertThat(log.endOffset()).isEqualTo(1);
            log.close();
        }
        if (strongest().compareTo(Durability.OS) >= 0) {
            world.restart();
            assertThat(world.engine().logs()).hasSize(count);
            assertThat(all(world.log(count / 2, strongest()))).hasSize(261);
        }
    }

    @Test
    void openFilesAreBounded() throws IOException {
        requireFiles();
        World world = world(1).open();
        LogStorage log = world.log(1, strongest());
        fill(world, log, 200, 9_000, 5);
        for (int i = 0; i < 5; i++) {
            giveBack(lend(log));
            world.harness.scheduler().advanceNanos(60_000_000_000L);
        }
        int extents = log.extents().size();
        assertThat(extents).isGreaterThan(20);
        assertThat(world.files.openFiles()).isLessThanOrEqualTo(kit.greatestOpenFiles(1, extents));
    }

    @Test
    void slicesGiveBackWhatTheyHeld() throws IOException {
        World world = world(1).open();
        LogStorage log = world.log(1, strongest());
        fill(world, log, 40, 3_000, 5);
        giveBack(lend(log));
        int files = world.files.openFiles();
        Map<String, Double> gauges = world.harness.metrics().values();
        var slices = new ArrayList<LogSlice>();
        for (int i = 0; i < 50; i++) {
            slices.addAll(lend(log));
        }
        slices.forEach(LogSlice::close);
        assertThat(world.files.openFiles()).as("open files").isLessThanOrEqualTo(files);
        // A library that writes files by itself does so when it likes, and its gauges follow.
        gauges.keySet().removeIf(name -> name.endsWith("_total") || kit.keepsOwnFiles());
        assertThat(world.harness.metrics().values()).containsAllEntriesOf(gauges);
    }

    @Test
    void whatIsDroppedIsFreed() throws IOException {
        World world = world(1).open();
        for (int i = 0; i < 60; i++) {
            LogStorage log = world.log(1, strongest());
            byte[] all = fill(world, log, 10, 50_000, 5);
            List<LogSlice> slices = lend(log);
            log.advanceStart(5);
            log.truncate(8);
            log.close();
            world.engine().deleteLog(World.id(1));
            assertThat(giveBack(slices)).isEqualTo(all);
            world.harness.scheduler().advanceNanos(60_000_000_000L);
        }
        assertThat(world.files.usedBytes()).as("bytes on the disk").isLessThan(10_000_000);
        assertThat(world.files.openFiles()).isLessThanOrEqualTo(kit.greatestOpenFiles(0, 0));
    }

    @Test
    void aClosedEngineHoldsNothing() throws IOException {
        World world = world(1).open();
        for (int i = 0; i < 5; i++) {
            fill(world, world.log(i, strongest()), 20, 9_000, 5);
        }
        List<LogSlice> slices = lend(world.log(9, strongest()));
        assertThat(slices).isEmpty();
        world.engine().close();
        assertThat(world.files.openFiles()).as("open files").isZero();
        assertThat(world.harness.scheduler().waiting()).as("tasks that wait").isZero();
        world.open(); // its lock is free
    }

    @Test
    void metricsMove() throws IOException {
        World world = world(1).open();
        Map<String, Double> before = world.harness.metrics().values();
        assertThat(before.keySet()).isNotEmpty().allMatch(name -> name.startsWith("mortise_"));
        fill(world, world.log(1, strongest()), 20, 9_000, 5);
        assertThat(world.harness.metrics().values()).isNotEqualTo(before);
    }
}
