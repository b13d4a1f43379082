// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.spi.Durability;
import io.mortise.spi.Reason;
import io.mortise.spi.Refusal;
import io.mortise.spi.broker.AckLevel;
import io.mortise.spi.broker.Partition.EpochEnd;
import io.mortise.spi.broker.Partition.Visibility;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Opening, closing, deleting, restarts, engines that come and go, retention, look-ups. */
final class LogHostTest {
    private static final long MINUTE = 60_000_000_000L;

    private final HandDriven world = new HandDriven().withEngine();
    private final List<String> told = new ArrayList<>();

    @AfterEach
    void giveMemoryBack() {
        world.close();
    }

    @Test
    void closingWritesWhatIsSequencedAndTellsEveryone() {
        PartitionLog log = world.open(0);
        world.append(log, AckLevel.DURABLE, Batches.of("a"), told);
        var closed = world.host.close(world.id(0)).toCompletableFuture();
        assertThat(PartitionLogTest.reason(world.append(log, Batches.of("b"))))
                .isEqualTo(Reason.NOT_LEADER);
        world.settle(closed);
        assertThat(closed).isCompleted();
        world.settle();
        assertThat(told).containsExactly("DURABLE@0");
        assertThat(world.host.find(world.id(0))).isNull();
        assertThat(world.read(world.open(0), 0, Visibility.COMMITTED)).containsExactly(0L);
    }

    @Test
    void deletingLeavesNothing() {
        PartitionLog log = world.open(0);
        world.append(log, AckLevel.DURABLE, Batches.by(4, 0, 0, "a"), told);
        world.settle(world.host.delete(world.id(0)));
        assertThat(world.engine.logs()).isEmpty();
        assertThat(world.files.files()).containsExactlyInAnyOrder("epoch", "epoch.copy");
        assertThat(world.open(0).logEndOffset()).isZero();
    }

    @Test
    void whatIsDeletedIsNotOpenedByWhoComesTooLate() {
        PartitionLog log = world.open(0);
        world.settle(world.host.delete(world.id(0)));
        log.control().open();
        assertThat(log.storage()).isNull();
        assertThat(world.engine.logs()).isEmpty();
    }

    @Test
    void everyOpeningAfterAWriteHasALaterEpoch() {
        PartitionLog log = world.open(0);
        world.append(log, Batches.of("a"));
        world.settle(world.host.close(world.id(0)));
        log = world.open(0);
        assertThat(log.leaderEpoch()).isEqualTo(1);
        world.append(log, Batches.of("b", "c"));
        world.settle();
        world.crash();
        log = world.open(0);
        assertThat(log.leaderEpoch()).isEqualTo(2);
        assertThat(log.endOffsetOf(0)).isEqualTo(new EpochEnd(0, 1));
        assertThat(log.endOffsetOf(1)).isEqualTo(new EpochEnd(1, 3));
        assertThat(log.endOffsetOf(2)).isEqualTo(new EpochEnd(2, 3));
        assertThat(log.endOffsetOf(3)).isEqualTo(new EpochEnd(-1, -1));
    }

    @Test
    void anEngineThatLeavesTakesItsPartitionsAlongAndBringsThemBack() {
        PartitionLog log = world.open(0);
        world.append(log, AckLevel.DURABLE, Batches.of("a"), told);
        assertThat(world.host.keptBy("fake")).containsExactly(world.id(0));
        var leaving = new Thread(world.registration::close);
        leaving.start();
        while (leaving.isAlive()) {
            world.settle();
            Thread.onSpinWait();
        }
        world.settle();
        assertThat(told).containsExactly("DURABLE@0");
        assertThat(world.leadership).endsWith("lost 0 STORAGE_UNAVAILABLE");
        assertThat(PartitionLogTest.reason(world.append(log, Batches.of("b"))))
                .isEqualTo(Reason.STORAGE_UNAVAILABLE);
        assertThatThrownBy(() -> world.fetch(log, 0, 10, Visibility.COMMITTED))
                .hasMessageContaining("STORAGE_UNAVAILABLE");
        world.withEngine();
        world.settle();
        assertThat(world.append(log, Batches.of("b")).baseOffset()).isEqualTo(1);
        assertThat(world.read(log, 0, Visibility.SEQUENCED)).containsExactly(0L, 1L);
    }

