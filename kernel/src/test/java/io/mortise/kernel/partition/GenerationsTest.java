// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.spi.Durability;
import io.mortise.spi.LogId;
import io.mortise.spi.Reason;
import io.mortise.spi.broker.AckLevel;
import io.mortise.spi.broker.Partition.EpochEnd;
import io.mortise.spi.broker.Partition.Generation;
import io.mortise.spi.broker.Partition.Visibility;
import io.mortise.spi.broker.RetentionHold;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A partition whose topic changes its storage engine. */
final class GenerationsTest {
    private static final long MINUTE = 60_000_000_000L;

    private final MemoryEngine other = MemoryEngine.named("other");
    private final MemoryEngine forgetting = MemoryEngine.forgetting("forgetting");
    private final HandDriven world = new HandDriven().withEngine().with(other).with(forgetting);
    private final List<String> told = new ArrayList<>();

    @AfterEach
    void close() {
        world.close();
    }

    private void move(String engine) {
        world.topic.movesTo(engine);
        world.settle(world.host.reconfigure(world.id(0)));
        world.settle();
    }

    private void append(PartitionLog log, int batches) {
        for (int i = 0; i < batches; i++) {
            world.append(log, AckLevel.DURABLE, Batches.of("v"), told);
        }
        world.settle();
    }

    private List<Long> read(PartitionLog log) {
        world.scheduler.advanceNanos(2 * MINUTE); // the ring is empty then
        world.settle();
        return world.read(log, log.logStartOffset(), Visibility.COMMITTED);
    }

    private static List<Long> offsets(long from, long to) {
        List<Long> all = new ArrayList<>();
        for (long offset = from; offset < to; offset++) {
            all.add(offset);
        }
        return all;
    }

    private LogId id(int generation) {
        return world.id(0).inGeneration(generation);
    }

    private static List<String> shown(PartitionLog log) {
        return log.generations().stream()
                .map(it -> it.number() + " " + it.engine() + " " + it.startOffset())
                .toList();
    }

    @Test
    void goesOnInTheOtherEngineWhereTheFirstEnds() {
        PartitionLog log = world.open(0);
        append(log, 5);
        int forces = world.engine.forces.get();
        move("other");
        assertThat(world.engine.forces.get()).isGreaterThan(forces);
        append(log, 5);
        assertThat(read(log)).isEqualTo(offsets(0, 10));
        assertThat(shown(log)).containsExactly("0 fake 0", "1 other 5");
        assertThat(log.generations().getFirst().endOffset()).isEqualTo(5);
        assertThat(log.leaderEpoch()).isZero();
        assertThat(told).hasSize(10).allMatch(it -> !it.contains(" "));
        assertThat(world.host.keptBy("fake")).containsExactly(world.id(0));
        assertThat(world.host.keptBy("other")).containsExactly(world.id(0));
        world.crash();
        log = world.open(0);
        assertThat(shown(log)).containsExactly("0 fake 0", "1 other 5");
        assertThat(world.append(log, Batches.of("w")).baseOffset()).isEqualTo(10);
        world.settle();
        assertThat(log.leaderEpoch()).isEqualTo(1);
        assertThat(log.endOffsetOf(0)).isEqualTo(new EpochEnd(0, 10));
        assertThat(read(log)).isEqualTo(offsets(0, 11));
    }

    @Test
    void whatIsAppendedMeanwhileWaitsInTheRing() {
        PartitionLog log = world.open(0);
        append(log, 2);
        world.append(log, AckLevel.DURABLE, Batches.of("under way"), told);
        world.topic.movesTo("other");
        world.host.reconfigure(world.id(0));
        world.scheduler.runReady();
        world.append(log, AckLevel.DURABLE, Batches.of("meanwhile"), told);
        assertThat(world.read(log, 0, Visibility.SEQUENCED)).isEqualTo(offsets(0, 4));
        world.settle();
        assertThat(told).containsExactly("DURABLE@0", "DURABLE@1", "DURABLE@2", "DURABLE@3");
        assertThat(read(log)).isEqualTo(offsets(0, 4));
        assertThat(log.generations().getLast().startOffset()).isLessThanOrEqualTo(3);
        assertThat(world.metrics.gauge("mortise_partition_unwritten_bytes")).isZero();
    }

