// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.spi.Refusal;
import io.mortise.spi.broker.Session.End;
import io.mortise.spi.broker.Sessions.Will;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;

/** What was promised is still there after the process died. */
class SessionCrashTest {
    private final World world = new World(3);

    @Test
    void unacknowledgedMessagesComeAgainAlthoughLaterOnesWereAcknowledged() {
        world.topics.add("t", 1);
        Client first = world.connected("c", false, 3600, 10);
        first.answers = false;
        first.subscribe("t", 1);
        Client publisher = world.connected("p");
        for (int i = 0; i < 5; i++) {
            publisher.publish("t", "" + i, 1);
        }
        world.run(1_500);
        first.session().acknowledge(first.got.get(2).id());
        world.run(50);
        world.crash();
        Client second = world.connected("c", false, 3600, 10);
        world.run(100);
        assertThat(second.payloads()).contains("0", "1", "3", "4");
    }

    @Test
    void subscriptionsAndBacklogSurvive() {
        Client first = world.connected("c", false, 3600, 10);
        first.subscribe("t/#", 1);
        first.subscribe("gone/#", 1);
        first.unsubscribe("gone/#");
        Client publisher = world.connected("p");
        for (int i = 0; i < 100; i++) {
            publisher.publish("t/a", "" + i, 1);
        }
        first.full = true;
        world.run(100);
        assertThat(publisher.answered).isEqualTo(100);
        world.crash();
        Client second = world.connected("c", false, 3600, 10);
        assertThat(second.session().present()).isTrue();
        world.run(500);
        assertThat(second.payloads())
                .isEqualTo(IntStream.range(0, 100).mapToObj(Integer::toString).toList());
        Client late = world.connected("p");
        late.publish("gone/a", "no", 1);
        late.publish("t/b", "yes", 1);
        world.run(100);
        assertThat(second.payloads()).contains("yes").doesNotContain("no");
    }

    @Test
    void aForgottenSessionStaysForgotten() {
        Client first = world.connected("c", false, 3600, 10);
        first.subscribe("t", 1);
        first.session().close(End.NORMAL);
        Client clean = world.connect("c", true, 0, 10, null);
        world.run(50);
        assertThat(clean.session().present()).isFalse();
        world.crash();
        assertThat(world.connected("c", false, 3600, 10).session().present()).isFalse();
    }

    @Test
    void retainedMessagesSurvive() {
        Client publisher = world.connected("p");
        publisher.publish(World.message("t/a", "old", 1, true, -1));
        publisher.publish(World.message("t/a", "kept", 1, true, -1));
        publisher.publish(World.message("t/b", "cleared", 1, true, -1));
        publisher.publish(World.message("t/b", "", 1, true, -1));
        world.run(100);
        assertThat(publisher.answered).isEqualTo(4);
        world.crash();
        Client subscriber = world.connected("s");
        subscriber.subscribe("#", 1);
        world.run(100);
        assertThat(subscriber.payloads()).containsExactly("kept");
    }

    @Test
    void theWillOfAKeptSessionIsPublishedAfterTheStart() {
        Client keeper = world.connected("s", false, 3600, 10);
        keeper.subscribe("will", 1);
        Will will = new Will(World.message("will", "gone", 1), 2);
        world.connect("c", false, 3600, 10, will);
        world.run(100);
        world.crash();
        Client subscriber = world.connected("s", false, 3600, 10);
        world.run(1_000);
        assertThat(subscriber.got).isEmpty();
        world.run(5_000);
        assertThat(subscriber.payloads()).containsExactly("gone");
        world.crash();
        world.run(5_000);
        assertThat(world.connected("s", false, 3600, 10).got).isEmpty();
    }

    @Test
    void aConnectionThatTheCrashEndedExpires() {
        world.connected("c", false, 10, 10);
        world.run(50);
        world.crash();
        world.run(12_000);
        assertThat(world.connected("c", false, 10, 10).session().present()).isFalse();
    }

    @Test
    void compactionBoundsTheReplayAndLosesNothing() {
        MemoryTopics.MemoryTopic log =
                Objects.requireNonNull(world.topics.named("__mortise_sessions"));
        for (int i = 0; i < 30; i++) {
            Client client = world.connected("c" + i, false, 3600, 10);
            client.subscribe("t/" + "long/".repeat(40) + i, 1);
            client.subscribe("t/#", 1);
            for (int k = 0; k < 300; k++) {
                client.session().updateExpiry(3600 + k);
            }
            client.session().close(End.NORMAL);
        }
        Client churn = world.connected("churn", false, 3600, 10);
        for (int k = 0; k < 20_000; k++) {
            churn.session().updateExpiry(3600 + k);
        }
        for (int k = 0; k < 3_000; k++) {
            churn.subscribe("x/" + "long/".repeat(60), 1);
        }
        world.run(30_000);
        assertThat(log.partitions().stream().mapToInt(MemoryPartition::valueCount).sum())
                .isGreaterThan(30_000);
        log.partitions().forEach(MemoryPartition::compactKeys);
        assertThat(log.partitions().stream().mapToInt(MemoryPartition::valueCount).sum())
                .isLessThan(500);
        Client publisher = world.connected("p");
        publisher.publish("t/a", "x", 1);
        world.run(100);
        world.crash();
        for (int i = 0; i < 30; i++) {
            Client client = world.connected("c" + i, false, 3600, 10);
            assertThat(client.session().present()).isTrue();
            world.run(50);
            assertThat(client.payloads()).containsExactly("x");
        }
        assertThat(world.connected("churn", false, 3600, 10).session().present()).isTrue();
    }

