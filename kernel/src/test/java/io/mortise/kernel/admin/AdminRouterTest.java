// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;

import io.mortise.kernel.connector.ConnectorRuntime;
import io.mortise.kernel.metadata.LocalMetadataLog;
import io.mortise.kernel.metadata.Metadata;
import io.mortise.kernel.metadata.PartitionEntry;
import io.mortise.kernel.metrics.BrokerMetrics;
import io.mortise.kernel.runtime.VirtualThreadScheduler;
import io.mortise.kernel.security.AccessRules;
import io.mortise.kernel.security.BrokerSecurity;
import io.mortise.kernel.security.MetadataUsers;
import io.mortise.kernel.topic.BrokerTopic;
import io.mortise.kernel.topic.BrokerTopics;
import io.mortise.kernel.topic.PartitionHost;
import io.mortise.kernel.topic.TopicPolicy;
import io.mortise.spi.Durability;
import io.mortise.spi.TenantId;
import io.mortise.spi.admin.Administration;
import io.mortise.spi.admin.Administration.Health;
import io.mortise.spi.admin.Administration.Request;
import io.mortise.spi.admin.Administration.Response;
import io.mortise.spi.broker.Topics.TopicSpec;
import io.mortise.spi.security.Authenticator;
import io.mortise.spi.security.Credentials;
import io.mortise.spi.testing.FakeClock;
import io.mortise.spi.testing.VolatileFileLayer;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

final class AdminRouterTest {
    private final VirtualThreadScheduler scheduler = new VirtualThreadScheduler("admin-test");
    private Metadata metadata;
    private BrokerTopics topics;
    private BrokerSecurity security;
    private ConnectorRuntime connectors;
    private AdminRouter router;

    /** Opens nothing. */
    private static final class NoPartitions implements PartitionHost {
        @Override
        public CompletionStage<Void> open(BrokerTopic topic, PartitionEntry partition) {
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public void assigned(BrokerTopic topic, PartitionEntry partition) {}

        @Override
        public void reconfigured(BrokerTopic topic) {}

        @Override
        public void close(BrokerTopic topic, PartitionEntry partition) {}

        @Override
        public void delete(BrokerTopic topic, PartitionEntry partition) {}
    }

    @BeforeEach
    void open() throws Exception {
        metadata =
                Metadata.open(
                        new LocalMetadataLog(new VolatileFileLayer(1), "metadata", 1 << 20),
                        scheduler,
                        new Random(1));
        topics =
                new BrokerTopics(
                        metadata,
                        TopicPolicy.DEFAULT,
                        () -> Map.of("segment", EnumSet.allOf(Durability.class)),
                        new NoPartitions(),
                        0,
                        new Random(2));
        security =
                new BrokerSecurity(
                        metadata,
                        scheduler,
                        new FakeClock(),
                        new Random(3),
                        new BrokerMetrics().kernel(),
                        true);
        connectors = new ConnectorRuntime(metadata, topics, scheduler, id -> null);
        router =
                new AdminRouter(
                        scheduler,
                        "the-token",
                        () -> new Health(true, false, List.of("kafka")),
                        () -> "metrics");
        TopicRoutes.add(router, topics);
        SecurityRoutes.add(
                router, new MetadataUsers(metadata), new AccessRules(metadata), security);
        ConnectorRoutes.add(router, connectors);
    }

    @AfterEach
    void close() throws Exception {
        connectors.close();
        security.close();
        topics.close();
        metadata.close();
        scheduler.close();
    }

    private JsonNode call(int status, String method, String path, String body) throws Exception {
        Response response =
                router.handle(
                                new Request(
                                        method,
                                        "/api/v1" + path,
                                        Map.of(),
                                        null,
                                        body.replace('\'', '"').getBytes(StandardCharsets.UTF_8)))
                        .toCompletableFuture()
                        .orTimeout(30, TimeUnit.SECONDS)
                        .join();
        String text = new String(response.body(), StandardCharsets.UTF_8);
        assertThat(response.status()).as(text).isEqualTo(status);
        return AdminJson.MAPPER.readTree(text);
    }

    private void refused(int status, String method, String path, String body, String... words)
            throws Exception {
        assertThat(call(status, method, path, body).path("message").asText()).contains(words);
    }

    @Test
    void topicsComeChangeAndGo() throws Exception {
        JsonNode made =
                call(
                        200,
                        "POST",
                        "/topics",
                        "{'name':'t','partitions':2,'configs':{'durability':'OS','retention.ms':5}}");
        assertThat(made.path("partitionDetails")).hasSize(2);
        assertThat(made.path("configs").path("durability").asText()).isEqualTo("OS");
        assertThat(made.path("configsInForce").path("retention.bytes").asText()).isEqualTo("-1");
        assertThat(made.path("partitionDetails").get(0).path("serving").asBoolean()).isFalse();
        refused(409, "POST", "/topics", "{'name':'t'}", "'t' exists");
        JsonNode altered =
                call(200, "PATCH", "/topics/t", "{'partitions':3,'configs':{'retention.ms':null}}");
        assertThat(altered.path("partitions").asInt()).isEqualTo(3);
        assertThat(altered.path("configs").has("retention.ms")).isFalse();
        assertThat(call(200, "GET", "/topics", "").path("topics").get(0).path("name").asText())
                .isEqualTo("t");
        call(200, "DELETE", "/topics/t", "");
        refused(404, "GET", "/topics/t", "", "no topic 't'");
    }