    @Test
    void producersAreKnownOnTheOtherSide() {
        PartitionLog log = world.open(0);
        world.append(log, Batches.by(7, 0, 0, "a"));
        world.settle();
        move("other");
        assertThat(world.append(log, Batches.by(7, 0, 0, "a")).duplicate()).isTrue();
        assertThat(world.append(log, Batches.by(7, 0, 1, "b")).baseOffset()).isEqualTo(1);
        world.settle();
        world.crash();
        log = world.open(0);
        assertThat(world.append(log, Batches.by(7, 0, 0, "a")).duplicate()).isTrue();
        assertThat(world.append(log, Batches.by(7, 0, 2, "c")).baseOffset()).isEqualTo(2);
    }

    @Test
    void comingBackBeginsAnotherLogOfTheSameEngine() {
        PartitionLog log = world.open(0);
        append(log, 3);
        move("other");
        append(log, 3);
        move("fake");
        append(log, 3);
        assertThat(shown(log)).containsExactly("0 fake 0", "1 other 3", "2 fake 6");
        assertThat(world.engine.logs()).containsExactlyInAnyOrder(id(0), id(2));
        assertThat(read(log)).isEqualTo(offsets(0, 9));
        world.settle(world.host.close(world.id(0)));
        log = world.open(0);
        assertThat(read(log)).isEqualTo(offsets(0, 9));
        world.settle(world.host.delete(world.id(0)));
        assertThat(world.engine.logs()).isEmpty();
        assertThat(other.logs()).isEmpty();
        assertThat(world.files.files()).containsExactlyInAnyOrder("epoch", "epoch.copy");
    }

    @Test
    void retentionDrainsTheOlderLogs() {
        world.topic.with("retention.records", "4");
        PartitionLog log = world.open(0);
        append(log, 3);
        move("other");
        append(log, 3);
        move("fake");
        append(log, 3);
        RetentionHold hold = log.hold(1, RetentionHold.Policy.PIN, (_, _, _) -> done());
        world.scheduler.advanceNanos(MINUTE);
        assertThat(log.logStartOffset()).isEqualTo(1);
        hold.close();
        world.scheduler.advanceNanos(MINUTE);
        assertThat(log.logStartOffset()).isEqualTo(5);
        assertThat(shown(log)).containsExactly("1 other 5", "2 fake 6");
        assertThat(world.engine.logs()).containsExactly(id(2));
        assertThat(world.host.keptBy("other")).hasSize(1);
        append(log, 2);
        world.scheduler.advanceNanos(MINUTE);
        assertThat(shown(log)).containsExactly("2 fake 7");
        assertThat(other.logs()).isEmpty();
        assertThat(world.host.keptBy("other")).isEmpty();
        world.crash();
        log = world.open(0);
        assertThat(read(log)).isEqualTo(offsets(7, 11));
    }

    private static CompletableFuture<Void> done() {
        return CompletableFuture.completedFuture(null);
    }

    @Test
    void theStartMayBeMovedOverTheSeam() {
        PartitionLog log = world.open(0);
        append(log, 3);
        move("other");
        append(log, 3);
        var refusals = new ArrayList<Object>();
        log.advanceStart(5, world.loop, refusals::add);
        world.settle();
        assertThat(refusals).containsExactly((Object) null);
        assertThat(read(log)).containsExactly(5L);
        assertThat(world.engine.logs()).isEmpty();
        assertThatThrownBy(() -> world.fetch(log, 2, 10, Visibility.COMMITTED))
                .hasMessageContaining("OFFSET_OUT_OF_RANGE");
    }

