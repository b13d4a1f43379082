// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.tests.mqtt;

import static io.mortise.tests.mqtt.Clients.connected;
import static io.mortise.tests.mqtt.Clients.inbox;
import static io.mortise.tests.mqtt.Clients.subscribe;
import static io.mortise.tests.mqtt.Clients.text;
import static io.mortise.tests.mqtt.Clients.v3;
import static io.mortise.tests.mqtt.Clients.v5;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt3.exceptions.Mqtt3ConnAckException;
import com.hivemq.client.mqtt.mqtt3.message.connect.connack.Mqtt3ConnAckReturnCode;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5ConnAckException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5PubAckException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5SubAckException;
import com.hivemq.client.mqtt.mqtt5.message.connect.connack.Mqtt5ConnAckReasonCode;
import com.hivemq.client.mqtt.mqtt5.message.publish.puback.Mqtt5PubAckReasonCode;
import com.hivemq.client.mqtt.mqtt5.message.subscribe.suback.Mqtt5SubAckReasonCode;

import io.mortise.kernel.broker.EmbeddedBroker;
import io.mortise.kernel.config.ConfigException;
import io.mortise.kernel.config.UsersFile;
import io.mortise.protocol.mqtt.codec.ConnAck;
import io.mortise.protocol.mqtt.codec.Connect;
import io.mortise.protocol.mqtt.codec.Disconnect;
import io.mortise.protocol.mqtt.codec.Ping;
import io.mortise.protocol.mqtt.codec.Properties;
import io.mortise.protocol.mqtt.codec.ProtocolVersion;
import io.mortise.protocol.mqtt.codec.ReasonCode;
import io.mortise.spi.admin.Administration;
import io.mortise.tests.mqtt.Clients.Inbox;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

