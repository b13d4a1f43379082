// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.spi.Reason;
import io.mortise.spi.broker.AddressFilter;
import io.mortise.spi.broker.Session.End;
import io.mortise.spi.broker.Sessions.Will;
import io.mortise.spi.broker.Subscription;
import io.mortise.spi.broker.Subscription.RetainHandling;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;

class SessionTest {
    private final World world = new World(1);

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void deliversWhatMatches(int qos) {
        Client subscriber = world.connected("s");
        subscriber.subscribe("factory/+/temp", qos);
        Client publisher = world.connected("p");
        publisher.publish("factory/line1/temp", "21.5", qos);
        publisher.publish("factory/line1/other", "no", qos);
        publisher.publish("factory/line2/temp", "22", qos);
        world.run(100);
        assertThat(subscriber.payloads()).containsExactlyInAnyOrder("21.5", "22");
        assertThat(subscriber.got.getFirst().qos()).isEqualTo(qos);
        assertThat(publisher.answered).isEqualTo(3);
        assertThat(subscriber.flushes).isPositive();
    }

    @Test
    void qos0GoesAheadOfDurability() {
        Client subscriber = world.connected("s");
        Client publisher = world.connected("p");
        world.topics.add("t", 1);
        subscriber.subscribe("t", 1);
        publisher.publish("t", "slow", 1);
        publisher.publish("t", "fast", 0);
        world.scheduler.runReady();
        assertThat(subscriber.payloads()).containsExactly("fast");
        world.run(10);
        assertThat(subscriber.payloads()).containsExactly("fast", "slow");
    }

    @Test
    void aSessionThatRetentionOvertookGoesOnWhereTheLogStarts() {
        MemoryPartition partition = world.topics.add("t", 1).partitions().getFirst();
        Client away = world.connected("s", false, 3600, 10);
        away.subscribe("t", 1);
        away.session().close(End.NORMAL);
        Client publisher = world.connected("p");
        for (int i = 0; i < 5; i++) {
            publisher.publish("t", "" + i, 1);
        }
        world.run(100);
        partition.advanceStart(3, Runnable::run, refusal -> {});
        Client back = world.connected("s", false, 3600, 10);
        world.run(100);
        assertThat(back.payloads()).containsExactly("3", "4");
        assertThat(world.counters.get("mortise_session_overtaken_offsets_total")).isEqualTo(3L);
    }

    @Test
    void qosIsTheLowerOfPublishedAndGranted() {
        Client subscriber = world.connected("s");
        subscriber.subscribe("t/#", 1);
        Client publisher = world.connected("p");
        publisher.publish("t/a", "two", 2);
        publisher.publish("t/a", "one", 1);
        world.run(100);
        assertThat(subscriber.got.stream().map(Client.Got::qos)).containsExactly(1, 1);
    }

    @Test
    void overlappingSubscriptionsDeliverOnceWithAllIdentifiers() {
        Client subscriber = world.connected("s");
        subscriber.subscribe("t/#", 0);
        subscriber.subscribe("t/+", 1);
        Client publisher = world.connected("p");
        publisher.publish("t/a", "x", 1);
        world.run(100);
        assertThat(subscriber.got).hasSize(1);
        assertThat(subscriber.got.getFirst().qos()).isEqualTo(1);
    }

    @Test
    void ownMessagesAreKeptFromThoseWhoDoNotWantThem() {
        Client client = world.connected("c");
        client.subscribe(
                new Subscription(new AddressFilter("t/#"), 1, true, false, RetainHandling.SEND, 0));
        Client other = world.connected("o");
        client.publish("t/a", "own", 1);
        other.publish("t/a", "other", 1);
        world.run(100);
        assertThat(client.payloads()).containsExactly("other");
    }

    @Test
    void dollarAddressesAreLiveOnlyAndHiddenFromWildcards() {
        Client exact = world.connected("exact");
        exact.subscribe("$x/#", 1);
        Client wild = world.connected("wild");
        wild.subscribe("#", 1);
        Client publisher = world.connected("p");
        publisher.publish("$x/a", "live", 1);
        world.run(100);
        assertThat(exact.payloads()).containsExactly("live");
        assertThat(wild.payloads()).isEmpty();
        assertThat(publisher.answered).isEqualTo(1);
    }

