// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.mqtt.handler;

import static io.mortise.protocol.mqtt.codec.ProtocolVersion.V3_1_1;
import static io.mortise.protocol.mqtt.codec.ProtocolVersion.V5;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.protocol.mqtt.codec.Auth;
import io.mortise.protocol.mqtt.codec.ConnAck;
import io.mortise.protocol.mqtt.codec.Connect;
import io.mortise.protocol.mqtt.codec.Disconnect;
import io.mortise.protocol.mqtt.codec.Packet;
import io.mortise.protocol.mqtt.codec.PacketEncoder;
import io.mortise.protocol.mqtt.codec.Ping;
import io.mortise.protocol.mqtt.codec.Properties;
import io.mortise.protocol.mqtt.codec.Property;
import io.mortise.protocol.mqtt.codec.ReasonCode;
import io.mortise.protocol.mqtt.codec.SubAck;
import io.mortise.protocol.mqtt.codec.Subscribe;
import io.mortise.protocol.mqtt.codec.Subscription;
import io.mortise.protocol.mqtt.codec.UnsubAck;
import io.mortise.protocol.mqtt.codec.Unsubscribe;
import io.mortise.protocol.mqtt.session.MqttSettings;
import io.mortise.spi.Reason;
import io.mortise.spi.broker.Session;
import io.mortise.spi.broker.Subscription.RetainHandling;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

class ConversationTest {
    @Test
    void subscribeOptionsReachTheBroker() {
        try (TestClient client = TestClient.connected(V5)) {
            Properties identifier =
                    Properties.builder().number(Property.SUBSCRIPTION_IDENTIFIER, 77).build();
            client.send(
                    new Subscribe(
                            9,
                            identifier,
                            List.of(
                                    new Subscription("a/#", Subscription.options(2, true, true, 1)),
                                    new Subscription("$share/g/a", 1),
                                    new Subscription("+", 0))));
            SubAck answer = client.receive(SubAck.class);
            assertThat(answer.packetId()).isEqualTo(9);
            assertThat(answer.reasons())
                    .containsExactly(
                            ReasonCode.GRANTED_QOS_2,
                            ReasonCode.SHARED_SUBSCRIPTIONS_NOT_SUPPORTED,
                            ReasonCode.SUCCESS);
            assertThat(client.session().subscriptions).hasSize(2);
            io.mortise.spi.broker.Subscription first = client.session().subscriptions.getFirst();
            assertThat(first.filter()).hasToString("a/#");
            assertThat(first.maximumQos()).isEqualTo(2);
            assertThat(first.noLocal()).isTrue();
            assertThat(first.retainAsPublished()).isTrue();
            assertThat(first.retainHandling()).isEqualTo(RetainHandling.SEND_IF_NEW);
            assertThat(first.identifier()).isEqualTo(77);
        }
    }

    @Test
    void refusedSubscriptionsAreTold() {
        try (TestClient client = TestClient.connected(V5)) {
            client.session().refusal = FakeBroker.refusal(Reason.NOT_AUTHORIZED);
            client.send(subscribe("a"));
            assertThat(client.receive(SubAck.class).reasons())
                    .containsExactly(ReasonCode.NOT_AUTHORIZED);
        }
        try (TestClient client = TestClient.connected(V3_1_1)) {
            client.send(subscribe("$share/g/a"));
            assertThat(client.receiveBytes()).containsExactly(0x90, 3, 0, 1, 0x80);
        }
    }

    @Test
    void unsubscribeTellsWhatThereWas() {
        try (TestClient client = TestClient.connected(V5)) {
            client.send(new Unsubscribe(4, Properties.EMPTY, List.of("$share/g/a", "a")));
            assertThat(client.receive(UnsubAck.class).reasons())
                    .containsExactly(ReasonCode.NO_SUBSCRIPTION_EXISTED, ReasonCode.SUCCESS);
            assertThat(client.session().unsubscribed).singleElement().hasToString("a");
            client.session().known = false;
            client.send(new Unsubscribe(5, Properties.EMPTY, List.of("a")));
            assertThat(client.receive(UnsubAck.class).reasons())
                    .containsExactly(ReasonCode.NO_SUBSCRIPTION_EXISTED);
        }
        try (TestClient client = TestClient.connected(V3_1_1)) {
            client.send(new Unsubscribe(4, Properties.EMPTY, List.of("a")));
            assertThat(client.receiveBytes()).containsExactly(0xB0, 2, 0, 4);
        }
    }

