// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.kernel.partition.MemoryEngine.Failure;
import io.mortise.spi.Durability;
import io.mortise.spi.Reason;
import io.mortise.spi.RefusedException;
import io.mortise.spi.broker.AckLevel;
import io.mortise.spi.broker.FetchedBatches;
import io.mortise.spi.broker.Partition.AppendResult;
import io.mortise.spi.broker.Partition.EpochEnd;
import io.mortise.spi.broker.Partition.Origin;
import io.mortise.spi.broker.Partition.Visibility;
import io.mortise.spi.record.BatchHeader;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

final class PartitionLogTest {
    private final HandDriven world = new HandDriven().withEngine();
    private final List<String> told = new ArrayList<>();

    @AfterEach
    void giveMemoryBack() {
        world.close();
    }

    @Test
    void numbersAndStampsAtOnce() {
        PartitionLog log = world.open(0);
        AppendResult first = world.append(log, Batches.of("a", "b", "c"));
        AppendResult second = world.append(log, Batches.of("d"));
        assertThat(first).isEqualTo(new AppendResult(0, 3, -1, false, null));
        assertThat(second).isEqualTo(new AppendResult(3, 4, -1, false, null));
        assertThat(log.logEndOffset()).isEqualTo(4);
        assertThat(log.highWatermark()).isZero();
    }

    @Test
    void placesSeveralBatchesOfOneCall() {
        PartitionLog log = world.open(0);
        AppendResult result =
                world.append(log, Unpooled.wrappedBuffer(Batches.of("a", "b"), Batches.of("c")));
        assertThat(result.endOffset()).isEqualTo(3);
        assertThat(world.read(log, 0, Visibility.SEQUENCED)).containsExactly(0L, 2L);
    }

    @Test
    void leavesTheCallersBufferAlone() {
        PartitionLog log = world.open(0);
        ByteBuf batch = Batches.of("a");
        byte[] before = new byte[batch.readableBytes()];
        batch.getBytes(0, before);
        world.append(log, Batches.of("x"));
        world.append(log, batch);
        byte[] after = new byte[batch.readableBytes()];
        batch.getBytes(0, after);
        assertThat(after).isEqualTo(before);
        assertThat(batch.refCnt()).isEqualTo(1);
    }

    @Test
    void tellsEachLevelWhenItIsReached() {
        PartitionLog log = world.open(0);
        world.append(log, AckLevel.SEQUENCED, Batches.of("a"), told);
        assertThat(told).isEmpty();
        world.loop.run();
        assertThat(told).containsExactly("SEQUENCED@0");
        world.append(log, AckLevel.DURABLE, Batches.of("b"), told);
        world.loop.run();
        assertThat(told).hasSize(1);
        world.round();
        assertThat(told).hasSize(1);
        world.loop.run();
        assertThat(told).containsExactly("SEQUENCED@0", "DURABLE@1");
        assertThat(log.highWatermark()).isEqualTo(2);
    }

    @Test
    void aLogThatFailedAsideIsOpenedAnewByWhoReadsIt() {
        PartitionLog log = world.open(0);
        world.append(log, Batches.of("a"));
        world.settle();
        world.scheduler.advanceNanos(600_000_000_000L); // the ring lets go of it
        int epoch = log.leaderEpoch();
        world.engine.failAside();
        assertThatThrownBy(() -> world.fetch(log, 0, 1_000, Visibility.COMMITTED))
                .hasMessageContaining("STORAGE_UNAVAILABLE");
        world.settle();
        assertThat(log.leaderEpoch()).isGreaterThan(epoch);
        assertThat(world.read(log, 0, Visibility.COMMITTED)).containsExactly(0L);
    }

    @Test
    void aStartThatMovedThoughItFailedIsTold() {
        PartitionLog log = world.open(0);
        world.append(log, Batches.of("a"));
        world.append(log, Batches.of("b"));
        world.settle();
        world.engine.startFailsLate = true;
        List<Reason> reasons = new ArrayList<>();
        log.advanceStart(
                1,
                world.loop,
                refusal -> reasons.add(refusal == null ? Reason.BUSY : refusal.reason()));
        world.settle();
        assertThat(reasons).containsExactly(Reason.STORAGE_FAILED);
        assertThat(log.logStartOffset()).isEqualTo(1);
    }

    @Test
    void keepsTheOrderOfAppendsWhateverTheirLevels() {
        PartitionLog log = world.open(0);
        world.append(log, AckLevel.DURABLE, Batches.of("a"), told);
        world.append(log, AckLevel.SEQUENCED, Batches.of("b"), told);
        world.append(log, AckLevel.WRITTEN, Batches.of("c"), told);
        world.loop.run();
        assertThat(told).isEmpty();
        world.settle();
        assertThat(told).containsExactly("DURABLE@0", "SEQUENCED@1", "WRITTEN@2");
    }