    @Test
    void namesThatAreNoTopicsGoToTheCatchAll() {
        Client subscriber = world.connected("s");
        subscriber.subscribe("#", 1);
        Client publisher = world.connected("p");
        publisher.publish("a.b/x", "first", 1);
        world.run(50);
        for (String address : List.of("/lead", "mit leer/x", "a_b/x", "mqtt/x", "mqtt")) {
            publisher.publish(address, address, 1);
        }
        world.run(100);
        assertThat(world.topics.named("a_b")).isNull();
        assertThat(world.topics.named("mqtt")).isNotNull();
        assertThat(subscriber.got.stream().map(Client.Got::address))
                .containsExactlyInAnyOrder(
                        "a.b/x", "/lead", "mit leer/x", "a_b/x", "mqtt/x", "mqtt");
    }

    @Test
    void pastTheBoundOnTopicsTheCatchAllTakesThem() {
        world.topics.add("mqtt", 4);
        world.topics.mostTopics = world.topics.every().size();
        Client subscriber = world.connected("s");
        subscriber.subscribe("new/#", 1);
        Client publisher = world.connected("p");
        publisher.publish("new/a", "x", 1);
        world.run(100);
        assertThat(subscriber.payloads()).containsExactly("x");
        assertThat(world.topics.named("new")).isNull();
    }

    @Test
    void internalTopicsAreRefused() {
        Client publisher = world.connected("p");
        publisher.publish("__mortise_sessions/x", "x", 1);
        world.run(50);
        assertThat(Objects.requireNonNull(publisher.refused).reason())
                .isEqualTo(Reason.NOT_AUTHORIZED);
    }

    @Test
    void deniedAddressesAreNeitherWrittenNorRead() {
        world.denied.add("WRITE t/secret");
        world.denied.add("READ t/hidden");
        Client subscriber = world.connected("s");
        subscriber.subscribe("t/#", 1);
        Client publisher = world.connected("p");
        publisher.publish("t/hidden", "hidden", 1);
        publisher.publish("t/open", "open", 1);
        world.run(50);
        assertThat(publisher.refused).isNull();
        publisher.publish("t/secret", "secret", 1);
        world.run(50);
        assertThat(Objects.requireNonNull(publisher.refused).reason())
                .isEqualTo(Reason.NOT_AUTHORIZED);
        assertThat(subscriber.payloads()).containsExactly("open");
        subscriber.subscribe("t/hidden", 1);
        assertThat(Objects.requireNonNull(subscriber.refused).reason())
                .isEqualTo(Reason.NOT_AUTHORIZED);
    }

    @Test
    void publishesWaitForTheirTopicWithoutHoldingUpOthers() {
        world.topics.add("old", 1);
        Client subscriber = world.connected("s");
        subscriber.subscribe("#", 1);
        Client publisher = world.connected("p");
        publisher.publish("new/a", "1", 1);
        publisher.publish("new/a", "2", 1);
        publisher.publish("old", "3", 1);
        assertThat(publisher.session().publishable()).isFalse();
        world.run(100);
        assertThat(subscriber.payloads()).containsExactly("3", "1", "2");
        assertThat(publisher.session().publishable()).isTrue();
        assertThat(publisher.publishable).isEqualTo(1);
    }

    @Test
    void whatCannotBeCreatedIsRefusedOnceAndTriedAgain() {
        world.topics.add("old", 1);
        Client subscriber = world.connected("s");
        subscriber.subscribe("#", 1);
        Client publisher = world.connected("p");
        world.topics.refusing = Reason.METADATA_UNAVAILABLE;
        publisher.publish("old", "1", 1);
        publisher.publish("new/a", "2", 1);
        publisher.publish("new/b", "3", 1);
        world.run(100);
        assertThat(publisher.answered).isEqualTo(3);
        assertThat(Objects.requireNonNull(publisher.refused).reason())
                .isEqualTo(Reason.METADATA_UNAVAILABLE);
        assertThat(publisher.session().publishable()).isTrue();
        world.topics.refusing = null;
        publisher.publish("new/a", "4", 1);
        world.run(100);
        assertThat(subscriber.payloads()).containsExactly("1", "4");
    }

    @Test
    void whoMayNotCreateTheCatchAllDoesNotSpoilItForOthers() {
        world.topics.mostTopics = world.topics.every().size();
        Client publisher = world.connected("p");
        world.denied.add("CREATE mqtt");
        publisher.publish("new/a", "1", 1);
        world.run(100);
        assertThat(Objects.requireNonNull(publisher.refused).reason())
                .isEqualTo(Reason.NOT_AUTHORIZED);
        world.denied.clear();
        world.topics.mostTopics++;
        publisher.publish("new/a", "2", 1);
        world.run(100);
        assertThat(publisher.refused).isNull();
    }