    @Test
    void whatWaitsForItsPartitionIsNotLost() {
        MemoryTopics.MemoryTopic topic = world.topics.add("t", 1);
        Client first = world.connected("c", false, 3600, 10);
        first.answers = false;
        first.subscribe("t", 1);
        Client publisher = world.connected("p");
        publisher.publish("t", "0", 1);
        publisher.publish("t", "1", 1);
        world.run(50);
        first.session().close(End.ABNORMAL);
        publisher.publish("t", "2", 1);
        world.run(50);
        world.crash();
        topic.unlead();
        Client second = world.connected("c", false, 3600, 10);
        world.run(300);
        assertThat(second.got).isEmpty();
        topic.lead();
        world.run(300);
        assertThat(second.payloads()).containsExactly("0", "1", "2");
    }

    @Test
    void aFailedWriteTakesBackWhatWasNotConfirmed() {
        Client kept = world.connected("c", false, 3600, 10);
        kept.subscribe("t/#", 1);
        Client publisher = world.connected("p");
        publisher.publish(World.message("t/a", "kept", 1, true, -1));
        world.run(100);
        List<@Nullable Refusal> answer = new ArrayList<>();
        kept.session().subscribe(List.of(World.subscription("lost/#", 1)), answer::addAll);
        publisher.publish(World.message("t/a", "lost", 1, true, -1));
        world.scheduler.runReady();
        for (MemoryTopics.MemoryTopic topic : world.topics.every()) {
            topic.partitions().forEach(MemoryPartition::failWrite);
        }
        world.run(100);
        assertThat(answer.getFirst()).isNotNull();
        assertThat(publisher.refused).isNotNull();
        kept.session().updateExpiry(4000);
        publisher.publish(World.message("t/b", "x", 1, true, -1));
        publisher.publish(World.message("t/a", "y", 1, true, -1));
        world.run(200);
        assertThat(kept.closed).isNotNull();
        Client again = world.connected("c", false, 3600, 10);
        assertThat(again.session().present()).isTrue();
        publisher.publish(World.message("t/a", "after", 1, true, -1));
        publisher.publish("lost/a", "no", 1);
        world.run(200);
        assertThat(again.payloads()).contains("after").doesNotContain("lost", "no");
        Client fresh = world.connected("fresh");
        fresh.subscribe("t/a", 1);
        world.run(100);
        assertThat(fresh.payloads()).containsExactly("after");
    }

    @Test
    void aRepeatIsKnownThoughCompactionTookItsRecord() {
        MemoryTopics.MemoryTopic topic = world.topics.add("t", 1);
        topic.cleanup = "compact";
        MemoryPartition partition = topic.partitions().getFirst();
        List<@Nullable Refusal> answers = new ArrayList<>();
        Client first = world.connected("c", false, 3600, 10);
        first.session().publishExactlyOnce(1, World.message("t", "first", 2), answers::add);
        world.run(100);
        world.connected("p").publish("t", "second", 1);
        world.run(100);
        partition.compactAway(0);
        world.crash();
        Client second = world.connected("c", false, 3600, 10);
        second.session().publishExactlyOnce(1, World.message("t", "first", 2), answers::add);
        world.run(100);
        assertThat(answers).containsExactly(null, null);
        assertThat(partition.logEndOffset()).isEqualTo(2);
    }

    @Test
    void liveSubscribersFollowALogThatWasCut() {
        MemoryPartition partition = world.topics.add("t", 1).partitions().getFirst();
        Client publisher = world.connected("p");
        publisher.publish("t", "1", 1);
        world.run(50);
        publisher.publish("t", "cut", 1);
        world.scheduler.runReady();
        Client subscriber = world.connect("s");
        world.scheduler.runReady();
        subscriber.session().start();
        subscriber.session().subscribe(List.of(World.subscription("t", 1)), refusals -> {});
        world.scheduler.runReady();
        partition.failWrite();
        world.run(50);
        publisher.publish("t", "2", 1);
        publisher.publish("t", "3", 1);
        world.run(50);
        assertThat(subscriber.payloads()).containsExactly("2", "3");
    }
}
