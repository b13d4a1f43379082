// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.session;

import static io.netty.buffer.UnpooledByteBufAllocator.DEFAULT;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.kernel.delivery.LoopTurn;
import io.mortise.kernel.session.MemoryTopics.MemoryTopic;
import io.mortise.spi.Reason;
import io.mortise.spi.Refusal;
import io.mortise.spi.broker.Session.End;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** One partition alone fails or is full, and connections change meanwhile. */
class SessionFaultsTest {
    private final World world = new World(5);
    private final List<@Nullable Refusal> answers = new ArrayList<>();

    private Client kept(String id) {
        return world.connected(id, false, 3600, 10);
    }

    /** Connects as often as it takes: the first one to append to a failed log finds that out. */
    private Client again(String id) {
        Client client = world.connect(id, false, 3600, 10, null);
        world.run(100);
        for (int i = 0; i < 5 && !client.connected(); i++) {
            client = world.connect(id, false, 3600, 10, null);
            world.run(100);
        }
        client.session().start();
        return client;
    }

    private void publishExactlyOnce(Client client, int id, String payload) {
        client.session().publishExactlyOnce(id, World.message("t", payload, 2), answers::add);
    }

    private MemoryPartition log(String topic, String session) {
        StateLog<?> log = world.registry.log();
        MemoryTopic named = Objects.requireNonNull(world.topics.named(topic));
        return named.partitions().get(log.shard("default/" + session).index);
    }

    private List<String> stored() {
        Client late = world.connected("late", false, 3600, 1000);
        world.run(100);
        return late.payloads();
    }

    private void record() {
        Client late = kept("late");
        late.subscribe("#", 1);
        late.close(End.NORMAL);
    }

    @Test
    void aReleaseThatWasNotKeptCanBeRepeated() {
        world.topics.add("t", 1);
        record();
        Client client = kept("c");
        publishExactlyOnce(client, 1, "first");
        world.run(50);
        List<@Nullable Refusal> releases = new ArrayList<>();
        client.session().release(1, (known, refusal) -> releases.add(refusal));
        client.session().release(1, (known, refusal) -> releases.add(refusal));
        world.scheduler.runReady();
        log("__mortise_sessions", "c").failWrite();
        world.run(200);
        assertThat(releases).hasSize(2).doesNotContainNull();
        client = again("c");
        boolean[] known = new boolean[1];
        client.session().release(1, (was, refusal) -> known[0] = was);
        world.run(50);
        assertThat(known[0]).isTrue();
        publishExactlyOnce(client, 1, "second");
        world.run(50);
        assertThat(answers).containsExactly(null, null);
        assertThat(stored()).containsExactly("first", "second");
    }

    @Test
    void aRepeatOnTheNextConnectionFindsWhatWaitsForItsPlace() {
        MemoryPartition partition = world.topics.add("t", 1).partitions().getFirst();
        record();
        partition.full = true;
        Client first = kept("c");
        publishExactlyOnce(first, 1, "once");
        world.run(50);
        Client second = world.connect("c", false, 3600, 10, null);
        world.run(500);
        assertThat(first.closed).isNotNull();
        assertThat(second.connected()).as("taken over before its publish has a place").isFalse();
        partition.makeRoom();
        world.run(50);
        assertThat(second.session().present()).isTrue();
        publishExactlyOnce(second, 1, "once");
        world.run(50);
        assertThat(answers).contains((Refusal) null);
        assertThat(stored()).containsExactly("once");
    }

