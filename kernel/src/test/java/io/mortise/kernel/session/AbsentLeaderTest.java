// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.kernel.session.MemoryTopics.MemoryTopic;
import io.mortise.spi.broker.Session.End;

import org.junit.jupiter.api.Test;

import java.util.List;

/** A subscription begins at the end that a partition has then, though nobody can tell it. */
class AbsentLeaderTest {
    private final World world = new World(9);
    private final MemoryTopic topic = world.topics.add("t", 1);
    private final Client publisher = world.connected("p");

    private Client kept() {
        return world.connected("c", false, 3600, 100);
    }

    private void oneLoop() {
        world.loops.subList(1, world.loops.size()).clear();
    }

    private void publish(String... payloads) {
        for (String payload : payloads) {
            publisher.publish("t", payload, 1);
        }
        world.run(20);
    }

    /** A session that subscribed to a topic with a past but without a leader. */
    private Client subscribed() {
        publish("old", "older");
        topic.unlead();
        Client client = kept();
        client.subscribe("t/#", 1);
        client.subscribe("#", 1);
        return client;
    }

    @Test
    void whoStaysConnectedGetsWhatComesAfterwards() {
        Client client = subscribed();
        Client live = world.connected("live");
        live.subscribe("t", 1);
        topic.lead();
        publisher.publish("t", "first", 1);
        publish("second");
        world.run(200);
        assertThat(client.payloads()).containsExactly("first", "second");
        assertThat(live.payloads()).containsExactly("first", "second");
    }

    @Test
    void whoWasAwayGetsWhatCameAfterTheLeaderCameBack() {
        subscribed().close(End.NORMAL);
        world.run(50);
        topic.lead();
        publish("first");
        topic.unlead();
        world.run(50);
        topic.lead();
        publish("second");
        Client client = kept();
        world.run(200);
        assertThat(client.payloads()).containsExactly("first", "second");
    }

    @Test
    void whoWasAwayWhileTheBrokerStartedAgainGetsThatToo() {
        subscribed().close(End.NORMAL);
        world.run(50);
        world.crash();
        topic.lead();
        Client late = world.connected("late");
        late.publish("t", "first", 1);
        world.run(50);
        world.crash();
        Client client = kept();
        world.run(200);
        assertThat(client.payloads()).containsExactly("first");
    }

    @Test
    void whoComesBackBeforeTheLeaderDoesWaits() {
        subscribed().close(End.NORMAL);
        Client client = kept();
        world.run(200);
        topic.lead();
        publisher.publish("t", "first", 1);
        publish("second");
        world.run(200);
        assertThat(client.payloads()).containsExactly("first", "second");
        client.close(End.NORMAL);
        client = kept();
        world.run(200);
        assertThat(client.payloads()).isEmpty();
    }

    @Test
    void anotherSubscriptionThatFindsTheLeaderTakesNothingAway() {
        oneLoop();
        Client client = subscribed();
        topic.lead();
        publisher.publish("t", "x", 1);
        Client other = world.connect("other");
        world.scheduler.runReady();
        other.session().start();
        other.session().subscribe(List.of(World.subscription("t", 1)), refusals -> {});
        world.run(200);
        assertThat(client.payloads()).containsExactly("x");
        assertThat(other.payloads()).isEmpty();
    }

    @Test
    void aTopicMadeMeanwhileIsReadFromItsStart() {
        Client client = subscribed();
        client.close(End.NORMAL);
        MemoryTopic other = world.topics.add("u", 1);
        publisher.publish("u", "first", 1);
        world.run(50);
        other.unlead();
        client = kept();
        world.run(100);
        other.lead();
        world.run(200);
        assertThat(client.payloads()).containsExactly("first");
    }

    @Test
    void anEndThatIsCutTakesNothingAway() {
        MemoryPartition partition = topic.partitions().getFirst();
        oneLoop();
        world.connected("live").subscribe("t", 1); // the feed is open
        Client client = kept();
        partition.forceNanos = 40_000_000;
        publisher.publish("t", "cut", 1);
        publisher.publish("t", "cut", 1);
        world.scheduler.runReady();
        client.subscribe("t", 1);
        partition.failWrite();
        world.run(50);
        publish("first", "second");
        world.run(200);
        assertThat(client.payloads()).containsExactly("first", "second");
    }

    @Test
    void anEndThatTheCrashTookBackTakesNothingAway() {
        MemoryPartition partition = topic.partitions().getFirst();
        Client client = kept();
        partition.forceNanos = 40_000_000;
        publisher.publish("t", "cut", 1);
        publisher.publish("t", "cut", 1);
        world.scheduler.runReady();
        client.subscribe("t", 1);
        assertThat(client.refused).isNull();
        world.crash();
        Client late = world.connected("late");
        late.publish("t", "first", 1);
        late.publish("t", "second", 1);
        world.run(100);
        client = kept();
        world.run(200);
        assertThat(client.payloads()).containsExactly("first", "second");
    }
}