import java.io.EOFException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Users and rules as an MQTT client meets them: at connect, publish, subscribe and delivery. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AccessTest {
    private static final String USERS =
            """
            users:
              - name: alice
                password: wonderland
              - name: root
                password: of-all
            rules:
              - principal: User:root
                pattern: "*"
              - principal: User:alice
                patternType: FILTER
                pattern: "open/#"
              - principal: User:alice
                patternType: FILTER
                pattern: "shut/#"
              - effect: DENY
                principal: User:alice
                patternType: FILTER
                pattern: "shut/secret/#"
            """;

    private EmbeddedBroker broker;
    private int port;
    private Mqtt5BlockingClient root;

    @BeforeAll
    void start(@TempDir Path data) throws Exception {
        broker =
                EmbeddedBroker.builder(data)
                        .plugins("protocol-mqtt", "storage-segment", "auth-builtin")
                        .users(users())
                        .start();
        port = broker.port("mqtt");
        root = login("root", "of-all");
    }

    @AfterAll
    void stop() {
        root.disconnect();
        broker.close();
    }

    @Test
    void wrongPasswordIsRefusedInBothVersions() {
        assertThatThrownBy(() -> login("alice", "guess"))
                .isInstanceOfSatisfying(
                        Mqtt5ConnAckException.class,
                        e ->
                                assertThat(e.getMqttMessage().getReasonCode())
                                        .isEqualTo(
                                                Mqtt5ConnAckReasonCode.BAD_USER_NAME_OR_PASSWORD));
        assertThatThrownBy(
                        () ->
                                v3(port, "wrong")
                                        .connectWith()
                                        .simpleAuth()
                                        .username("nobody")
                                        .password("guess".getBytes(UTF_8))
                                        .applySimpleAuth()
                                        .send())
                .isInstanceOfSatisfying(
                        Mqtt3ConnAckException.class,
                        e ->
                                assertThat(e.getMqttMessage().getReturnCode())
                                        .isEqualTo(
                                                Mqtt3ConnAckReturnCode.BAD_USER_NAME_OR_PASSWORD));
    }

    @Test
    void publishingNeedsARule() {
        Mqtt5BlockingClient alice = login("alice", "wonderland");
        publish(alice, "open/a", "allowed");
        assertThatThrownBy(() -> publish(alice, "shut/secret/a", "denied"))
                .isInstanceOfSatisfying(
                        Mqtt5PubAckException.class,
                        e ->
                                assertThat(e.getMqttMessage().getReasonCode())
                                        .isEqualTo(Mqtt5PubAckReasonCode.NOT_AUTHORIZED));
        assertThatThrownBy(() -> publish(alice, "elsewhere/a", "denied"))
                .isInstanceOf(Mqtt5PubAckException.class);
        assertThat(alice.getState().isConnected()).isTrue();
        alice.disconnect();
        Mqtt5BlockingClient nobody = connected(port, "nobody");
        assertThatThrownBy(() -> publish(nobody, "open/a", "denied"))
                .isInstanceOf(Mqtt5PubAckException.class);
        nobody.disconnect();
    }

    @Test
    void forbiddenTopicsCannotBeSubscribedTo() {
        Mqtt5BlockingClient alice = login("alice", "wonderland");
        assertThatThrownBy(() -> subscribe(alice, "shut/secret/a", 1))
                .isInstanceOfSatisfying(
                        Mqtt5SubAckException.class,
                        e ->
                                assertThat(e.getMqttMessage().getReasonCodes())
                                        .containsExactly(Mqtt5SubAckReasonCode.NOT_AUTHORIZED));
        alice.disconnect();
    }

    @Test
    void wildcardShowsAllowedTopicsOnly() {
        publish(root, "shut/secret/before", "hidden");
        Mqtt5BlockingClient alice = login("alice", "wonderland");
        try (Inbox inbox = inbox(alice)) {
            subscribe(alice, "#", 1);
            publish(root, "shut/secret/after", "hidden");
            publish(root, "never-allowed/x", "hidden");
            publish(root, "shut/visible", "seen");
            assertThat(text(inbox.next())).isEqualTo("seen");
            assertThat(inbox.quiet()).isEmpty();
        }
        alice.disconnect();
    }

    @Test
    void retainedMessagesOfForbiddenTopicsStayHidden() {
        retain("shut/secret/kept", "hidden");
        retain("shut/kept", "seen");
        Mqtt5BlockingClient alice = login("alice", "wonderland");
        try (Inbox inbox = inbox(alice)) {
            subscribe(alice, "shut/#", 1);
            assertThat(text(inbox.next())).isEqualTo("seen");
            assertThat(inbox.quiet()).isEmpty();
        }
        alice.disconnect();
        retain("shut/kept", "");
        retain("shut/secret/kept", "");
    }

    @Test
    void changedRuleWorksOnALiveConnection() throws Exception {
        Mqtt5BlockingClient alice = login("alice", "wonderland");
        try (Inbox inbox = inbox(alice)) {
            subscribe(alice, "open/live/#", 1);
            publish(root, "open/live/a", "before");
            publish(alice, "open/live/a", "before too");
            assertThat(inbox.texts(2)).containsExactly("before", "before too");
            deny("open/live/#");
            assertThatThrownBy(() -> publish(alice, "open/live/a", "after"))
                    .isInstanceOf(Mqtt5PubAckException.class);
            publish(root, "open/live/a", "after");
            publish(root, "open/else", "nobody listens");
            assertThat(inbox.quiet()).isEmpty();
        }
        alice.disconnect();
    }

    @Test
    void aUserWhoIsRemovedIsDisconnected() throws Exception {
        put("carol", "first");
        try (CodecClient v5 = logged(ProtocolVersion.V5, "carol", "first");
                CodecClient v3 = logged(ProtocolVersion.V3_1_1, "carol", "first");
                CodecClient other = logged(ProtocolVersion.V5, "root", "of-all")) {
            ask("DELETE", "/api/v1/users/carol", "");
            assertDisconnected(v5);
            assertThatThrownBy(v3::receive).isInstanceOf(EOFException.class);
            other.send(Ping.REQUEST);
            assertThat(other.receive()).isEqualTo(Ping.RESPONSE);
        }
    }

    @Test
    void aUserWhosePasswordChangesIsDisconnected() throws Exception {
        put("dave", "first");
        try (CodecClient before = logged(ProtocolVersion.V5, "dave", "first")) {
            put("dave", "second");
            assertDisconnected(before);
        }
        assertThatThrownBy(() -> login("dave", "first")).isInstanceOf(Mqtt5ConnAckException.class);
        try (CodecClient after = logged(ProtocolVersion.V5, "dave", "second")) {
            after.send(Ping.REQUEST);
            assertThat(after.receive()).isEqualTo(Ping.RESPONSE);
        }
    }

    private static void assertDisconnected(CodecClient client) throws Exception {
        Disconnect goodbye = (Disconnect) client.receive();
        assertThat(goodbye.reason()).isEqualTo(ReasonCode.NOT_AUTHORIZED);
        assertThatThrownBy(client::receive).isInstanceOf(EOFException.class);
    }

    private CodecClient logged(ProtocolVersion version, String user, String password)
            throws Exception {
        CodecClient client = CodecClient.connect(version, port, 8_192, 0);
        String clientId = user + "-" + System.nanoTime();
        client.send(
                new Connect(
                        version,
                        true,
                        0,
                        clientId,
                        Properties.EMPTY,
                        null,
                        user,
                        password.getBytes(UTF_8)));
        assertThat(((ConnAck) client.receive()).reason()).isEqualTo(ReasonCode.SUCCESS);
        return client;
    }

    private void deny(String filter) throws Exception {
        String rule =
                "{\"effect\":\"DENY\",\"principal\":\"User:alice\",\"patternType\":\"FILTER\","
                        + "\"pattern\":\""
                        + filter
                        + "\"}";
        ask("POST", "/api/v1/rules", rule);
    }

    private void put(String user, String password) throws Exception {
        ask("PUT", "/api/v1/users/" + user, "{\"password\":\"" + password + "\"}");
    }

    private void ask(String method, String path, String body) throws Exception {
        Administration.Request request =
                new Administration.Request(
                        method, path, Map.of(), "application/json", body.getBytes(UTF_8));
        Administration.Response response =
                broker.administration()
                        .handle(request)
                        .toCompletableFuture()
                        .get(20, TimeUnit.SECONDS);
        assertThat(response.status()).as(new String(response.body(), UTF_8)).isBetween(200, 299);
    }

    private static UsersFile users() throws ConfigException {
        return UsersFile.read("users.yaml", USERS);
    }

    private Mqtt5BlockingClient login(String user, String password) {
        Mqtt5BlockingClient client = v5(port, user + "-" + System.nanoTime());
        client.connectWith()
                .simpleAuth()
                .username(user)
                .password(password.getBytes(UTF_8))
                .applySimpleAuth()
                .send();
        return client;
    }

    private static void publish(Mqtt5BlockingClient client, String topic, String text) {
        Clients.publish(client, topic, 1, text);
    }

    private void retain(String topic, String text) {
        root.publishWith()
                .topic(topic)
                .qos(MqttQos.AT_LEAST_ONCE)
                .retain(true)
                .payload(text.getBytes(UTF_8))
                .send();
    }
}