    @Test
    void tellsAllPartitionsOfARoundInOneTask() {
        List<PartitionLog> logs = List.of(world.open(0), world.open(1), world.open(2));
        world.loop.executed = 0;
        for (PartitionLog log : logs) {
            world.append(log, AckLevel.DURABLE, Batches.of("a"), told);
            world.append(log, AckLevel.DURABLE, Batches.of("b"), told);
        }
        world.round();
        assertThat(world.loop.executed).isEqualTo(1);
        world.loop.run();
        assertThat(told).hasSize(6);
        assertThat(world.engine.forces).hasValue(1);
        assertThat(world.engine.appends).hasValue(3);
    }

    @Test
    void committedReadersSeeNothingBeforeItIsDurable() {
        PartitionLog log = world.open(0);
        world.append(log, Batches.of("a"));
        assertThat(world.read(log, 0, Visibility.COMMITTED)).isEmpty();
        assertThat(world.read(log, 0, Visibility.SEQUENCED)).containsExactly(0L);
        world.round();
        assertThat(world.read(log, 0, Visibility.COMMITTED)).containsExactly(0L);
    }

    @Test
    void osIsDurableWhenFlushedAndForcesNothing() {
        world.topic.with(Durability.OS);
        PartitionLog log = world.open(0);
        world.append(log, AckLevel.DURABLE, Batches.of("a"), told);
        assertThat(log.highWatermark()).isZero();
        world.settle();
        assertThat(told).containsExactly("DURABLE@0");
        assertThat(world.engine.forces).hasValue(0);
        assertThat(world.engine.flushes).hasValue(1);
    }

    @Test
    void memoryIsDurableWhenSequenced() {
        world.topic.with(Durability.MEMORY);
        PartitionLog log = world.open(0);
        world.append(log, AckLevel.DURABLE, Batches.of("a"), told);
        assertThat(log.highWatermark()).isEqualTo(1);
        world.loop.run();
        assertThat(told).containsExactly("DURABLE@0");
        assertThat(world.read(log, 0, Visibility.COMMITTED)).containsExactly(0L);
    }

    @Test
    void noneIsRefused() {
        world.topic.with(Durability.NONE);
        assertThat(world.host.open(world.id(0), world.topic, 0)).isCompletedExceptionally();
    }

    @Test
    void refusesWhatIsNoBatchOrTooLarge() {
        world.topic.with("max.message.bytes", "100");
        PartitionLog log = world.open(0);
        ByteBuf brokerBuilt = Batches.of("a");
        brokerBuilt.setShort(BatchHeader.ATTRIBUTES, BatchHeader.BROKER_BUILT);
        assertThat(reason(world.append(log, Batches.of("x".repeat(50)))))
                .isEqualTo(Reason.TOO_LARGE);
        assertThat(reason(world.append(log, Batches.of("a").writerIndex(60))))
                .isEqualTo(Reason.CORRUPT);
        assertThat(reason(world.append(log, Unpooled.EMPTY_BUFFER)))
                .isEqualTo(Reason.INVALID_REQUEST);
        assertThat(reason(world.append(log, brokerBuilt))).isEqualTo(Reason.INVALID_REQUEST);
        assertThat(log.append(brokerBuilt, -1, Origin.BROKER, AckLevel.SEQUENCED, world.loop, null))
                .extracting(AppendResult::endOffset)
                .isEqualTo(1L);
    }

    @Test
    void fencesAnotherEpoch() {
        PartitionLog log = world.open(0);
        int epoch = log.leaderEpoch();
        AppendResult other =
                log.append(
                        Batches.of("a"),
                        epoch + 1,
                        Origin.CLIENT,
                        AckLevel.DURABLE,
                        world.loop,
                        null);
        assertThat(reason(other)).isEqualTo(Reason.FENCED_EPOCH);
        assertThat(log.logEndOffset()).isZero();
    }

    @Test
    void logAppendTimeRewritesTimestampAndChecksum() {
        world.topic.with("message.timestamp.type", "LogAppendTime");
        PartitionLog log = world.open(0);
        AppendResult result = world.append(log, Batches.of("a", "b"));
        assertThat(result.logAppendTimeMillis()).isEqualTo(world.clock.wallMillis());
        ByteBuffer batch =
                Batches.split(world.fetch(log, 0, 1000, Visibility.SEQUENCED)).getFirst();
        assertThat(BatchHeader.maxTimestamp(batch, 0)).isEqualTo(world.clock.wallMillis());
        assertThat(BatchHeader.attributes(batch, 0)).isEqualTo(BatchHeader.LOG_APPEND_TIME);
    }