    /** The rules may change while the topic is made. */
    @Test
    void whatWaitedForItsTopicIsJudgedByTheRulesAsTheyAreThen() {
        Client publisher = world.connected("p");
        publisher.publish("new/a", "1", 1);
        world.denied.add("WRITE new/a");
        world.run(100);
        assertThat(Objects.requireNonNull(publisher.refused).reason())
                .isEqualTo(Reason.NOT_AUTHORIZED);
        assertThat(publisher.session().publishable()).isTrue();
    }

    @Test
    void aFullPartitionHoldsPublishersUpAndLosesNothing() {
        MemoryPartition partition = world.topics.add("t", 1).partitions().getFirst();
        Client subscriber = world.connected("s");
        subscriber.subscribe("t", 1);
        Client publisher = world.connected("p");
        partition.full = true;
        for (int i = 0; i < 10; i++) {
            publisher.publish("t", "" + i, 1);
            world.run(5);
        }
        assertThat(publisher.session().publishable()).isFalse();
        partition.makeRoom();
        world.run(100);
        assertThat(publisher.session().publishable()).isTrue();
        assertThat(publisher.answered).isEqualTo(10);
        assertThat(subscriber.payloads()).isEqualTo(numbers(0, 10));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aSmallWindowFallsBehindAndCatchesUpInOrder(boolean cold) {
        MemoryPartition partition = world.topics.add("t", 1).partitions().getFirst();
        Client subscriber = world.connected("s", true, 0, 3);
        subscriber.answers = false;
        subscriber.subscribe("t", 1);
        Client publisher = world.connected("p");
        for (int i = 0; i < 50; i++) {
            publisher.publish("t", "" + i, 1);
        }
        world.run(20);
        assertThat(subscriber.payloads()).isEqualTo(numbers(0, 3));
        partition.cold = cold;
        for (int i = 50; i < 60; i++) {
            publisher.publish("t", "" + i, 1);
        }
        subscriber.answers = true;
        subscriber.answerAll();
        world.run(200);
        publisher.publish("t", "60", 1);
        world.run(100);
        assertThat(subscriber.payloads()).isEqualTo(numbers(0, 61));
    }

    @Test
    void anUnwritableReceiverMissesOnlyQos0BeyondTheBound() {
        world.topics.add("t", 1);
        Client subscriber = world.connected("s", true, 0, 60_000);
        subscriber.subscribe("t", 1);
        Client publisher = world.connected("p");
        subscriber.full = true;
        for (int i = 0; i < 25_000; i++) {
            publisher.publish("t", "" + i, i % 2);
        }
        world.run(100);
        assertThat(subscriber.got).isEmpty();
        subscriber.full = false;
        subscriber.session().resume();
        world.run(500);
        List<String> qos1 =
                subscriber.got.stream()
                        .filter(each -> each.qos() == 1)
                        .map(Client.Got::payload)
                        .toList();
        assertThat(qos1).hasSize(12_500).doesNotHaveDuplicates();
        long dropped = world.counters.get("mortise_session_qos0_dropped_messages_total");
        long qos0 = subscriber.got.stream().filter(each -> each.qos() == 0).count();
        assertThat(dropped).isPositive();
        assertThat(qos0 + dropped).isEqualTo(12_500);
        assertThat(qos0).isGreaterThan(4_000);
    }

    @Test
    void aSubscriptionSeesNothingPublishedBeforeIt() {
        world.topics.add("t", 1);
        Client publisher = world.connected("p");
        publisher.publish("t", "before", 1);
        world.scheduler.runReady();
        Client subscriber = world.connected("s");
        subscriber.subscribe("t", 1);
        publisher.publish("t", "after", 1);
        world.run(100);
        assertThat(subscriber.payloads()).containsExactly("after");
    }

    @Test
    void unsubscribingEndsDelivery() {
        Client subscriber = world.connected("s");
        subscriber.subscribe("t/#", 1);
        Client publisher = world.connected("p");
        publisher.publish("t/a", "1", 1);
        world.run(50);
        subscriber.unsubscribe("t/#");
        publisher.publish("t/a", "2", 1);
        world.run(50);
        assertThat(subscriber.payloads()).containsExactly("1");
    }

    @Test
    void anotherConnectionTakesTheSessionOver() {
        List<Client> clients = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            clients.add(world.connect("same", false, 3600, 10, null));
        }
        world.run(300);
        for (Client client : clients.subList(0, 4)) {
            boolean gone = client.closed != null || client.refused != null;
            assertThat(gone).isTrue();
        }
        Client last = clients.getLast();
        assertThat(last.connected()).isTrue();
        assertThat(last.session().present()).isTrue();
    }

