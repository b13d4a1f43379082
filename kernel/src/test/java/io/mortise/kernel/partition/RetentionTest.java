// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.spi.broker.Partition;
import io.mortise.spi.broker.RetentionHold;
import io.mortise.spi.broker.RetentionHold.Policy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** What retention lets go, and who may keep it from that. */
final class RetentionTest {
    private static final long MINUTE = 60_000_000_000L;

    private final HandDriven world = new HandDriven().withEngine();
    private final List<String> told = new ArrayList<>();
    private CompletableFuture<Void> answer = CompletableFuture.completedFuture(null);
    private final PartitionLog log;

    RetentionTest() {
        world.topic.with("retention.records", "10");
        log = world.open(0);
        for (int i = 0; i < 30; i++) {
            world.append(log, Batches.of("v" + i));
        }
        world.settle();
    }

    @AfterEach
    void giveMemoryBack() {
        world.close();
    }

    private RetentionHold hold(long offset, Policy policy) {
        return log.hold(offset, policy, this::leaves);
    }

    private CompletionStage<Void> leaves(Partition partition, long from, long to) {
        told.add(from + "-" + to);
        return answer;
    }

    private void later() {
        world.scheduler.advanceNanos(MINUTE);
        world.settle();
    }

    @Test
    void keepsSoManyRecords() {
        later();
        assertThat(log.logStartOffset()).isEqualTo(20);
        world.append(log, Batches.of("a", "b", "c"));
        world.settle();
        later();
        assertThat(log.logStartOffset()).isEqualTo(23);
    }

    @Test
    void aPinIsWaitedFor() {
        RetentionHold pin = hold(5, Policy.PIN);
        hold(8, Policy.PIN);
        later();
        assertThat(log.logStartOffset()).isEqualTo(5);
        pin.moveTo(15);
        pin.moveTo(7);
        later();
        assertThat(log.logStartOffset()).isEqualTo(8);
        assertThat(told).isEmpty();
    }

    @Test
    void aPinThatIsClosedHoldsNothing() {
        RetentionHold pin = hold(5, Policy.PIN);
        later();
        pin.close();
        later();
        assertThat(log.logStartOffset()).isEqualTo(20);
    }

    @Test
    void theOldestIsDroppedAndItsHolderTold() {
        hold(5, Policy.DROP_OLDEST);
        hold(25, Policy.DROP_OLDEST);
        later();
        assertThat(log.logStartOffset()).isEqualTo(20);
        assertThat(told).containsExactly("5-20");
        assertThat(world.metrics.count("mortise_partition_overtaken_holds_total")).isEqualTo(1);
        later();
        assertThat(told).hasSize(1);
    }

    @Test
    void aRescueIsWaitedFor() {
        answer = new CompletableFuture<>();
        hold(5, Policy.RESCUE);
        later();
        assertThat(told).containsExactly("5-20");
        assertThat(log.logStartOffset()).isEqualTo(5);
        later();
        assertThat(told).hasSize(1);
        answer.complete(null);
        later();
        assertThat(log.logStartOffset()).isEqualTo(20);
        assertThat(told).hasSize(1);
    }

    @Test
    void aRescueThatFailsIsAskedForAgain() {
        answer = CompletableFuture.failedFuture(new IllegalStateException("no room"));
        hold(5, Policy.RESCUE);
        later();
        assertThat(log.logStartOffset()).isEqualTo(5);
        answer = CompletableFuture.completedFuture(null);
        later();
        assertThat(told.getLast()).isEqualTo("5-20");
        later();
        assertThat(log.logStartOffset()).isEqualTo(20);
    }

    @Test
    void whoDeletesOnPurposeIsNotHeld() {
        hold(5, Policy.PIN);
        log.advanceStart(12, world.loop, refusal -> assertThat(refusal).isNull());
        world.settle();
        assertThat(log.logStartOffset()).isEqualTo(12);
        assertThat(told).containsExactly("5-12");
    }
}