    @Test
    void readsWhatHoldsTheOffsetAndAtLeastOneBatch() {
        PartitionLog log = world.open(0);
        world.append(log, Batches.of("a", "b", "c"));
        world.append(log, Batches.of("d"));
        FetchedBatches fetched = world.fetch(log, 1, 1, Visibility.SEQUENCED);
        assertThat(fetched.baseOffset()).isZero();
        assertThat(fetched.nextOffset()).isEqualTo(3);
        fetched.close();
    }

    @Test
    void readsOutsideAreRefused() {
        PartitionLog log = world.open(0);
        world.append(log, Batches.of("a"));
        assertThatThrownBy(() -> world.fetch(log, 2, 100, Visibility.COMMITTED))
                .hasCauseInstanceOf(RefusedException.class)
                .hasMessageContaining("OFFSET_OUT_OF_RANGE");
    }

    @Test
    void readsFromTheEngineWhatTheRingGaveUp() {
        PartitionLog log = world.open(0);
        for (int i = 0; i < 10; i++) {
            world.append(log, Batches.of("a" + i, "b" + i));
        }
        world.settle();
        world.scheduler.advanceNanos(60_000_000_000L);
        assertThat(world.metrics.gauge("mortise_partition_ring_bytes")).isZero();
        assertThat(log.readCached(0, 1000, Visibility.COMMITTED)).isNull();
        assertThat(world.read(log, 0, Visibility.COMMITTED)).hasSize(10);
        world.append(log, Batches.of("c"));
        assertThat(world.read(log, 15, Visibility.SEQUENCED)).containsExactly(14L, 16L, 18L, 20L);
    }

    @Test
    void listenersHearOfManyChangesInOneTask() {
        PartitionLog log = world.open(0);
        world.settle();
        List<Long> ends = new ArrayList<>();
        var registration = log.onAdvance(world.loop, it -> ends.add(it.logEndOffset()));
        world.append(log, Batches.of("a"));
        world.append(log, Batches.of("b"));
        world.loop.run();
        assertThat(ends).containsExactly(2L);
        world.round();
        world.loop.run();
        assertThat(ends).containsExactly(2L, 2L);
        registration.close();
        world.append(log, Batches.of("c"));
        world.settle();
        assertThat(ends).hasSize(2);
    }

    @Test
    void aFailedForceFailsWhatWaitsAndReopensUnderTheNextEpoch() {
        PartitionLog log = world.open(0);
        world.append(log, AckLevel.DURABLE, Batches.of("a"), told);
        world.settle();
        world.engine.failNext(Failure.FORCE, 1);
        world.append(log, AckLevel.DURABLE, Batches.of("b"), told);
        world.append(log, AckLevel.WRITTEN, Batches.of("c"), told);
        world.round();
        assertThat(reason(world.append(log, Batches.of("d"))))
                .isEqualTo(Reason.STORAGE_UNAVAILABLE);
        world.settle();
        assertThat(told).containsExactly("DURABLE@0", "DURABLE@1 STORAGE_UNAVAILABLE", "WRITTEN@2");
        assertThat(world.leadership)
                .containsExactly("won 0 epoch 0", "lost 0 STORAGE_UNAVAILABLE", "won 0 epoch 1");
        assertThat(log.logEndOffset()).isEqualTo(1);
        assertThat(world.append(log, Batches.of("e")).baseOffset()).isEqualTo(1);
        assertThat(log.endOffsetOf(0)).isEqualTo(new EpochEnd(0, 1));
        assertThat(world.metrics.count("mortise_partition_lost_offsets_total")).isZero();
    }

    @Test
    void whatMemoryAcknowledgedOutlivesAFailedRound() {
        world.topic.with(Durability.MEMORY);
        PartitionLog log = world.open(0);
        world.append(log, AckLevel.DURABLE, Batches.by(3, 0, 0, "a"), told);
        world.engine.failNext(Failure.APPEND, 1);
        world.round();
        world.append(log, AckLevel.DURABLE, Batches.by(3, 0, 1, "b"), told);
        world.settle();
        assertThat(told).containsExactly("DURABLE@0");
        assertThat(log.leaderEpoch()).isEqualTo(1);
        assertThat(log.highWatermark()).isEqualTo(1);
        assertThat(world.append(log, Batches.by(3, 0, 1, "b")).baseOffset()).isEqualTo(1);
        world.settle();
        world.scheduler.advanceNanos(120_000_000_000L);
        assertThat(world.read(log, 0, Visibility.COMMITTED)).containsExactly(0L, 1L);
        assertThat(world.metrics.gauge("mortise_partition_unwritten_bytes")).isZero();
    }