    @Test
    void whatWasDeletedWithoutItsEngineGoesWhenThatComes() {
        PartitionLog log = world.open(0);
        world.append(log, Batches.of("a"));
        world.settle();
        var away = new HandDriven(PartitionOptions.defaults(), world.engine, world.files);
        away.open(0);
        away.settle(away.host.delete(world.id(0)));
        assertThat(world.engine.logs()).hasSize(1);
        away.withEngine();
        away.settle();
        assertThat(world.engine.logs()).isEmpty();
        away.close();
    }

    @Test
    void saysWhatAnEngineCannotGive() {
        assertThat(world.host.refusal("fake", Durability.DISK)).isNull();
        assertThat(world.host.refusal("fake", Durability.NONE))
                .extracting(Refusal::reason)
                .isEqualTo(Reason.INVALID_CONFIG);
        assertThat(world.host.refusal("nowhere", Durability.DISK))
                .extracting(Refusal::reason)
                .isEqualTo(Reason.STORAGE_UNAVAILABLE);
        assertThat(world.host.engines()).containsOnlyKeys("fake");
    }

    @Test
    void followsChangedConfigs() {
        PartitionLog log = world.open(0);
        world.topic.with("max.message.bytes", "100").with(Durability.OS);
        world.settle(world.host.reconfigure(world.id(0)));
        assertThat(PartitionLogTest.reason(world.append(log, Batches.of("x".repeat(100)))))
                .isEqualTo(Reason.TOO_LARGE);
        world.append(log, AckLevel.DURABLE, Batches.of("a"), told);
        world.settle();
        assertThat(told).hasSize(1);
        assertThat(world.engine.forces).hasValue(0);
    }

    @Test
    void theStateIsKeptEveryNowAndThenOnceItIsDurable() throws IOException {
        var often =
                new HandDriven(
                                PartitionOptions.defaults().withSnapshotBytes(1000),
                                new MemoryEngine(),
                                world.files)
                        .withEngine();
        PartitionLog log = often.open(0);
        var file = new StateFile(world.files, often.id(0));
        for (int i = 0; i < 20; i++) {
            often.append(log, Batches.by(5, 0, i, "x".repeat(100)));
        }
        assertThat(file.read()).isNull();
        often.settle();
        PartitionState state = file.read();
        assertThat(state).isNotNull();
        assertThat(state.offset()).isEqualTo(20);
        assertThat(state.producers().size()).isEqualTo(1);
        often.crash();
        assertThat(often.append(often.open(0), Batches.by(5, 0, 19, "x".repeat(100))).duplicate())
                .isTrue();
        often.close();
    }

    @Test
    void aDamagedStateFileMeansAReplay() throws IOException {
        PartitionLog log = world.open(0);
        world.append(log, Batches.by(5, 0, 0, "a"));
        world.settle(world.host.close(world.id(0)));
        String path = world.files.files().getFirst();
        world.files.flipBit(path, 20, 3);
        log = world.open(0);
        assertThat(world.append(log, Batches.by(5, 0, 0, "a")).duplicate()).isTrue();
    }

    @Test
    void advancesTheStart() {
        PartitionLog log = world.open(0);
        for (int i = 0; i < 6; i++) {
            world.append(log, Batches.of("a", "b"));
        }
        world.settle();
        assertThat(advance(log, 13))
                .extracting(Refusal::reason)
                .isEqualTo(Reason.OFFSET_OUT_OF_RANGE);
        assertThat(advance(log, 5)).isNull();
        assertThat(log.logStartOffset()).isEqualTo(5);
        assertThatThrownBy(() -> world.fetch(log, 4, 10, Visibility.COMMITTED))
                .hasMessageContaining("OFFSET_OUT_OF_RANGE");
        assertThat(world.read(log, 5, Visibility.COMMITTED)).startsWith(4L).hasSize(4);
        assertThat(advance(log, 2)).isNull();
        assertThat(log.logStartOffset()).isEqualTo(5);
    }

    private @Nullable Refusal advance(PartitionLog log, long offset) {
        var done = new CompletableFuture<List<Refusal>>();
        log.advanceStart(
                offset, world.loop, it -> done.complete(it == null ? List.of() : List.of(it)));
        List<Refusal> refusals = world.settle(done);
        return refusals.isEmpty() ? null : refusals.getFirst();
    }

    @Test
    void retentionByTimeLetsGoOfWhatIsOlder() {
        world.topic.with("retention.ms", "600000");
        PartitionLog log = world.open(0);
        for (int i = 0; i < 20; i++) {
            world.append(log, Batches.at(world.clock.wallMillis(), "a"));
            world.settle();
            world.scheduler.advanceNanos(MINUTE);
        }
        world.scheduler.advanceNanos(MINUTE);
        assertThat(log.logStartOffset()).isEqualTo(8);
        world.scheduler.advanceNanos(30 * MINUTE);
        assertThat(log.logStartOffset()).isEqualTo(20);
        assertThat(world.append(log, Batches.of("b")).baseOffset()).isEqualTo(20);
    }

