// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.tests.mqtt;

import static io.mortise.tests.mqtt.Clients.connected;
import static io.mortise.tests.mqtt.Clients.inbox;
import static io.mortise.tests.mqtt.Clients.publish;
import static io.mortise.tests.mqtt.Clients.subscribe;
import static io.mortise.tests.mqtt.Clients.text;
import static io.mortise.tests.mqtt.Clients.v3;
import static io.mortise.tests.mqtt.Clients.v5;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt3.Mqtt3BlockingClient;
import com.hivemq.client.mqtt.mqtt3.message.publish.Mqtt3Publish;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5SubAckException;
import com.hivemq.client.mqtt.mqtt5.message.connect.connack.Mqtt5ConnAck;
import com.hivemq.client.mqtt.mqtt5.message.disconnect.Mqtt5DisconnectReasonCode;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5PayloadFormatIndicator;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import com.hivemq.client.mqtt.mqtt5.message.subscribe.Mqtt5RetainHandling;
import com.hivemq.client.mqtt.mqtt5.message.subscribe.suback.Mqtt5SubAckReasonCode;

import io.mortise.tests.mqtt.Clients.Inbox;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** What an MQTT user expects, by HiveMQ's clients. Each test has topics of its own. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FeaturesTest {
    private MqttBroker broker;
    private int port;

    @BeforeAll
    void start(@TempDir Path data) throws Exception {
        broker = MqttBroker.start(data);
        port = broker.mqttPort();
    }

    @AfterAll
    void stop() throws Exception {
        broker.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void messagesArriveOnceAndInOrder(int qos) {
        Mqtt5BlockingClient receiver = connected(port, "order-in-" + qos);
        try (Inbox inbox = inbox(receiver)) {
            subscribe(receiver, "order" + qos + "/+/value", qos);
            Mqtt5BlockingClient sender = connected(port, "order-out-" + qos);
            List<String> sent = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                sent.add("m" + i);
                publish(sender, "order" + qos + "/one/value", qos, "m" + i);
            }
            assertThat(inbox.texts(200)).isEqualTo(sent);
            assertThat(inbox.quiet()).isEmpty();
            sender.disconnect();
        }
        receiver.disconnect();
    }

    @Test
    void deliveryHasTheLowerQos() {
        Mqtt5BlockingClient client = connected(port, "lower");
        try (Inbox inbox = inbox(client)) {
            subscribe(client, "lower/#", 1);
            for (int qos = 0; qos <= 2; qos++) {
                publish(client, "lower/" + qos, qos, "x");
            }
            List<MqttQos> qos = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                Mqtt5Publish received = inbox.next();
                qos.add(received.getQos());
            }
            assertThat(qos)
                    .containsExactlyInAnyOrder(
                            MqttQos.AT_MOST_ONCE, MqttQos.AT_LEAST_ONCE, MqttQos.AT_LEAST_ONCE);
        }
        client.disconnect();
    }

    @Test
    void propertiesComeBackAsTheyWereSent() {
        Mqtt5BlockingClient client = connected(port, "properties");
        try (Inbox inbox = inbox(client)) {
            subscribe(client, "properties/#", 1);
            client.publishWith()
                    .topic("properties/one")
                    .qos(MqttQos.AT_LEAST_ONCE)
                    .payload("{}".getBytes(StandardCharsets.UTF_8))
                    .payloadFormatIndicator(Mqtt5PayloadFormatIndicator.UTF_8)
                    .contentType("application/json")
                    .responseTopic("answers/1")
                    .correlationData(new byte[] {0, -1, 7})
                    .messageExpiryInterval(1_000)
                    .userProperties()
                    .add("b", "1")
                    .add("a", "2")
                    .add("b", "3")
                    .add("m.q", "mine")
                    .add("content-type", "mine")
                    .applyUserProperties()
                    .send();
            Mqtt5Publish received = inbox.next();
            assertThat(received.getContentType()).hasToString("Optional[application/json]");
            assertThat(received.getResponseTopic()).hasToString("Optional[answers/1]");
            assertThat(received.getCorrelationData())
                    .contains(ByteBuffer.wrap(new byte[] {0, -1, 7}));
            assertThat(received.getPayloadFormatIndicator())
                    .contains(Mqtt5PayloadFormatIndicator.UTF_8);
            assertThat(received.getMessageExpiryInterval().getAsLong()).isBetween(900L, 1_000L);
            assertThat(received.getUserProperties().asList())
                    .extracting(it -> it.getName() + "=" + it.getValue())
                    .containsExactly("b=1", "a=2", "b=3", "m.q=mine", "content-type=mine");
        }
        client.disconnect();
    }

    @Test
    void retainedMessagesAreKeptReplacedAndCleared() {
        Mqtt5BlockingClient client = connected(port, "retained");
        retain(client, "retained/a", "old");
        retain(client, "retained/a", "new");
        retain(client, "retained/b", "cleared");
        retain(client, "retained/b", "");
        try (Inbox inbox = inbox(client)) {
            subscribe(client, "retained/+", 1);
            Mqtt5Publish received = inbox.next();
            assertThat(text(received)).isEqualTo("new");
            assertThat(received.isRetain()).isTrue();
            assertThat(inbox.quiet()).isEmpty();
            retain(client, "retained/a", "live");
            assertThat(inbox.next().isRetain()).isFalse();
        }
        client.disconnect();
    }

    @Test
    void retainHandlingAndRetainAsPublished() {
        Mqtt5BlockingClient client = connected(port, "handling");
        retain(client, "handling/a", "kept");
        try (Inbox inbox = inbox(client)) {
            subscribeRetain(client, Mqtt5RetainHandling.DO_NOT_SEND);
            assertThat(inbox.quiet()).isEmpty();
            subscribeRetain(client, Mqtt5RetainHandling.SEND_IF_SUBSCRIPTION_DOES_NOT_EXIST);
            assertThat(inbox.quiet()).isEmpty();
            subscribeRetain(client, Mqtt5RetainHandling.SEND);
            assertThat(text(inbox.next())).isEqualTo("kept");
            retain(client, "handling/a", "again");
            assertThat(inbox.next().isRetain()).isTrue();
        }
        client.disconnect();
    }

    @Test
    void ownMessagesStayAwayWhereNotWanted() {
        Mqtt5BlockingClient client = connected(port, "nolocal");
        Mqtt5BlockingClient other = connected(port, "nolocal-other");
        try (Inbox inbox = inbox(client)) {
            client.subscribeWith()
                    .topicFilter("nolocal/#")
                    .qos(MqttQos.AT_LEAST_ONCE)
                    .noLocal(true)
                    .send();
            publish(client, "nolocal/a", 1, "own");
            publish(other, "nolocal/a", 1, "foreign");
            assertThat(inbox.texts(1)).containsExactly("foreign");
        }
        client.disconnect();
        other.disconnect();
    }

    @Test
    void dollarTopicsAreApartFromWildcards() {
        Mqtt5BlockingClient client = connected(port, "dollar");
        try (Inbox inbox = inbox(client)) {
            subscribe(client, "+/dollar", 0);
            subscribe(client, "$other/dollar", 0);
            publish(client, "$other/dollar", 0, "live");
            assertThat(inbox.texts(1)).containsExactly("live");
            assertThat(inbox.quiet()).isEmpty();
        }
        client.disconnect();
    }

    @Test
    void unsubscribedMeansSilence() {
        Mqtt5BlockingClient client = connected(port, "unsubscribe");
        try (Inbox inbox = inbox(client)) {
            subscribe(client, "unsubscribe/#", 1);
            publish(client, "unsubscribe/a", 1, "one");
            assertThat(inbox.texts(1)).containsExactly("one");
            client.unsubscribeWith().topicFilter("unsubscribe/#").send();
            publish(client, "unsubscribe/a", 1, "two");
            assertThat(inbox.quiet()).isEmpty();
        }
        client.disconnect();
    }

    @Test
    void sharedSubscriptionsAreRefused() {
        Mqtt5BlockingClient client = connected(port, "shared");
        assertThatThrownBy(() -> subscribe(client, "$share/group/a", 1))
                .isInstanceOfSatisfying(
                        Mqtt5SubAckException.class,
                        e ->
                                assertThat(e.getMqttMessage().getReasonCodes())
                                        .containsExactly(
                                                Mqtt5SubAckReasonCode
                                                        .SHARED_SUBSCRIPTIONS_NOT_SUPPORTED));
        client.disconnect();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void sleepingSessionGetsItsBacklogInOrder(int qos) {
        String id = "sleeper-" + qos;
        Mqtt5BlockingClient sleeper = v5(port, id);
        assertThat(resume(sleeper, true).isSessionPresent()).isFalse();
        subscribe(sleeper, "sleeper" + qos + "/#", 2);
        sleeper.disconnect();
        Mqtt5BlockingClient sender = connected(port, id + "-sender");
        List<String> sent = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            sent.add("m" + i);
            publish(sender, "sleeper" + qos + "/same", qos, "m" + i);
        }
        try (Inbox inbox = inbox(sleeper)) {
            assertThat(resume(sleeper, false).isSessionPresent()).isTrue();
            assertThat(inbox.texts(100)).isEqualTo(sent);
            publish(sender, "sleeper" + qos + "/same", qos, "live");
            assertThat(inbox.texts(1)).containsExactly("live");
            assertThat(inbox.quiet()).isEmpty();
        }
        sender.disconnect();
        sleeper.disconnect();
    }

    @Test
    void cleanStartForgets() {
        Mqtt5BlockingClient client = v5(port, "forgetful");
        resume(client, true);
        subscribe(client, "forgetful/#", 1);
        client.disconnect();
        Mqtt5BlockingClient sender = connected(port, "forgetful-sender");
        publish(sender, "forgetful/a", 1, "lost");
        assertThat(resume(client, true).isSessionPresent()).isFalse();
        try (Inbox inbox = inbox(client)) {
            publish(sender, "forgetful/a", 1, "lost too");
            assertThat(inbox.quiet()).isEmpty();
        }
        client.disconnect();
        sender.disconnect();
    }

    @Test
    void sessionWithoutExpiryEndsWithItsConnection() {
        Mqtt5BlockingClient client = v5(port, "brief");
        client.connectWith().cleanStart(false).sessionExpiryInterval(0).send();
        client.disconnect();
        assertThat(resume(client, false).isSessionPresent()).isFalse();
        client.disconnect();
    }

    @Test
    void expiredMessagesAreNotDelivered() throws InterruptedException {
        Mqtt5BlockingClient sleeper = v5(port, "expiry");
        resume(sleeper, true);
        subscribe(sleeper, "expiry/#", 1);
        sleeper.disconnect();
        Mqtt5BlockingClient sender = connected(port, "expiry-sender");
        sender.publishWith()
                .topic("expiry/a")
                .qos(MqttQos.AT_LEAST_ONCE)
                .messageExpiryInterval(1)
                .payload("short".getBytes(StandardCharsets.UTF_8))
                .send();
        publish(sender, "expiry/a", 1, "long");
        TimeUnit.MILLISECONDS.sleep(1_500); // the message's own lifetime
        try (Inbox inbox = inbox(sleeper)) {
            resume(sleeper, false);
            assertThat(inbox.texts(1)).containsExactly("long");
        }
        sleeper.disconnect();
        sender.disconnect();
    }

    @Test
    void laterConnectionTakesTheSessionOver() throws Exception {
        CompletableFuture<String> reason = new CompletableFuture<>();
        Mqtt5BlockingClient first =
                com.hivemq.client.mqtt.mqtt5.Mqtt5Client.builder()
                        .identifier("taken")
                        .serverHost("127.0.0.1")
                        .serverPort(port)
                        .addDisconnectedListener(
                                context -> reason.complete(context.getCause().toString()))
                        .buildBlocking();
        first.connectWith().cleanStart(false).sessionExpiryInterval(60).send();
        Mqtt5BlockingClient second = v5(port, "taken");
        Mqtt5ConnAck answer =
                second.connectWith().cleanStart(false).sessionExpiryInterval(60).send();
        assertThat(answer.isSessionPresent()).isTrue();
        assertThat(reason.get(20, TimeUnit.SECONDS)).contains("DISCONNECT");
        assertThat(second.getState().isConnected()).isTrue();
        second.disconnect();
    }

    @Test
    void willIsPublishedUnlessTheClientSaysGoodbye() throws Exception {
        Mqtt5BlockingClient watcher = connected(port, "will-watcher");
        try (Inbox inbox = inbox(watcher)) {
            subscribe(watcher, "will/#", 1);
            Mqtt5BlockingClient polite = willing("will-polite", "will/polite");
            polite.disconnect();
            Mqtt5BlockingClient asking = willing("will-asking", "will/asking");
            asking.disconnectWith()
                    .reasonCode(Mqtt5DisconnectReasonCode.DISCONNECT_WITH_WILL_MESSAGE)
                    .send();
            Mqtt5Publish received = inbox.next();
            assertThat(received.getTopic()).hasToString("will/asking");
            assertThat(text(received)).isEqualTo("gone");
            try (RawClient rude = RawClient.connect(port)) {
                rude.send(RawClient.connectWithWill("will-rude", "will/rude", "gone"));
                assertThat(rude.read(4)).containsExactly(0x20, 2, 0, 0);
            }
            assertThat(inbox.next().getTopic()).hasToString("will/rude");
            assertThat(inbox.quiet()).isEmpty();
        }
        watcher.disconnect();
    }

    @Test
    void delayedWillWaitsAndIsDroppedOnReturn() {
        Mqtt5BlockingClient watcher = connected(port, "delay-watcher");
        try (Inbox inbox = inbox(watcher)) {
            subscribe(watcher, "delay/#", 1);
            Mqtt5BlockingClient client = delayed("delay-back", "delay/back", 60);
            client.disconnectWith()
                    .reasonCode(Mqtt5DisconnectReasonCode.DISCONNECT_WITH_WILL_MESSAGE)
                    .send();
            Mqtt5BlockingClient away = delayed("delay-away", "delay/away", 1);
            away.disconnectWith()
                    .reasonCode(Mqtt5DisconnectReasonCode.DISCONNECT_WITH_WILL_MESSAGE)
                    .send();
            client.connectWith().cleanStart(false).sessionExpiryInterval(60).send();
            assertThat(inbox.next().getTopic()).hasToString("delay/away");
            client.disconnect();
            assertThat(inbox.quiet()).isEmpty();
        }
        watcher.disconnect();
    }

    @Test
    void olderVersionSpeaksWithTheNewer(TestInfo info) {
        Mqtt3BlockingClient old = v3(port, "old");
        old.connect();
        Mqtt5BlockingClient young = connected(port, "young");
        try (Clients.Inbox3 oldInbox = inbox(old);
                Inbox youngInbox = inbox(young)) {
            old.subscribeWith().topicFilter("ages/old").qos(MqttQos.EXACTLY_ONCE).send();
            subscribe(young, "ages/young", 2);
            for (int qos = 0; qos <= 2; qos++) {
                publish(young, "ages/old", qos, "from 5.0");
                Mqtt3Publish received = oldInbox.next();
                assertThat(received.getQos().getCode()).isEqualTo(qos);
                assertThat(new String(received.getPayloadAsBytes(), StandardCharsets.UTF_8))
                        .isEqualTo("from 5.0");
                old.publishWith()
                        .topic("ages/young")
                        .qos(Clients.qos(qos))
                        .payload("from 3.1.1".getBytes(StandardCharsets.UTF_8))
                        .send();
                assertThat(text(youngInbox.next())).isEqualTo("from 3.1.1");
            }
        }
        old.disconnect();
        young.disconnect();
    }

    private static void retain(Mqtt5BlockingClient client, String topic, String text) {
        client.publishWith()
                .topic(topic)
                .qos(MqttQos.AT_LEAST_ONCE)
                .retain(true)
                .payload(text.getBytes(StandardCharsets.UTF_8))
                .send();
    }

    private static void subscribeRetain(Mqtt5BlockingClient client, Mqtt5RetainHandling how) {
        client.subscribeWith()
                .topicFilter("handling/#")
                .qos(MqttQos.AT_LEAST_ONCE)
                .retainHandling(how)
                .retainAsPublished(true)
                .send();
    }

    private static Mqtt5ConnAck resume(Mqtt5BlockingClient client, boolean cleanStart) {
        return client.connectWith().cleanStart(cleanStart).sessionExpiryInterval(600).send();
    }

    private Mqtt5BlockingClient willing(String id, String topic) {
        Mqtt5BlockingClient client = v5(port, id);
        client.connectWith()
                .willPublish()
                .topic(topic)
                .qos(MqttQos.AT_LEAST_ONCE)
                .payload("gone".getBytes(StandardCharsets.UTF_8))
                .applyWillPublish()
                .send();
        return client;
    }

    private Mqtt5BlockingClient delayed(String id, String topic, int seconds) {
        Mqtt5BlockingClient client = v5(port, id);
        client.connectWith()
                .sessionExpiryInterval(60)
                .willPublish()
                .topic(topic)
                .qos(MqttQos.AT_LEAST_ONCE)
                .delayInterval(seconds)
                .payload("gone".getBytes(StandardCharsets.UTF_8))
                .applyWillPublish()
                .send();
        return client;
    }
}
