// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.kernel.record.TransactionMarker;
import io.mortise.spi.Reason;
import io.mortise.spi.broker.AckLevel;
import io.mortise.spi.broker.Partition.AbortedTransaction;
import io.mortise.spi.broker.Partition.AppendResult;
import io.mortise.spi.broker.Partition.Origin;
import io.mortise.spi.broker.Partition.Visibility;
import io.mortise.spi.record.BatchHeader;
import io.netty.buffer.ByteBuf;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The partition's share of transactions: what is open, what was aborted, who may end it. */
final class TransactionTest {
    private final HandDriven world = new HandDriven().withEngine();
    private PartitionLog log = world.open(0);

    @BeforeEach
    void begin() {
        world.settle();
    }

    @AfterEach
    void giveMemoryBack() {
        world.close();
    }

    private AppendResult write(long producer, int epoch, int sequence, String... values) {
        return world.append(log, transactional(Batches.by(producer, epoch, sequence, values)));
    }

    private static ByteBuf transactional(ByteBuf batch) {
        batch.setShort(BatchHeader.ATTRIBUTES, BatchHeader.TRANSACTIONAL);
        batch.setInt(BatchHeader.CRC, Batches.crc(batch.nioBuffer()));
        return batch;
    }

    private AppendResult end(long producer, int epoch, boolean commit) {
        return end(producer, epoch, commit, 0, 0);
    }

    private AppendResult end(
            long producer, int epoch, boolean commit, int coordinator, int version) {
        return log.endTransaction(
                new TransactionMarker(producer, (short) epoch, commit, coordinator),
                version,
                -1,
                AckLevel.DURABLE,
                world.loop,
                null);
    }

    @Test
    void theStableEndStopsAtTheFirstOpenTransaction() {
        world.append(log, Batches.of("a"));
        write(4, 0, 0, "b");
        write(5, 0, 0, "c");
        world.settle();
        assertThat(log.highWatermark()).isEqualTo(3);
        assertThat(log.lastStableOffset()).isEqualTo(1);
        assertThat(world.read(log, 0, Visibility.STABLE)).containsExactly(0L);
        assertThat(world.read(log, 0, Visibility.COMMITTED)).containsExactly(0L, 1L, 2L);
        end(4, 0, true);
        assertThat(log.lastStableOffset()).isEqualTo(1); // the marker is not durable yet
        world.settle();
        assertThat(log.lastStableOffset()).isEqualTo(2);
        end(5, 0, false);
        world.settle();
        assertThat(log.lastStableOffset()).isEqualTo(5);
        assertThat(log.abortedTransactions(0, 5)).containsExactly(new AbortedTransaction(5, 2));
        assertThat(log.abortedTransactions(0, 2)).isEmpty();
        assertThat(log.abortedTransactions(5, 9)).isEmpty();
    }

    @Test
    void aMarkerOfNothingMovesNothing() {
        assertThat(end(4, 0, false).endOffset()).isEqualTo(1);
        world.settle();
        assertThat(log.lastStableOffset()).isEqualTo(1);
        assertThat(log.abortedTransactions(0, 9)).isEmpty();
    }

    @Test
    void markersFenceOlderEpochsAndCoordinators() {
        write(4, 1, 0, "a");
        assertThat(PartitionLogTest.reason(end(4, 0, true))).isEqualTo(Reason.FENCED_PRODUCER);
        assertThat(end(4, 2, true, 7, 0).refusal()).isNull();
        assertThat(PartitionLogTest.reason(end(4, 2, true, 6, 0)))
                .isEqualTo(Reason.FENCED_COORDINATOR);
        assertThat(PartitionLogTest.reason(write(4, 1, 1, "b"))).isEqualTo(Reason.FENCED_PRODUCER);
        assertThat(write(4, 2, 0, "c").refusal()).isNull();
    }