    @Test
    void aKeptSessionGetsItsBacklogInOrder() {
        Client first = world.connected("c", false, 3600, 10);
        first.subscribe("t/#", 1);
        Client publisher = world.connected("p");
        publisher.publish("t/a", "0", 1);
        world.run(50);
        first.session().close(End.NORMAL);
        for (int i = 1; i < 100; i++) {
            publisher.publish("t/a", "" + i, 1);
        }
        publisher.publish("t/a", "qos0", 0);
        world.run(100);
        Client second = world.connected("c", false, 3600, 10);
        assertThat(second.session().present()).isTrue();
        world.run(300);
        assertThat(second.payloads()).isEqualTo(numbers(1, 100));
    }

    @Test
    void whatIsInFlightIsSentAgainUnderItsIdentifier() {
        Client first = world.connected("c", false, 3600, 10);
        first.answers = false;
        first.subscribe("t", 2);
        Client publisher = world.connected("p");
        publisher.publish("t", "one", 1);
        publisher.publish("t", "two", 2);
        world.run(100);
        assertThat(first.payloads()).containsExactly("one", "two");
        first.session().close(End.ABNORMAL);
        Client second = world.connected("c", false, 3600, 10);
        world.run(100);
        assertThat(second.payloads()).containsExactly("one", "two");
        assertThat(second.got).allMatch(Client.Got::duplicate);
        assertThat(second.got.stream().map(Client.Got::id))
                .isEqualTo(first.got.stream().map(Client.Got::id).toList());
    }

    @Test
    void cleanStartForgets() {
        Client first = world.connected("c", false, 3600, 10);
        first.subscribe("t", 1);
        first.session().close(End.NORMAL);
        Client second = world.connected("c", true, 3600, 10);
        assertThat(second.session().present()).isFalse();
        Client publisher = world.connected("p");
        publisher.publish("t", "x", 1);
        world.run(100);
        assertThat(second.got).isEmpty();
    }

    @Test
    void aSessionExpires() {
        Client first = world.connected("c", false, 10, 10);
        first.subscribe("t", 1);
        first.session().close(End.NORMAL);
        world.run(9_000);
        Client second = world.connected("c", false, 10, 10);
        assertThat(second.session().present()).isTrue();
        second.session().close(End.NORMAL);
        world.run(11_000);
        Client third = world.connected("c", false, 10, 10);
        assertThat(third.session().present()).isFalse();
    }

    @Test
    void willsArePublishedWhenTheConnectionEndsBadly() {
        Client subscriber = world.connected("s");
        subscriber.subscribe("will/#", 1);
        Client good = world.connect("good", true, 0, 10, will("will/good", 0));
        Client bad = world.connect("bad", true, 0, 10, will("will/bad", 0));
        Client kept = world.connect("kept", true, 100, 10, will("will/kept", 0));
        world.run(50);
        good.session().close(End.NORMAL);
        bad.session().close(End.ABNORMAL);
        kept.session().close(End.WITH_WILL);
        world.run(1_000);
        assertThat(subscriber.got.stream().map(Client.Got::address))
                .containsExactlyInAnyOrder("will/bad", "will/kept");
    }

    @Test
    void aDelayedWillIsHeldBackAndDroppedByAReturn() {
        Client subscriber = world.connected("s");
        subscriber.subscribe("will/#", 1);
        Client first = world.connect("c", true, 100, 10, will("will/c", 10));
        world.run(50);
        first.session().close(End.ABNORMAL);
        world.run(9_000);
        Client second = world.connect("c", false, 100, 10, will("will/c", 10));
        world.run(5_000);
        assertThat(subscriber.got).isEmpty();
        second.session().close(End.ABNORMAL);
        world.run(11_000);
        assertThat(subscriber.got).hasSize(1);
        world.run(100_000);
        assertThat(subscriber.got).hasSize(1);
    }

    @Test
    void aTakeoverPublishesTheWillUnlessItIsDelayed() {
        Client subscriber = world.connected("s");
        subscriber.subscribe("will/#", 1);
        world.connect("now", false, 100, 10, will("will/now", 0));
        world.connect("later", false, 100, 10, will("will/later", 5));
        world.connect("clean", false, 100, 10, will("will/clean", 5));
        world.run(100);
        world.connect("now", false, 100, 10, null);
        world.connect("later", false, 100, 10, null);
        world.connect("clean", true, 100, 10, null);
        world.run(20_000);
        assertThat(subscriber.got.stream().map(Client.Got::address))
                .containsExactlyInAnyOrder("will/now", "will/clean");
    }