    @Test
    void timestampsAreFoundOnBothSides() {
        PartitionLog log = world.open(0);
        world.append(log, Batches.at(1_000, "a", "b"));
        world.settle();
        move("other");
        world.append(log, Batches.at(2_000, "c", "d"));
        world.settle();
        read(log);
        List<Long> found = new ArrayList<>();
        for (long time : List.of(1_001L, 1_500L, 2_001L)) {
            log.offsetForTimestamp(time, world.loop, (offset, _, _, _) -> found.add(offset));
        }
        log.offsetOfMaxTimestamp(world.loop, (offset, _, _, _) -> found.add(offset));
        world.settle();
        assertThat(found).containsExactly(1L, 2L, 3L, 3L);
    }

    @Test
    void anEngineThatForgetsLosesItsOwnAndGivesNoOffsetTwice() {
        PartitionLog log = world.open(0);
        append(log, 3);
        world.topic.with(Durability.MEMORY);
        move("forgetting");
        append(log, 4);
        assertThat(read(log)).isEqualTo(offsets(0, 7));
        world.settle(world.host.close(world.id(0)));
        world.leaveEngine();
        world.restart();
        log = world.open(0);
        assertThat(log.logEndOffset()).isEqualTo(7);
        append(log, 1);
        assertThat(read(log)).containsExactly(0L, 1L, 2L, 7L);
        world.crash();
        log = world.open(0);
        long end = log.logEndOffset();
        assertThat(end).isGreaterThanOrEqualTo(8);
        append(log, 1);
        assertThat(read(log)).containsExactly(0L, 1L, 2L, end);
        world.topic.with(Durability.DISK);
        move("other");
        append(log, 1);
        world.crash();
        log = world.open(0);
        assertThat(shown(log)).containsExactly("0 fake 0", "2 other " + (end + 1));
        assertThat(read(log)).containsExactly(0L, 1L, 2L, end + 1);
    }

    @Test
    void offsetsAreReservedAgainBeforeTheyAreSpent() {
        PartitionLog log = world.open(0);
        world.topic.with(Durability.MEMORY);
        move("forgetting");
        log.standing().reserved(log.logEndOffset() + 10);
        assertThat(PartitionLogTest.reason(world.append(log, Batches.of("a"))))
                .isEqualTo(Reason.BUSY);
        log.standing().reserved(log.logEndOffset() + 1_000);
        append(log, 1);
        assertThat(world.append(log, Batches.of("x".repeat(2_000))).baseOffset()).isEqualTo(1);
    }

    @Test
    void aCrashBeforeTheChangeIsCarriedOutLeavesItToTheNextStart() {
        PartitionLog log = world.open(0);
        append(log, 3);
        world.topic.movesTo("other").movesTo("fake");
        world.crash();
        log = world.open(0);
        world.settle();
        assertThat(shown(log)).containsExactly("0 fake 0", "2 fake 3");
        append(log, 1);
        assertThat(read(log)).isEqualTo(offsets(0, 4));
    }

    @Test
    void aLogThatACrashLeftHalfBegunIsBegunAnew() throws Exception {
        PartitionLog log = world.open(0);
        append(log, 2);
        move("other");
        append(log, 2);
        new GenerationFile(world.files, world.id(0)).delete(); // as if that had never come
        world.crash();
        log = world.open(0);
        world.settle();
        assertThat(read(log)).isEqualTo(offsets(0, 2));
        assertThat(world.append(log, Batches.of("w")).baseOffset()).isEqualTo(2);
    }

    @Test
    void oneDamagedFileOfTheTwoIsEnough() throws Exception {
        PartitionLog log = world.open(0);
        append(log, 2);
        move("other");
        append(log, 2);
        world.settle(world.host.close(world.id(0)));
        String path =
                world.files.files().stream()
                        .filter(it -> it.endsWith(".generations"))
                        .findFirst()
                        .orElseThrow();
        world.files.flipBit(path, 20, 3);
        log = world.open(0);
        assertThat(read(log)).isEqualTo(offsets(0, 4));
        world.settle(world.host.close(world.id(0)));
        world.files.flipBit(path + ".copy", 20, 3);
        PartitionLog lost = world.open(0);
        assertThat(lost.storage()).isNull();
        assertThat(world.append(lost, Batches.of("a")).refusal().message())
                .contains(path, "damaged");
    }

