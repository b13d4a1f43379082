// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.testing.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.spi.Durability;
import io.mortise.spi.LogId;
import io.mortise.spi.storage.LogConfig;
import io.mortise.spi.storage.LogStorage;
import io.mortise.spi.testing.TestBatches;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.util.ArrayList;

/** What each level promises is kept; a level that is not declared is refused. */
abstract class PromiseGroup extends Group {
    PromiseGroup(LogStorageTck kit) {
        super(kit);
    }

    @Test
    void refusesLevelsThatItDoesNotDeclare() throws IOException {
        World world = world(1).open();
        assertThat(levels()).isNotEmpty().doesNotContain(Durability.NONE);
        LogStorage good = world.log(1, strongest());
        for (Durability level : Durability.values()) {
            if (!levels().contains(level)) {
                assertThatThrownBy(() -> world.log(2, level))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining(level.toString());
                assertThatThrownBy(() -> good.configure(LogConfig.of(level)))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining(level.toString());
            }
        }
        assertThat(world.engine().logs()).containsExactly(World.id(1));
    }

    @Test
    void memoryLivesAsLongAsTheEngine() throws IOException {
        requireLevel(Durability.MEMORY);
        World world = world(1).open();
        LogStorage log = world.log(1, Durability.MEMORY);
        byte[] all = fill(world, log, 50, 900, 7);
        log.close();
        assertThat(all(world.log(1, Durability.MEMORY))).isEqualTo(all);
    }

    @Test
    void whatWasFlushedOutlivesTheProcess() throws IOException {
        requireLevel(Durability.OS);
        World world = world(1).open();
        LogStorage log = world.log(1, Durability.OS);
        byte[] all = fill(world, log, 50, 900, 7);
        byte[] last = TestBatches.append(log, EPOCH, 1, 100, 1).array();
        world.engine().flush();
        world.kill();
        assertThat(all(world.log(1, Durability.OS)))
                .hasSize(all.length + last.length)
                .startsWith(all)
                .endsWith(last);
    }

    @Test
    void whatWasForcedOutlivesPowerLoss() throws IOException {
        requireLevel(Durability.DISK);
        World world = world(1).open();
        var expected = new ArrayList<byte[]>();
        for (int i = 0; i < 10; i++) {
            LogStorage log = world.log(i, Durability.DISK);
            expected.add(fill(world, log, 1 + i * 3, i == 9 ? 40_000 : 300 * i, 1 + i));
            TestBatches.append(log, EPOCH, 1, 100, 1);
        }
        world.crash();
        for (int i = 0; i < 10; i++) {
            assertThat(all(world.log(i, Durability.DISK))).startsWith(expected.get(i));
        }
    }

    @Test
    void eachForceHoldsByItself() throws IOException {
        requireLevel(Durability.DISK);
        World world = world(1).open();
        LogStorage log = world.log(1, Durability.DISK);
        for (int i = 0; i < 30; i++) {
            TestBatches.append(log, EPOCH, 1, i * 397 % 5000, i);
            world.engine().flush();
            world.engine().force();
            world.crash();
            log = world.log(1, Durability.DISK);
            assertThat(log.endOffset()).isEqualTo(i + 1);
        }
    }

    @Test
    void whatReturnedIsDurable() throws IOException {
        requireLevel(Durability.DISK);
        World world = world(1).open();
        world.log(1, Durability.DISK);
        world.crash();
        assertThat(world.engine().logs()).containsExactly(World.id(1));
        LogStorage log = world.log(1, Durability.DISK);
        fill(world, log, 50, 900, 5);
        log.truncate(40);
        world.crash();
        log = world.log(1, Durability.DISK);
        assertThat(log.endOffset()).isEqualTo(40);
        log.advanceStart(17);
        world.crash();
        log = world.log(1, Durability.DISK);
        assertThat(log.startOffset()).isEqualTo(17);
        assertThat(all(log)).hasSize(23 * 961);
        log.close();
        world.engine().deleteLog(World.id(1));
        world.crash();
        assertThat(world.engine().logs()).isEmpty();
        assertThat(world.log(1, Durability.DISK).endOffset()).isZero();
    }