    @Test
    void anEngineThatKeepsFailingIsNotTriedWithoutPause() {
        PartitionLog log = world.open(0);
        world.engine.failNext(Failure.FORCE, 1_000_000);
        for (int i = 0; i < 100; i++) {
            world.append(log, AckLevel.DURABLE, Batches.of("a"), told);
            world.settle();
            world.scheduler.advanceNanos(10_000_000L);
        }
        assertThat(world.metrics.count("mortise_partition_failed_rounds_total")).isBetween(3L, 6L);
        world.engine.failNext(Failure.FORCE, 0);
        world.scheduler.advanceNanos(10_000_000_000L);
        world.append(log, AckLevel.DURABLE, Batches.of("a"), told);
        world.settle();
        assertThat(told).endsWith("DURABLE@0");
    }

    @Test
    void callbacksThatAppendLeaveOthersTheirTurn() {
        PartitionLog log = world.open(0);
        List<String> order = new ArrayList<>();
        appendAgain(log, order, 2_000);
        world.loop.execute(() -> order.add("other"));
        world.loop.run();
        assertThat(order).hasSize(2_001);
        assertThat(order.indexOf("other")).isLessThan(1_000);
    }

    private void appendAgain(PartitionLog log, List<String> order, int left) {
        if (left > 0) {
            AppendResult result =
                    log.append(
                            Batches.of("a"),
                            -1,
                            Origin.CLIENT,
                            AckLevel.SEQUENCED,
                            world.loop,
                            it -> {
                                order.add("told");
                                appendAgain(log, order, left - 1);
                            });
            assertThat(result.refusal()).isNull();
        }
    }

    @Test
    void everyLogOfAFailedRoundLeaves() {
        PartitionLog one = world.open(0);
        PartitionLog two = world.open(1);
        PartitionLog quiet = world.open(2);
        world.engine.failNext(Failure.APPEND, 1);
        world.append(one, AckLevel.DURABLE, Batches.of("a"), told);
        world.append(two, AckLevel.DURABLE, Batches.of("b"), told);
        world.settle();
        assertThat(told)
                .containsExactly("DURABLE@0 STORAGE_UNAVAILABLE", "DURABLE@0 STORAGE_UNAVAILABLE");
        assertThat(one.leaderEpoch()).isEqualTo(1);
        assertThat(two.leaderEpoch()).isEqualTo(1);
        assertThat(quiet.leaderEpoch()).isZero();
        assertThat(world.append(two, Batches.of("c")).baseOffset()).isZero();
        world.settle();
        assertThat(world.read(two, 0, Visibility.COMMITTED)).containsExactly(0L);
    }

    @Test
    void aDefectOfTheEngineIsAFailedRoundToo() {
        PartitionLog log = world.open(0);
        world.engine.failNext(Failure.DEFECT, 1);
        world.append(log, AckLevel.DURABLE, Batches.of("a"), told);
        world.settle();
        assertThat(told).containsExactly("DURABLE@0 STORAGE_UNAVAILABLE");
        assertThat(world.append(log, Batches.of("b")).baseOffset()).isZero();
    }

    @Test
    void reopeningIsTriedAgainWithPatience() {
        PartitionLog log = world.open(0);
        world.engine.failNext(Failure.FLUSH, 1);
        world.append(log, AckLevel.DURABLE, Batches.of("a"), told);
        world.round();
        world.engine.failNext(Failure.OPEN, 3);
        world.settle();
        assertThat(reason(world.append(log, Batches.of("b"))))
                .isEqualTo(Reason.STORAGE_UNAVAILABLE);
        assertThatThrownBy(() -> world.fetch(log, 0, 100, Visibility.COMMITTED))
                .hasMessageContaining("STORAGE_UNAVAILABLE");
        world.scheduler.advanceNanos(2_000_000_000L);
        assertThat(world.append(log, Batches.of("b")).refusal()).isNull();
    }

    @Test
    void givesUpReopeningInTheEnd() {
        PartitionLog log = world.open(0);
        world.engine.failNext(Failure.FLUSH, 1);
        world.append(log, Batches.of("a"));
        world.round();
        world.engine.failNext(Failure.OPEN, 1000);
        world.scheduler.advanceNanos(1_000_000_000_000L);
        assertThat(reason(world.append(log, Batches.of("b")))).isEqualTo(Reason.STORAGE_FAILED);
    }

    @Test
    void aPartitionWithoutItsEngineRefusesUntilItComes() {
        var late = new HandDriven();
        PartitionLog log = late.open(0);
        assertThat(reason(late.append(log, Batches.of("a")))).isEqualTo(Reason.STORAGE_UNAVAILABLE);
        late.withEngine();
        late.settle();
        assertThat(late.append(log, Batches.of("a")).refusal()).isNull();
        late.close();
    }

    static Reason reason(AppendResult result) {
        var refusal = result.refusal();
        assertThat(refusal).isNotNull();
        assertThat(result.baseOffset()).isEqualTo(-1);
        return refusal.reason();
    }
}