    @Test
    void aFailingEngineLeavesThePartitionWhereItIsUntilItWorks() {
        PartitionLog log = world.open(0);
        append(log, 2);
        other.failNext(MemoryEngine.Failure.OPEN, 1);
        move("other");
        assertThat(shown(log)).containsExactly("0 fake 0");
        append(log, 2);
        assertThat(told).hasSize(4);
        world.scheduler.advanceNanos(MINUTE);
        world.settle();
        assertThat(shown(log)).containsExactly("0 fake 0", "1 other 4");
        append(log, 1);
        assertThat(read(log)).isEqualTo(offsets(0, 5));
    }

    @Test
    void anOlderLogsEngineIsNeeded() {
        PartitionLog log = world.open(0);
        append(log, 2);
        move("other");
        append(log, 2);
        var leaving = new Thread(world.registration::close);
        leaving.start();
        while (leaving.isAlive()) {
            world.settle();
            Thread.onSpinWait();
        }
        world.settle();
        assertThat(world.append(log, Batches.of("a")).refusal().message())
                .contains("Storage engine fake is not running");
        world.reenter();
        world.settle();
        assertThat(world.append(log, Batches.of("a")).baseOffset()).isEqualTo(4);
        world.settle();
        assertThat(read(log)).isEqualTo(offsets(0, 5));
    }

    @Test
    void anEmptyLogIsNotKept() {
        PartitionLog log = world.open(0);
        move("other");
        append(log, 1);
        assertThat(log.generations()).extracting(Generation::engine).containsExactly("other");
        assertThat(world.engine.logs()).isEmpty();
    }

    @Test
    void whatWasTakenToMemoryOnlyIsToldWithoutAnotherAppend() {
        PartitionLog log = world.open(0);
        world.append(log, AckLevel.DURABLE, Batches.of("a"), told);
        world.topic.with(Durability.MEMORY);
        world.settle(world.host.reconfigure(world.id(0)));
        world.settle();
        assertThat(told).containsExactly("DURABLE@0");
    }

    @Test
    void whatMemoryAcknowledgedIsKeptByAFailedRoundUnderAnotherLevel() {
        world.topic.with(Durability.MEMORY);
        PartitionLog log = world.open(0);
        world.append(log, AckLevel.DURABLE, Batches.of("a"), told);
        world.loop.run();
        assertThat(told).containsExactly("DURABLE@0");
        world.topic.with(Durability.DISK);
        world.host.reconfigure(world.id(0));
        world.scheduler.runReady();
        world.engine.failNext(MemoryEngine.Failure.FLUSH, 1);
        world.append(log, AckLevel.DURABLE, Batches.of("b"), told);
        world.settle();
        assertThat(told).containsExactly("DURABLE@0", "DURABLE@1");
        assertThat(read(log)).isEqualTo(offsets(0, 2));
    }

    @Test
    void compactionTakesOldValuesOnBothSides() {
        world.topic.with("cleanup.policy", "compact").with("min.cleanable.dirty.ratio", "0");
        PartitionLog log = world.open(0);
        for (int i = 0; i < 3; i++) {
            world.append(log, CompactionTest.keyed(1_000, "k" + i + "=old"));
            world.append(log, CompactionTest.keyed(1_000, "same=v" + i));
        }
        world.settle();
        move("other");
        for (int i = 0; i < 2; i++) {
            world.append(log, CompactionTest.keyed(1_000, "k" + i + "=new"));
            world.append(log, CompactionTest.keyed(1_000, "same=w" + i));
        }
        world.settle();
        world.scheduler.advanceNanos(3 * MINUTE);
        world.settle();
        assertThat(read(log)).containsExactly(4L, 6L, 8L, 9L);
        assertThat(shown(log)).containsExactly("0 fake 0", "1 other 6");
        world.crash();
        log = world.open(0);
        assertThat(read(log)).containsExactly(4L, 6L, 8L, 9L);
        assertThat(log.logEndOffset()).isEqualTo(10);
    }
}