    /** A topic that left the engine and came back has both. */
    @Test
    void generationsOfAPartitionAreLogsOfTheirOwn() throws IOException {
        World world = world(1).open();
        LogId later = World.id(1).inGeneration(300);
        Durability level = strongest();
        fill(world, world.log(1, level), 5, 100, 7);
        var config = new LogConfig(level, 1 << 20, 5);
        LogStorage second = world.engine().openLog(later, EPOCH, config);
        assertThat(second.startOffset()).isEqualTo(5);
        TestBatches.append(second, EPOCH, 2, 100, 9);
        world.engine().flush();
        world.engine().force();
        if (level == Durability.DISK) {
            world.crash();
            assertThat(world.engine().logs()).containsExactlyInAnyOrder(World.id(1), later);
            second = world.engine().openLog(later, EPOCH, config);
            assertThat(world.log(1, level).endOffset()).isEqualTo(5);
        }
        assertThat(second.startOffset()).isEqualTo(5);
        assertThat(second.endOffset()).isEqualTo(7);
        second.close();
        world.engine().deleteLog(later);
        assertThat(world.engine().logs()).containsExactly(World.id(1));
    }

    @Test
    void aCleanCloseKeepsAll() throws IOException {
        requireFiles();
        World world = world(1).open();
        LogStorage log =
                world.engine()
                        .openLog(
                                World.id(1),
                                EPOCH,
                                new LogConfig(strongest(), World.EXTENT_BYTES, 42));
        byte[] all = fill(world, log, 60, 900, 7);
        log.advanceStart(50);
        for (int i = 0; i < 3; i++) {
            world.restart();
            log = world.log(1, strongest());
            assertThat(log.startOffset()).isEqualTo(50);
            assertThat(log.endOffset()).isEqualTo(102);
            assertThat(all(log)).isEqualTo(java.util.Arrays.copyOfRange(all, 8 * 961, all.length));
        }
    }

    @Test
    void aLevelMayChangeOnAnOpenLog() throws IOException {
        requireLevel(Durability.DISK);
        World world = world(1).open();
        for (Durability first : levels()) {
            int number = first.ordinal();
            LogStorage log = world.log(number, first);
            TestBatches.append(log, EPOCH, 1, 500, 1);
            world.engine().flush();
            log.configure(new LogConfig(Durability.DISK, World.EXTENT_BYTES, 0));
            TestBatches.append(log, EPOCH, 1, 500, 2);
            world.round();
            world.crash();
            log = world.log(number, Durability.DISK);
            assertThat(log.endOffset()).as("raised from %s", first).isEqualTo(2);
            log.configure(new LogConfig(first, World.EXTENT_BYTES, 0));
            TestBatches.append(log, EPOCH, 1, 500, 3);
            world.round();
            world.crash();
            assertThat(world.log(number, first).endOffset()).isBetween(2L, 3L);
        }
    }

    @Test
    void anExtentSizeMayChangeOnAnOpenLog() throws IOException {
        World world = world(1).open();
        LogStorage log = world.log(1, strongest());
        fill(world, log, 30, 900, 5);
        int small = log.extents().size();
        log.configure(new LogConfig(strongest(), 2_000, 0));
        fill(world, log, 30, 900, 5);
        assertThat(log.extents().size() - small).as("extents of 2000 bytes").isGreaterThan(5);
        assertThat(all(log)).hasSize(60 * 961);
    }

    @Test
    void clocksMayJump() throws IOException {
        World world = world(1).open();
        LogStorage log = world.log(1, strongest());
        long[] jumps = {86_400_000L * 365, -86_400_000L * 730, 1, -1, 86_400_000L * 3650};
        for (long jump : jumps) {
            world.harness.clock().jumpWallMillis(jump);
            fill(world, log, 5, 900, 2);
            world.harness.scheduler().advanceNanos(100_000_000_000L);
        }
        assertThat(log.extents().getLast().maxTimestampMillis()).isEqualTo(1024);
        assertThat(all(log)).hasSize(25 * 961);
        if (strongest().compareTo(Durability.OS) >= 0) {
            world.restart();
            assertThat(world.log(1, strongest()).endOffset()).isEqualTo(25);
        }
    }
}