    @Test
    void disconnectEndsTheSessionAsTheClientSays() {
        assertEnds(new Disconnect(ReasonCode.SUCCESS, Properties.EMPTY), Session.End.NORMAL);
        assertEnds(
                new Disconnect(ReasonCode.DISCONNECT_WITH_WILL_MESSAGE, Properties.EMPTY),
                Session.End.WITH_WILL);
        assertEnds(
                new Disconnect(ReasonCode.UNSPECIFIED_ERROR, Properties.EMPTY),
                Session.End.WITH_WILL);
    }

    @Test
    void lostConnectionIsAbnormal() {
        try (TestClient client = TestClient.connected(V3_1_1)) {
            client.channel.close();
            assertThat(client.session().ends).containsExactly(Session.End.ABNORMAL);
        }
    }

    @Test
    void disconnectMayChangeTheExpiry() {
        try (TestClient client = new TestClient(V5)) {
            Properties hour =
                    Properties.builder().number(Property.SESSION_EXPIRY_INTERVAL, 3_600).build();
            client.send(TestClient.connect(V5, hour));
            client.receive();
            Properties none =
                    Properties.builder().number(Property.SESSION_EXPIRY_INTERVAL, 0).build();
            client.send(new Disconnect(ReasonCode.SUCCESS, none));
            assertThat(client.session().expiries).containsExactly(0L);
            assertThat(client.session().ends).containsExactly(Session.End.NORMAL);
        }
    }

    @Test
    void disconnectMayNotGiveAnExpiryWhereThereWasNone() {
        try (TestClient client = TestClient.connected(V5)) {
            Properties hour =
                    Properties.builder().number(Property.SESSION_EXPIRY_INTERVAL, 3_600).build();
            client.send(new Disconnect(ReasonCode.SUCCESS, hour));
            assertThat(client.receive(Disconnect.class).reason())
                    .isEqualTo(ReasonCode.PROTOCOL_ERROR);
            assertThat(client.session().expiries).isEmpty();
            assertThat(client.session().ends).containsExactly(Session.End.ABNORMAL);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "TAKEN_OVER, SESSION_TAKEN_OVER",
        "SHUTTING_DOWN, SERVER_SHUTTING_DOWN",
        "INVALID_REQUEST, ADMINISTRATIVE_ACTION",
    })
    void lostSessionIsTold(Reason reason, ReasonCode expected) {
        try (TestClient client = TestClient.connected(V5)) {
            client.broker.receiver().closed(FakeBroker.refusal(reason));
            assertThat(client.receive(Disconnect.class).reason()).isEqualTo(expected);
            assertThat(client.isClosed()).isTrue();
            assertThat(client.session().ends).isEmpty();
        }
        try (TestClient client = TestClient.connected(V3_1_1)) {
            client.broker.receiver().closed(FakeBroker.refusal(reason));
            assertThat(client.receiveBytes()).isEmpty();
            assertThat(client.isClosed()).isTrue();
        }
    }

    @Test
    void goodbyeIsSaidToEveryClientOnce() {
        try (TestClient client = TestClient.connected(V5)) {
            client.loop.disconnectAll(ReasonCode.SERVER_SHUTTING_DOWN, "stopping");
            assertThat(client.receive(Disconnect.class).reason())
                    .isEqualTo(ReasonCode.SERVER_SHUTTING_DOWN);
            assertThat(client.isClosed()).isTrue();
            assertThat(client.loop.connections()).isZero();
        }
    }

    @Test
    void packetsThatOnlyServersSendAreProtocolErrors() {
        List<Packet> packets =
                List.of(
                        new ConnAck(false, ReasonCode.SUCCESS, Properties.EMPTY),
                        new SubAck(1, Properties.EMPTY, List.of(ReasonCode.SUCCESS)),
                        new UnsubAck(1, Properties.EMPTY, List.of(ReasonCode.SUCCESS)),
                        Ping.RESPONSE,
                        new Auth(ReasonCode.CONTINUE_AUTHENTICATION, Properties.EMPTY));
        for (Packet packet : packets) {
            try (TestClient client = TestClient.connected(V5)) {
                client.send(packet);
                assertThat(client.receive(Disconnect.class).reason())
                        .isEqualTo(ReasonCode.PROTOCOL_ERROR);
                assertThat(client.isClosed()).isTrue();
            }
        }
    }