    @Test
    void identifiersThatTheReceiverCannotKnowAreNotItsToAcknowledge() {
        world.topics.add("t", 1);
        Client kept = world.connected("c", false, 3600, 10);
        kept.subscribe("t", 2);
        Client publisher = world.connected("p");
        publisher.publish("t", "x", 2);
        for (int i = 0; i < 40; i++) {
            world.scheduler.advanceNanos(100_000);
            for (int id = 1; id < 4 && kept.got.isEmpty(); id++) {
                kept.session().acknowledge(id);
                kept.session().received(id, (known, refusal) -> assertThat(known).isFalse());
            }
        }
        world.run(100);
        assertThat(kept.payloads()).containsExactly("x");
    }

    @Test
    void whatWasReservedForASubscriptionThatWentIsGivenBack() {
        world.topics.add("t", 1);
        Client kept = world.connected("c", false, 3600, 3);
        kept.full = true;
        kept.subscribe("t", 2);
        Client publisher = world.connected("p");
        for (int i = 0; i < 10; i++) {
            publisher.publish("t", "" + i, 2);
        }
        world.run(100);
        kept.unsubscribe("t");
        kept.full = false;
        kept.session().resume();
        kept.subscribe("u", 1);
        for (int i = 0; i < 5; i++) {
            publisher.publish("u", "u" + i, 1);
        }
        world.run(200);
        assertThat(kept.payloads()).containsExactly("u0", "u1", "u2", "u3", "u4");
    }

    private static Will will(String address, long delaySeconds) {
        return new Will(World.message(address, "gone", 1), delaySeconds);
    }

    @Test
    void retainedMessagesComeWithTheSubscription() {
        Client publisher = world.connected("p");
        publisher.publish(World.message("t/a", "old", 1, true, -1));
        publisher.publish(World.message("t/a", "new", 1, true, -1));
        publisher.publish(World.message("t/b", "cleared", 1, true, -1));
        publisher.publish(World.message("t/b", "", 1, true, -1));
        publisher.publish(World.message("t/c", "short", 1, true, 5));
        world.run(100);
        assertThat(publisher.answered).isEqualTo(5);
        Client early = world.connected("early");
        early.subscribe("t/#", 1);
        world.run(100);
        assertThat(early.payloads()).containsExactlyInAnyOrder("new", "short");
        assertThat(early.got).allMatch(Client.Got::retained);
        world.run(6_000);
        Client late = world.connected("late");
        late.subscribe("+/+", 0);
        world.run(100);
        assertThat(late.payloads()).containsExactly("new");
    }

    @Test
    void retainedFlagIsShownOnlyToThoseWhoAsk() {
        Client plain = world.connected("plain");
        plain.subscribe("t", 1);
        Client asPublished = world.connected("rap");
        asPublished.subscribe(
                new Subscription(
                        new AddressFilter("t"), 1, false, true, RetainHandling.DO_NOT_SEND, 0));
        Client publisher = world.connected("p");
        publisher.publish(World.message("t", "x", 1, true, -1));
        world.run(100);
        assertThat(plain.got.getFirst().retained()).isFalse();
        assertThat(asPublished.got.getFirst().retained()).isTrue();
    }

    @Test
    void expiredMessagesAreNotDelivered() {
        Client first = world.connected("c", false, 3600, 10);
        first.subscribe("t", 1);
        first.session().close(End.NORMAL);
        Client publisher = world.connected("p");
        publisher.publish(World.message("t", "short", 1, false, 5));
        publisher.publish(World.message("t", "long", 1, false, 50));
        world.run(6_000);
        Client second = world.connected("c", false, 3600, 10);
        world.run(100);
        assertThat(second.payloads()).containsExactly("long");
    }

    @Test
    void aRepeatedExactlyOncePublishIsOne() {
        Client subscriber = world.connected("s");
        subscriber.subscribe("t", 0);
        Client publisher = world.connected("p");
        int[] answers = new int[1];
        for (int i = 0; i < 3; i++) {
            publisher
                    .session()
                    .publishExactlyOnce(7, World.message("t", "once", 2), refusal -> answers[0]++);
        }
        world.run(100);
        assertThat(answers[0]).isEqualTo(3);
        assertThat(subscriber.payloads()).containsExactly("once");
        publisher.session().release(7, (known, refusal) -> assertThat(known).isTrue());
        world.run(50);
        publisher.session().publishExactlyOnce(7, World.message("t", "again", 2), refusal -> {});
        publisher.session().release(9, (known, refusal) -> assertThat(known).isFalse());
        world.run(100);
        assertThat(subscriber.payloads()).containsExactly("once", "again");
    }

    private static List<String> numbers(int from, int to) {
        return IntStream.range(from, to).mapToObj(Integer::toString).toList();
    }
}