    @Test
    void refusesWhatItDoesNotUnderstand() throws Exception {
        refused(400, "POST", "/topics", "{'name':'t','config':{}}", "did you mean 'configs'?");
        refused(400, "POST", "/topics", "{'name':5}", "'name' must be a text");
        refused(400, "POST", "/topics", "{}", "'name' is missing");
        refused(400, "POST", "/topics", "nonsense", "no JSON");
        refused(400, "POST", "/topics", "[]", "JSON object");
        refused(
                400,
                "POST",
                "/topics",
                "{'name':'t','configs':{'cleanup.policy':'tidy'}}",
                "allowed: one or more of delete, compact");
        refused(404, "GET", "/nothing", "", "nothing at /api/v1/nothing");
        refused(404, "PUT", "/topics", "", "does not know PUT");
    }

    @Test
    void internalTopicsAreNotForOperators() throws Exception {
        topics.create(new TopicSpec(TenantId.DEFAULT, "__mortise_x", 1, Map.of(), true))
                .toCompletableFuture()
                .join();
        refused(400, "DELETE", "/topics/__mortise_x", "", "belongs to the broker");
    }

    @Test
    void usersAndRulesComeAndGo() throws Exception {
        refused(503, "PUT", "/users/ann", "{'password':'p'}", "auth-builtin");
        security.register(
                "test",
                new Authenticator() {
                    @Override
                    public Verdict authenticate(Credentials credentials) {
                        return Verdict.ABSTAIN;
                    }

                    @Override
                    public String encode(byte[] password) {
                        return "hash";
                    }

                    @Override
                    public void close() {}
                });
        call(200, "PUT", "/users/ann", "{'password':'p'}");
        assertThat(call(200, "GET", "/users", "").toString())
                .isEqualTo("{\"users\":[{\"name\":\"ann\"}]}");
        refused(400, "PUT", "/users/ann", "{}", "'password' or a 'credential'");
        JsonNode rule =
                call(
                        200,
                        "POST",
                        "/rules",
                        "{'principal':'User:ann','pattern':'t','operation':'read'}");
        assertThat(rule.path("operation").asText()).isEqualTo("READ");
        refused(400, "POST", "/rules", "{'principal':'ann','pattern':'t'}", "User:name");
        refused(
                400,
                "POST",
                "/rules",
                "{'principal':'User:a','pattern':'t','operation':'eat'}",
                "'eat'",
                "READ");
        call(200, "DELETE", "/rules/" + rule.path("id").asText(), "");
        refused(404, "DELETE", "/rules/" + rule.path("id").asText(), "", "no rule");
        call(200, "DELETE", "/users/ann", "");
        refused(404, "DELETE", "/users/ann", "", "no user 'ann'");
    }

    @Test
    void connectorsAreRefusedWithoutTheirPlugin() throws Exception {
        refused(
                404,
                "POST",
                "/connectors",
                "{'name':'c','plugin':'x','topics':['t'],'settings':{}}",
                "plugin x");
        assertThat(call(200, "GET", "/connectors", "").path("connectors")).isEmpty();
        refused(404, "GET", "/connectors/c", "", "no connector 'c'");
    }

    @Test
    void aBugIsAnsweredAndNotPassedOn() throws Exception {
        router.route(
                "GET",
                "/bug",
                _ -> {
                    throw new IllegalStateException("on purpose");
                });
        refused(500, "GET", "/bug", "", "see the broker's log");
    }

    @Test
    void othersMayMountTheirOwn() throws Exception {
        var registration =
                router.mount(
                        new AdminResource() {
                            @Override
                            public boolean owns(String path) {
                                return path.startsWith("/api/v1/mine");
                            }

                            @Override
                            public Response handle(Request request) {
                                return new Response(
                                        200, "{\"mine\":true}".getBytes(StandardCharsets.UTF_8));
                            }
                        });
        assertThat(call(200, "GET", "/mine/x", "").path("mine").asBoolean()).isTrue();
        registration.close();
        call(404, "GET", "/mine/x", "");
    }

    @Test
    void knowsItsTokenAndHealth() throws Exception {
        Administration administration = router;
        assertThat(administration.authorized("the-token".getBytes(StandardCharsets.UTF_8)))
                .isTrue();
        assertThat(administration.authorized("the-tokem".getBytes(StandardCharsets.UTF_8)))
                .isFalse();
        assertThat(administration.metrics()).isEqualTo("metrics");
        assertThat(call(200, "GET", "/health", "").path("waitingFor").get(0).asText())
                .isEqualTo("kafka");
    }
}
