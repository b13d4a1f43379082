// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.kernel.partition.MemoryEngine.Failure;
import io.mortise.spi.Reason;
import io.mortise.spi.broker.FetchedBatches;
import io.mortise.spi.broker.Partition.AppendResult;
import io.mortise.spi.broker.Partition.Visibility;
import io.netty.buffer.ByteBuf;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

/** Memory: bounded, shared, given up oldest first, never before it is written. */
final class RingTest {
    private static final int KIB = 1024;

    private final HandDriven world =
            new HandDriven(PartitionOptions.defaults().withRing(128 * KIB, 64 * KIB)).withEngine();

    private static String text(int bytes) {
        return "x".repeat(bytes);
    }

    private double used() {
        return world.metrics.gauge("mortise_partition_ring_bytes");
    }

    @AfterEach
    void giveMemoryBack() {
        world.close();
    }

    @Test
    void anIdlePartitionHoldsNothing() {
        world.open(0);
        assertThat(used()).isZero();
    }

    @Test
    void refusesMoreThanTheWriterMayBeBehindAndConsumesNothing() {
        PartitionLog log = world.open(0);
        AppendResult result;
        int placed = 0;
        while ((result = world.append(log, Batches.of(text(KIB)))).refusal() == null) {
            placed++;
        }
        assertThat(PartitionLogTest.reason(result)).isEqualTo(Reason.BUSY);
        assertThat(placed).isBetween(50, 64);
        assertThat(log.logEndOffset()).isEqualTo(placed);
        world.round();
        assertThat(world.append(log, Batches.of("y")).baseOffset()).isEqualTo(placed);
    }

    @Test
    void tellsWhenAnotherTryIsWorthIt() {
        PartitionLog log = world.open(0);
        List<String> told = new ArrayList<>();
        while (world.append(log, Batches.of(text(KIB))).refusal() == null) {
            // Until it is full.
        }
        log.onCapacity(world.loop, () -> told.add("again"));
        world.loop.run();
        assertThat(told).isEmpty();
        world.round();
        world.loop.run();
        assertThat(told).containsExactly("again");
        log.onCapacity(world.loop, () -> told.add("at once, nothing is behind"));
        world.loop.run();
        assertThat(told).hasSize(2);
    }

    @Test
    void aFailedRoundGivesItsRoomBack() {
        PartitionLog log = world.open(0);
        while (world.append(log, Batches.of(text(KIB))).refusal() == null) {
            // Until it is full.
        }
        world.engine.failNext(Failure.FLUSH, 1);
        world.settle();
        assertThat(used()).isZero();
        assertThat(world.metrics.gauge("mortise_partition_unwritten_bytes")).isZero();
        assertThat(world.append(log, Batches.of("y")).baseOffset()).isZero();
    }

    @Test
    void givesUpTheOldestOfAllPartitionsWhenItNeedsRoom() {
        PartitionLog old = world.open(0);
        PartitionLog young = world.open(1);
        for (int i = 0; i < 40; i++) {
            world.append(old, Batches.of(text(KIB)));
        }
        world.settle();
        for (int i = 0; i < 200; i++) {
            assertThat(world.append(young, Batches.of(text(KIB))).refusal()).isNull();
            world.settle();
        }
        assertThat(used()).isLessThanOrEqualTo(128 * KIB);
        assertThat(old.readCached(0, KIB, Visibility.COMMITTED)).isNull();
        FetchedBatches newest = young.readCached(199, KIB, Visibility.COMMITTED);
        assertThat(newest).isNotNull();
        newest.close();
        assertThat(world.read(young, 0, Visibility.COMMITTED)).hasSize(200);
        assertThat(world.read(old, 0, Visibility.COMMITTED)).hasSize(40);
    }

    @Test
    void aBatchLargerThanEverythingStillFitsAlone() {
        PartitionLog log = world.open(0);
        assertThat(world.append(log, Batches.of(text(300 * KIB))).refusal()).isNull();
        assertThat(PartitionLogTest.reason(world.append(log, Batches.of("a"))))
                .isEqualTo(Reason.BUSY);
        world.settle();
        assertThat(world.append(log, Batches.of("a")).refusal()).isNull();
    }

    @Test
    void whatAReaderHoldsStaysReadable() {
        PartitionLog log = world.open(0);
        world.append(log, Batches.of("kept"));
        world.settle();
        FetchedBatches held = log.readCached(0, KIB, Visibility.COMMITTED);
        assertThat(held).isNotNull();
        ByteBuf bytes = ((FetchedBatches.Memory) held.parts().getFirst()).bytes().retain();
        world.scheduler.advanceNanos(120_000_000_000L);
        assertThat(used()).isZero();
        for (int i = 0; i < 100; i++) {
            world.append(log, Batches.of(text(KIB)));
            world.settle();
        }
        assertThat(Batches.split(held)).hasSize(1);
        assertThat(bytes.refCnt()).isEqualTo(1);
        assertThat(Batches.crc(bytes.nioBuffer())).isEqualTo(bytes.getInt(17));
        bytes.release();
        assertThat(bytes.refCnt()).isZero();
    }

    @Test
    void readsAcrossChunksUpToTheBound() {
        PartitionLog log = world.open(0);
        for (int i = 0; i < 50; i++) {
            world.append(log, Batches.of(text(KIB)));
        }
        FetchedBatches all = log.readCached(0, 1 << 20, Visibility.SEQUENCED);
        assertThat(all).isNotNull();
        assertThat(all.parts().size()).isGreaterThan(1);
        assertThat(all.nextOffset()).isEqualTo(50);
        assertThat(Batches.split(all)).hasSize(50);
        for (int max = 1; max < 70 * KIB; max += 997) {
            FetchedBatches some = log.readCached(7, max, Visibility.SEQUENCED);
            assertThat(some).isNotNull();
            assertThat(some.baseOffset()).isEqualTo(7);
            long batch = some.sizeInBytes() / (some.nextOffset() - 7);
            long expected = 7L + Math.clamp(max / batch, 1, 43);
            assertThat(some.nextOffset()).as("at most %d bytes", max).isEqualTo(expected);
            assertThat(Batches.split(some)).hasSize((int) (some.nextOffset() - 7));
        }
    }

    @Test
    void findsEveryOffsetOfBatchesOfAllSizes() {
        PartitionLog log = world.open(0);
        List<Long> bases = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            String[] values = new String[1 + i % 7];
            java.util.Arrays.fill(values, text(i % 50));
            bases.add(world.append(log, Batches.of(values)).baseOffset());
        }
        int at = 0;
        for (long offset = 0; offset < log.logEndOffset(); offset++) {
            if (at + 1 < bases.size() && bases.get(at + 1) <= offset) {
                at++;
            }
            FetchedBatches found = log.readCached(offset, 1, Visibility.SEQUENCED);
            assertThat(found).isNotNull();
            assertThat(found.baseOffset()).isEqualTo(bases.get(at));
            found.close();
        }
    }
}