    @Test
    void aMarkerOfTheSecondVersionRaisesTheEpoch() {
        write(4, 1, 0, "a");
        assertThat(PartitionLogTest.reason(end(4, 1, true, 0, 2)))
                .isEqualTo(Reason.FENCED_PRODUCER);
        assertThat(end(4, 2, true, 0, 2).refusal()).isNull();
        assertThat(end(4, 2, true, 0, 2).refusal()).isNull(); // sent again
        assertThat(write(4, 2, 0, "b").refusal()).isNull();
    }

    @Test
    void nothingElseIsWrittenInsideOfATransaction() {
        write(4, 0, 0, "a");
        AppendResult outside = world.append(log, Batches.by(4, 0, 1, "b"));
        assertThat(PartitionLogTest.reason(outside)).isEqualTo(Reason.INVALID_TRANSACTION);
        assertThat(write(4, 0, 1, "b").refusal()).isNull();
    }

    @Test
    void nobodyAppendsControlBatchesAsData() {
        ByteBuf marker = new TransactionMarker(4, (short) 0, true, 0).batch(1);
        for (Origin origin : Origin.values()) {
            AppendResult result =
                    log.append(marker, -1, origin, AckLevel.DURABLE, world.loop, null);
            assertThat(PartitionLogTest.reason(result)).isEqualTo(Reason.INVALID_REQUEST);
        }
    }

    @Test
    void theBrokerWritesIntoTransactionsWithoutSequence() {
        ByteBuf offsets = transactional(Batches.by(4, 0, -1, "a", "b"));
        assertThat(log.append(offsets, -1, Origin.BROKER, AckLevel.DURABLE, world.loop, null))
                .extracting(AppendResult::endOffset)
                .isEqualTo(2L);
        assertThat(PartitionLogTest.reason(world.append(log, offsets)))
                .isEqualTo(Reason.INVALID_REQUEST);
        assertThat(log.append(offsets, -1, Origin.BROKER, AckLevel.DURABLE, world.loop, null))
                .extracting(AppendResult::duplicate)
                .isEqualTo(false);
        world.settle();
        assertThat(log.lastStableOffset()).isZero();
    }

    @Test
    void areFoundAgainInTheStateFile() {
        write(4, 0, 0, "a");
        end(4, 0, false);
        write(5, 0, 0, "b");
        world.settle(world.host.close(world.id(0)));
        world.restart();
        log = world.open(0);
        checkReopened();
    }

    @Test
    void areRebuiltFromTheLog() {
        write(4, 0, 0, "a");
        end(4, 0, false);
        write(5, 0, 0, "b");
        world.settle();
        world.crash();
        log = world.open(0);
        checkReopened();
    }

    private void checkReopened() {
        assertThat(log.lastStableOffset()).isEqualTo(2);
        assertThat(log.abortedTransactions(0, 9)).containsExactly(new AbortedTransaction(4, 0));
        assertThat(write(4, 0, 1, "c").refusal()).isNull();
        end(4, 0, true);
        end(5, 0, true);
        world.settle();
        assertThat(log.lastStableOffset()).isEqualTo(log.highWatermark()).isEqualTo(6);
    }

    @Test
    void whatAFailedRoundHeldIsNotOpen() {
        write(5, 0, 0, "kept");
        world.settle();
        world.engine.failNext(MemoryEngine.Failure.FORCE, 1);
        end(5, 0, false);
        write(6, 0, 0, "lost");
        world.settle();
        assertThat(log.logEndOffset()).isEqualTo(1);
        assertThat(log.lastStableOffset()).isZero();
        assertThat(log.abortedTransactions(0, 9)).isEmpty();
        end(5, 0, true);
        world.settle();
        assertThat(log.lastStableOffset()).isEqualTo(2);
    }

    @Test
    void retentionForgetsWhatIsGone() {
        write(4, 0, 0, "a");
        end(4, 0, false);
        write(5, 0, 0, "b");
        world.append(log, Batches.of("c"));
        world.settle();
        log.advanceStart(3, world.loop, refusal -> assertThat(refusal).isNull());
        world.settle();
        assertThat(log.abortedTransactions(0, 9)).isEmpty();
        assertThat(log.lastStableOffset()).isEqualTo(3);
    }
}