    @Test
    void retentionBySizeKeepsAtLeastTheBound() {
        world.topic.with("retention.bytes", "1000");
        PartitionLog log = world.open(0);
        for (int i = 0; i < 40; i++) {
            world.append(log, Batches.of("x".repeat(32)));
        }
        int batch = Batches.of("x".repeat(32)).readableBytes();
        world.settle();
        world.scheduler.advanceNanos(MINUTE);
        long kept = (40 - log.logStartOffset()) * batch;
        assertThat(kept).isBetween(1000L, 1000L + 4L * batch);
    }

    @Test
    void findsTimestampsInsideBatchesInTheRingAndBelow() {
        PartitionLog log = world.open(0);
        for (int i = 0; i < 10; i++) {
            world.append(log, Batches.at(1_000 + i * 100, "a", "b", "c"));
        }
        assertThat(find(log, 0)).isEqualTo("-1 at -1 of -1");
        world.settle();
        for (int round = 0; round < 2; round++) {
            assertThat(find(log, 0)).isEqualTo("0 at 1000 of 0");
            assertThat(find(log, 1_002)).isEqualTo("2 at 1002 of 0");
            assertThat(find(log, 1_003)).isEqualTo("3 at 1100 of 0");
            assertThat(find(log, 1_901)).isEqualTo("28 at 1901 of 0");
            assertThat(find(log, 1_903)).isEqualTo("-1 at -1 of -1");
            assertThat(find(log, -1)).isEqualTo("29 at 1902 of 0");
            world.scheduler.advanceNanos(2 * MINUTE); // the ring is empty then
        }
        world.append(log, Batches.at(500, "late"));
        world.append(log, Batches.at(1_902, "again"));
        world.settle();
        assertThat(find(log, -1)).isEqualTo("29 at 1902 of 0");
        advance(log, 2);
        assertThat(find(log, 0)).isEqualTo("2 at 1002 of 0");
    }

    @Test
    void findsTimestampsInsideCompressedBatches() {
        PartitionLog log = world.open(0);
        world.append(log, Batches.gzip(Batches.at(1_000, "a", "b", "c")));
        world.append(log, Batches.gzip(Batches.at(2_000, "d", "e")));
        world.settle();
        assertThat(find(log, 1_001)).isEqualTo("1 at 1001 of 0");
        assertThat(find(log, 1_500)).isEqualTo("3 at 2000 of 0");
        assertThat(find(log, -1)).isEqualTo("4 at 2001 of 0");
    }

    @Test
    void logAppendTimeIsTheTimeOfEveryRecordOfABatch() {
        world.topic.with("message.timestamp.type", "LogAppendTime");
        PartitionLog log = world.open(0);
        long now = world.clock.wallMillis();
        world.append(log, Batches.gzip(Batches.at(1_000, "a", "b", "c")));
        world.settle();
        assertThat(find(log, 5_000)).isEqualTo("0 at " + now + " of 0");
        assertThat(find(log, now + 1)).isEqualTo("-1 at -1 of -1");
    }

    /** The greatest timestamp for -1. */
    private String find(PartitionLog log, long timestamp) {
        var found = new CompletableFuture<String>();
        if (timestamp < 0) {
            log.offsetOfMaxTimestamp(
                    world.loop,
                    (offset, time, epoch, refusal) ->
                            found.complete(offset + " at " + time + " of " + epoch));
        } else {
            log.offsetForTimestamp(
                    timestamp,
                    world.loop,
                    (offset, time, epoch, refusal) ->
                            found.complete(offset + " at " + time + " of " + epoch));
        }
        world.scheduler.runReady();
        world.loop.run();
        return found.join();
    }

    @Test
    void closingTheHostClosesEverything() {
        PartitionLog log = world.open(0);
        world.append(log, AckLevel.DURABLE, Batches.of("a"), told);
        var closing = new Thread(world.host::close);
        closing.start();
        while (closing.isAlive()) {
            world.settle();
            Thread.onSpinWait();
        }
        world.settle();
        assertThat(told).containsExactly("DURABLE@0");
        assertThat(world.metrics.gauge("mortise_partition_ring_bytes")).isNaN();
    }
}