    @Test
    void silenceOfOneAndAHalfKeepAlivesEndsTheConnection() {
        try (TestClient client = TestClient.connected(V5)) { // keep alive of 60 s
            pass(client, 80);
            client.send(Ping.REQUEST);
            assertThat(client.receive(Ping.class)).isEqualTo(Ping.RESPONSE);
            pass(client, 89);
            assertThat(client.isClosed()).isFalse();
            pass(client, 3);
            assertThat(client.receive(Disconnect.class).reason())
                    .isEqualTo(ReasonCode.KEEP_ALIVE_TIMEOUT);
            assertThat(client.isClosed()).isTrue();
            assertThat(client.count("keepalive_timeouts")).isEqualTo(1);
            assertThat(client.session().ends).containsExactly(Session.End.ABNORMAL);
        }
    }

    @Test
    void keepAliveOfZeroNeverEnds() {
        try (TestClient client = new TestClient(V3_1_1)) {
            client.send(new Connect(V3_1_1, true, 0, "d", Properties.EMPTY, null, null, null));
            client.receive();
            pass(client, 200_000);
            assertThat(client.isClosed()).isFalse();
        }
    }

    @Test
    void keepAliveWaitsWhileReadingIsStopped() {
        try (TestClient client = TestClient.connected(V5)) {
            client.session().publishable = false;
            client.send(Ping.REQUEST);
            client.receive();
            pass(client, 500);
            assertThat(client.isClosed()).isFalse();
            client.broker.receiver().publishable();
            pass(client, 200);
            assertThat(client.isClosed()).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 64, 1000})
    void framesMayArriveInPiecesOfAnySize(int size) {
        ByteBuf all = Unpooled.buffer();
        PacketEncoder.encode(all, V5, TestClient.connect(V5));
        for (int i = 1; i <= 50; i++) {
            PacketEncoder.encode(all, V5, TestClient.publish("topic/" + i, 1, i, Properties.EMPTY));
            PacketEncoder.encode(all, V5, Ping.REQUEST);
        }
        byte[] bytes = ByteBufUtil.getBytes(all);
        MqttSettings settings = new MqttSettings(65_536, 50, 10, 0, 0, 10);
        try (TestClient client = new TestClient(V5, settings)) {
            for (int at = 0; at < bytes.length; at += size) {
                int end = Math.min(bytes.length, at + size);
                client.send(Arrays.copyOfRange(bytes, at, end));
            }
            assertThat(client.receive()).hasSize(101);
            assertThat(client.session().published)
                    .extracting(message -> message.address().toString())
                    .startsWith("topic/1", "topic/2")
                    .endsWith("topic/50");
        }
    }

    @Test
    void tooLargePacketIsRefusedByItsLengthAlone() {
        try (TestClient client = TestClient.connected(V5)) {
            client.send(new byte[] {0x30, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, 0x7F});
            assertThat(client.receive(Disconnect.class).reason())
                    .isEqualTo(ReasonCode.PACKET_TOO_LARGE);
            assertThat(client.isClosed()).isTrue();
        }
        try (TestClient client = new TestClient(V5)) {
            client.send(new byte[] {0x10, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, 0x7F});
            assertThat(client.receiveBytes()).isEmpty();
            assertThat(client.isClosed()).isTrue();
        }
    }

    @Test
    void bytesAfterTheEndAreThrownAway() {
        try (TestClient client = TestClient.connected(V5)) {
            client.send(
                    new Disconnect(ReasonCode.SUCCESS, Properties.EMPTY),
                    TestClient.publish("a", 1, 1, Properties.EMPTY));
            assertThat(client.session().published).isEmpty();
            assertThat(client.session().ends).containsExactly(Session.End.NORMAL);
        }
    }

    private static void assertEnds(Disconnect packet, Session.End end) {
        try (TestClient client = TestClient.connected(V5)) {
            client.send(packet);
            assertThat(client.receiveBytes()).isEmpty();
            assertThat(client.isClosed()).isTrue();
            assertThat(client.session().ends).containsExactly(end);
        }
    }

    private static Subscribe subscribe(String filter) {
        return new Subscribe(1, Properties.EMPTY, List.of(new Subscription(filter, 1)));
    }

    private static void pass(TestClient client, int seconds) {
        for (int i = 0; i < seconds * 2; i++) {
            client.channel.advanceTimeBy(500, TimeUnit.MILLISECONDS);
            client.channel.runScheduledPendingTasks();
        }
    }
}
