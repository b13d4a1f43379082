// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.kernel.partition.MemoryEngine.Failure;
import io.mortise.spi.Reason;
import io.mortise.spi.broker.AckLevel;
import io.mortise.spi.broker.Partition.AppendResult;
import io.netty.buffer.Unpooled;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

/** KIP-98: what a broker promises to a producer with sequence numbers. */
final class IdempotenceTest {
    private static final long DAY = 86_400_000_000_000L;

    private final HandDriven world = new HandDriven().withEngine();
    private PartitionLog log;

    @BeforeEach
    void open() {
        log = world.open(0);
    }

    @AfterEach
    void giveMemoryBack() {
        world.close();
    }

    private AppendResult append(int epoch, int sequence, String... values) {
        return world.append(log, Batches.by(9, epoch, sequence, values));
    }

    private Reason refused(int epoch, int sequence) {
        long end = log.logEndOffset();
        AppendResult result = append(epoch, sequence, "x");
        assertThat(log.logEndOffset()).isEqualTo(end);
        return PartitionLogTest.reason(result);
    }

    @Test
    void answersADuplicateWithTheEarlierOffsets() {
        append(0, 0, "a", "b");
        append(0, 2, "c");
        assertThat(append(0, 0, "a", "b")).isEqualTo(new AppendResult(0, 2, -1, true, null));
        assertThat(append(0, 2, "c")).isEqualTo(new AppendResult(2, 3, -1, true, null));
        assertThat(log.logEndOffset()).isEqualTo(3);
    }

    @Test
    void remembersFiveBatches() {
        for (int i = 0; i < 7; i++) {
            append(0, i, "v");
        }
        assertThat(append(0, 2, "v").duplicate()).isTrue();
        assertThat(refused(0, 1)).isEqualTo(Reason.DUPLICATE_SEQUENCE);
    }

    @Test
    void refusesAGap() {
        append(0, 0, "a");
        assertThat(refused(0, 2)).isEqualTo(Reason.OUT_OF_ORDER_SEQUENCE);
        assertThat(append(0, 1, "b").refusal()).isNull();
    }

    @Test
    void aNewEpochStartsAtZero() {
        append(0, 0, "a");
        assertThat(refused(1, 1)).isEqualTo(Reason.OUT_OF_ORDER_SEQUENCE);
        assertThat(append(1, 0, "b").refusal()).isNull();
        assertThat(refused(0, 1)).isEqualTo(Reason.FENCED_PRODUCER);
        assertThat(append(1, 1, "c").refusal()).isNull();
    }

    @Test
    void anUnknownProducerStartsAtZero() {
        assertThat(refused(0, 5)).isEqualTo(Reason.UNKNOWN_PRODUCER);
        assertThat(append(0, 0, "a").refusal()).isNull();
    }

    @Test
    void sequencesWrap() {
        var states = new ProducerStates();
        states.remember(9, (short) 0, Integer.MAX_VALUE - 1, 1, 10, -1, 0);
        assertThat(states.judge(9, (short) 0, 0, 0, false))
                .isEqualTo(ProducerStates.Verdict.IN_ORDER);
        assertThat(states.judge(9, (short) 0, 1, 0, false))
                .isEqualTo(ProducerStates.Verdict.OUT_OF_ORDER);
        states.remember(9, (short) 0, 0, 2, 12, -1, 0);
        assertThat(states.judge(9, (short) 0, Integer.MAX_VALUE - 1, 1, false))
                .isEqualTo(ProducerStates.Verdict.DUPLICATE);
        assertThat(states.judge(9, (short) 0, Integer.MAX_VALUE - 5, 1, false))
                .isEqualTo(ProducerStates.Verdict.FORGOTTEN_DUPLICATE);
        assertThat(states.judge(9, (short) 0, 3, 0, false))
                .isEqualTo(ProducerStates.Verdict.IN_ORDER);
    }

    @Test
    void aRefusalForOtherReasonsConsumesNoSequence() {
        world.engine.failNext(Failure.FORCE, 1);
        append(0, 0, "a");
        world.settle();
        assertThat(log.logEndOffset()).isZero();
        assertThat(refused(0, 1)).isEqualTo(Reason.UNKNOWN_PRODUCER);
        assertThat(append(0, 0, "a").baseOffset()).isZero();
    }

    @Test
    void aDuplicateIsToldWhenTheFirstOneIsDurable() {
        List<String> told = new ArrayList<>();
        append(0, 0, "a");
        world.append(log, AckLevel.DURABLE, Batches.by(9, 0, 0, "a"), told);
        world.loop.run();
        assertThat(told).isEmpty();
        world.settle();
        assertThat(told).hasSize(1);
        world.append(log, AckLevel.DURABLE, Batches.by(9, 0, 0, "a"), told);
        world.loop.run();
        assertThat(told).hasSize(2);
    }

    @Test
    void takesOneBatchAtATime() {
        var two = Unpooled.wrappedBuffer(Batches.by(9, 0, 0, "a"), Batches.by(9, 0, 1, "b"));
        assertThat(PartitionLogTest.reason(world.append(log, two)))
                .isEqualTo(Reason.INVALID_REQUEST);
    }

    @Test
    void isForgottenAfterADayOfSilence() {
        append(0, 0, "a");
        world.settle();
        world.scheduler.advanceNanos(DAY / 2);
        assertThat(append(0, 1, "b").refusal()).isNull();
        world.settle();
        world.scheduler.advanceNanos(DAY - 60_000_000_000L);
        assertThat(append(0, 2, "c").refusal()).isNull();
        world.settle();
        world.scheduler.advanceNanos(DAY + 60_000_000_000L);
        assertThat(refused(0, 3)).isEqualTo(Reason.UNKNOWN_PRODUCER);
    }

    @Test
    void surviveACleanRestart() {
        append(3, 0, "a");
        append(3, 1, "b");
        world.settle(world.host.close(world.id(0)));
        assertThat(world.files.files()).anyMatch(name -> name.startsWith("3/"));
        world.restart();
        log = world.open(0);
        assertThat(append(3, 1, "b")).isEqualTo(new AppendResult(1, 2, -1, true, null));
        assertThat(append(3, 2, "c").baseOffset()).isEqualTo(2);
    }

    @Test
    void areRebuiltAfterACrash() {
        append(3, 0, "a");
        append(3, 1, "b");
        world.settle();
        append(3, 2, "never durable");
        world.crash();
        log = world.open(0);
        assertThat(log.logEndOffset()).isEqualTo(2);
        assertThat(append(3, 1, "b").duplicate()).isTrue();
        assertThat(append(3, 2, "c").baseOffset()).isEqualTo(2);
    }
}