    @Test
    void theNextConnectionDoesNotOvertakeWhatWaitsForItsPlace() {
        MemoryPartition partition = world.topics.add("t", 1).partitions().getFirst();
        record();
        for (int i = 0; i < 10; i++) { // on whatever loops
            partition.full = true;
            Client first = kept("c");
            first.publish("t", "a" + i, 1);
            first.publish("t", "b" + i, 1);
            world.run(10);
            first.close(End.ABNORMAL);
            Client second = world.connect("c", false, 3600, 10, null);
            world.run(50);
            partition.full = false; // whoever comes now is quicker than those who wait
            if (second.connected()) {
                second.publish("t", "c" + i, 1);
                world.run(20);
            }
            partition.makeRoom();
            world.run(50);
            second.publish("t", "c" + i, 1);
            world.run(50);
            second.close(End.NORMAL);
        }
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            expected.addAll(List.of("a" + i, "b" + i, "c" + i));
        }
        assertThat(stored()).isEqualTo(expected);
    }

    @Test
    void othersOnTheLoopDoNotWaitForAFullPartition() {
        MemoryPartition partition = world.topics.add("t", 1).partitions().getFirst();
        partition.full = true;
        for (int i = 0; i < 5; i++) { // on every loop
            world.connected("busy" + i).publish("t", "x", 1);
        }
        Client first = kept("c");
        Client second = kept("c");
        assertThat(first.closed).isNotNull();
        assertThat(second.connected()).isTrue();
        partition.makeRoom();
        world.run(50);
    }

    @Test
    void aTopicThatIsBeingCreatedHoldsTheNextConnectionUp() {
        Client first = kept("c");
        first.publish("t", "a", 1);
        Client second = world.connect("c", false, 3600, 10, null);
        world.run(4);
        assertThat(second.connected()).isFalse();
        world.run(50);
        assertThat(second.connected()).isTrue();
    }

    @Test
    void aMarkIsNotAboveWhatACutLogGivesAgain() {
        MemoryPartition partition = world.topics.add("t", 1).partitions().getFirst();
        partition.forceNanos = 20_000_000;
        record();
        Client other = world.connected("other");
        Client client = kept("c");
        other.publish("t", "cut", 1);
        world.scheduler.runReady();
        publishExactlyOnce(client, 1, "kept"); // its mark is written now
        world.run(2);
        partition.failing = true;
        world.run(30);
        publishExactlyOnce(client, 1, "kept");
        world.scheduler.runReady();
        log("__mortise_sessions", "c").failWrite(); // its note is lost, its record is not
        world.run(100);
        answers.clear();
        publishExactlyOnce(again("c"), 1, "kept");
        world.run(50);
        assertThat(answers).containsExactly((Refusal) null);
        assertThat(stored()).containsExactly("kept");
    }

    /** A session at rest is one record, however much it did, and outlives a crash. */
    @Test
    void aSessionAtRestIsOneRecordOfItsCompactedLog() {
        MemoryPartition notes = log("__mortise_sessions", "c");
        Client client = kept("c");
        client.subscribe("t/#", 2);
        for (int i = 0; i < 400; i++) {
            publishExactlyOnce(client, 1 + i, "m" + i);
            world.run(5);
            client.session().release(1 + i, (known, refusal) -> {});
        }
        client.close(End.NORMAL);
        world.run(50);
        assertThat(notes.valueCount()).isGreaterThan(800);
        notes.compactKeys();
        assertThat(notes.valueCount()).isEqualTo(1);
        world.crash();
        assertThat(again("c").session().present()).isTrue();
    }

    @Test
    void aFailedShardIsReadAgainWhenItsLogFailsAgain() {
        Client client = kept("c");
        MemoryPartition partition = log("__mortise_sessions", "c");
        partition.failWrite();
        world.run(50);
        client.session().updateExpiry(4000); // now it is noticed
        world.scheduler.runReady();
        partition.failWrite();
        world.run(300);
        assertThat(again("c").session().present()).isTrue();
    }

    @Test
    void aRetainedMessageIsNewerThanOneWhoseLogWasCut() {
        MemoryPartition partition = world.topics.add("t", 1).partitions().getFirst();
        partition.forceNanos = 20_000_000;
        Client client = world.connected("c");
        client.publish("t", "before", 1);
        client.publish("t", "before", 1);
        client.publish(World.message("t", "lost", 1, true, -1));
        world.run(10);
        partition.failWrite();
        world.run(50);
        client.publish(World.message("t", "kept", 1, true, -1));
        world.run(50);
        assertThat(client.refused).isNull();
        Client late = world.connected("late");
        late.subscribe("t", 1);
        world.run(50);
        assertThat(late.payloads()).containsExactly("kept");
    }

    @Test
    void aSessionWhoseShardFailedExpiresAllTheSame() {
        Client client = world.connected("c", false, 10, 10);
        log("__mortise_sessions", "c").failWrite();
        world.run(50);
        client.session().updateExpiry(10);
        world.run(12_000);
        assertThat(client.closed).isNotNull();
        assertThat(world.connected("c", false, 10, 10).session().present()).isFalse();
    }

    @Test
    void whoWaitsForItsTurnWhileTheShardFailsIsNotTakenForNew() {
        MemoryPartition partition = world.topics.add("t", 1).partitions().getFirst();
        partition.full = true;
        Client first = kept("c");
        first.publish("t", "x", 1);
        world.run(10);
        Client second = world.connect("c", false, 3600, 10, null);
        world.run(10);
        log("__mortise_sessions", "c").failWrite();
        world.run(50);
        StateWriter<StoredSession> any =
                new StateWriter<>(
                        world.registry.log(), new LoopTurn(world.loops.getFirst(), DEFAULT));
        any.append("default/c", SessionEvents.willDone(), null);
        world.run(50);
        partition.makeRoom();
        world.run(50);
        assertThat(Objects.requireNonNull(second.refused).reason()).isEqualTo(Reason.NOT_READY);
        assertThat(again("c").session().present()).isTrue();
    }
}
