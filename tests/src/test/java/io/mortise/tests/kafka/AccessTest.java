// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.tests.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mortise.kernel.broker.EmbeddedBroker;
import io.mortise.kernel.config.UsersFile;
import io.mortise.spi.admin.Administration;
import io.mortise.spi.testing.Await;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.ClusterAuthorizationException;
import org.apache.kafka.common.errors.GroupAuthorizationException;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Users and rules as a Kafka client meets them: at connect, produce, fetch, in groups and lists.
 */
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
              - principal: User:root
                resource: GROUP
                pattern: "*"
              - principal: User:root
                resource: CLUSTER
                pattern: "*"
              - principal: User:alice
                pattern: "open"
              - principal: User:alice
                pattern: "watched"
              - principal: User:alice
                resource: GROUP
                pattern: "hers"
            """;

    private EmbeddedBroker broker;

    @BeforeAll
    void start(@TempDir Path data) throws Exception {
        broker =
                EmbeddedBroker.builder(data)
                        .plugins("protocol-kafka", "storage-segment", "auth-builtin")
                        .users(UsersFile.read("users.yaml", USERS))
                        .start();
        try (Admin root = Admin.create(login("root", "of-all"))) {
            root.createTopics(
                            List.of(
                                    new NewTopic("open", 1, (short) 1),
                                    new NewTopic("watched", 1, (short) 1),
                                    new NewTopic("shut", 1, (short) 1)))
                    .all()
                    .get();
        }
        try (var producer = producer("root", "of-all")) {
            producer.send(new ProducerRecord<>("shut", "k", "secret")).get();
        }
    }

    @AfterAll
    void stop() {
        broker.close();
    }

    @Test
    void logDirectoriesAskForDescribeOnTheCluster() throws Exception {
        try (Admin root = Admin.create(login("root", "of-all"));
                Admin alice = Admin.create(login("alice", "wonderland"))) {
            assertThat(root.describeLogDirs(List.of(0)).allDescriptions().get().get(0)).hasSize(1);
            assertThatThrownBy(() -> alice.describeLogDirs(List.of(0)).allDescriptions().get())
                    .hasCauseInstanceOf(ClusterAuthorizationException.class);
        }
    }

    @Test
    void aWrongPasswordIsSaid() {
        try (Admin admin = Admin.create(login("alice", "guess"))) {
            assertThatThrownBy(() -> admin.listTopics().names().get())
                    .hasCauseInstanceOf(SaslAuthenticationException.class);
        }
    }

    @Test
    void producingNeedsARule() throws Exception {
        try (var producer = producer("alice", "wonderland")) {
            producer.send(new ProducerRecord<>("open", "k", "allowed")).get();
            assertDenied(producer, "shut");
            producer.send(new ProducerRecord<>("open", "k", "still allowed")).get();
        }
    }

    @Test
    void fetchingNeedsARule() {
        try (var consumer = consumer("hers")) {
            consumer.assign(List.of(new TopicPartition("shut", 0)));
            consumer.seekToBeginning(List.of(new TopicPartition("shut", 0)));
            assertThatThrownBy(() -> poll(consumer))
                    .isInstanceOf(TopicAuthorizationException.class);
        }
    }

    @Test
    void aGroupNeedsARule() {
        try (var consumer = consumer("theirs")) {
            consumer.subscribe(List.of("open"));
            assertThatThrownBy(() -> poll(consumer))
                    .isInstanceOf(GroupAuthorizationException.class);
        }
    }

    @Test
    void aListShowsOnlyWhatOneMaySee() throws Exception {
        try (Admin alice = Admin.create(login("alice", "wonderland"))) {
            Set<String> names = alice.listTopics().names().get();
            assertThat(names).contains("open").doesNotContain("shut");
        }
    }

    @Test
    void aNewRuleHoldsOnALiveConnection() throws Exception {
        try (var producer = producer("alice", "wonderland")) {
            producer.send(new ProducerRecord<>("open", "k", "before")).get();
            deny("User:alice", "open");
            try {
                // A rule that is committed holds at once: well within the second that is promised.
                assertDenied(producer, "open");
            } finally {
                forgetDenials();
            }
        }
    }

    /**
     * The fetch waits in the broker as the rule comes: what is produced then is not its any more.
     */
    @Test
    void aFetchThatWaitsMindsARuleThatComes() throws Exception {
        try (var consumer = consumer("hers", "fetch.max.wait.ms", 30_000);
                var producer = producer("root", "of-all")) {
            TopicPartition partition = new TopicPartition("open", 0);
            consumer.assign(List.of(partition));
            consumer.seekToEnd(List.of(partition));
            consumer.position(partition);
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(2);
            while (System.nanoTime() < deadline) {
                assertThat(consumer.poll(Duration.ofMillis(100))).isEmpty();
            }
            deny("User:alice", "open");
            producer.send(new ProducerRecord<>("open", "k", "not hers")).get();
            assertThatThrownBy(() -> poll(consumer))
                    .isInstanceOf(TopicAuthorizationException.class);
        } finally {
            forgetDenials();
        }
    }

    @Test
    void aUserWhoIsRemovedIsDisconnected() throws Exception {
        ask("PUT", "/api/v1/users/carol", Map.of(), "{\"password\":\"first\"}");
        ask(
                "POST",
                "/api/v1/rules",
                Map.of(),
                "{\"principal\":\"User:carol\",\"pattern\":\"open\"}");
        try (var producer = producer("carol", "first")) {
            producer.send(new ProducerRecord<>("open", "k", "allowed")).get();
            ask("DELETE", "/api/v1/users/carol", Map.of(), "");
            Future<RecordMetadata> tooLate =
                    producer.send(new ProducerRecord<>("open", "k", "too late"));
            awaitFailedLogin(producer);
            assertThat(tooLate.isDone()).isFalse();
            producer.close(Duration.ZERO);
            assertThatThrownBy(tooLate::get).isInstanceOf(ExecutionException.class);
        }
    }

    /** Its connection was closed, and another is not let in. */
    private static void awaitFailedLogin(KafkaProducer<String, String> producer) {
        Await.until(
                "it has to log in again",
                () -> metric(producer, "failed-authentication-total") > 0);
    }

    private static double metric(KafkaProducer<String, String> producer, String name) {
        return producer.metrics().entrySet().stream()
                .filter(entry -> entry.getKey().name().equals(name))
                .mapToDouble(entry -> (Double) entry.getValue().metricValue())
                .sum();
    }

    @Test
    void aNewDenialEndsReadingInAnOpenFetchSession() throws Exception {
        TopicPartition open = new TopicPartition("watched", 0);
        try (var producer = producer("root", "of-all");
                var consumer = consumer("hers")) {
            producer.send(new ProducerRecord<>("watched", "k", "before")).get();
            consumer.assign(List.of(open));
            List<ConsumerRecord<String, String>> records = KafkaBroker.poll(consumer, 1);
            assertThat(records).extracting(ConsumerRecord::value).containsExactly("before");
            deny("User:alice", "watched");
            try {
                producer.send(new ProducerRecord<>("watched", "k", "after")).get();
                assertThatThrownBy(() -> poll(consumer))
                        .isInstanceOf(TopicAuthorizationException.class);
            } finally {
                forgetDenials();
            }
            assertThat(KafkaBroker.poll(consumer, 1))
                    .extracting(ConsumerRecord::value)
                    .containsExactly("after");
        }
    }

    @Test
    void whoShowsNoCredentialMayDoNothing() {
        Map<String, Object> anonymous =
                Map.of(
                        "bootstrap.servers",
                        bootstrap(),
                        "default.api.timeout.ms",
                        5_000,
                        "request.timeout.ms",
                        3_000,
                        "max.block.ms",
                        5_000);
        try (var producer =
                new KafkaProducer<>(anonymous, new StringSerializer(), new StringSerializer())) {
            assertThatThrownBy(() -> producer.send(new ProducerRecord<>("open", "k", "v")).get())
                    .isInstanceOfAny(ExecutionException.class, TopicAuthorizationException.class);
        }
    }

    private static void assertDenied(KafkaProducer<String, String> producer, String topic) {
        assertThatThrownBy(() -> producer.send(new ProducerRecord<>(topic, "k", "denied")).get())
                .hasCauseInstanceOf(TopicAuthorizationException.class);
    }

    private static void poll(KafkaConsumer<String, String> consumer) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (System.nanoTime() < deadline) {
            assertThat(consumer.poll(Duration.ofMillis(200))).isEmpty();
        }
    }

    private void deny(String principal, String topic) throws Exception {
        String rule =
                "{\"effect\":\"DENY\",\"principal\":\""
                        + principal
                        + "\",\"pattern\":\""
                        + topic
                        + "\"}";
        ask("POST", "/api/v1/rules", Map.of(), rule);
    }

    private void forgetDenials() throws Exception {
        String rules = ask("GET", "/api/v1/rules", Map.of(), "");
        var denial = java.util.regex.Pattern.compile("\\{[^{}]*\"DENY\"[^{}]*}").matcher(rules);
        while (denial.find()) {
            var id = java.util.regex.Pattern.compile("\"id\":\"([^\"]+)\"").matcher(denial.group());
            assertThat(id.find()).isTrue();
            ask("DELETE", "/api/v1/rules/" + id.group(1), Map.of(), "");
        }
    }

    private String ask(String method, String path, Map<String, String> query, String body)
            throws Exception {
        Administration.Response response =
                broker.administration()
                        .handle(
                                new Administration.Request(
                                        method,
                                        path,
                                        query,
                                        "application/json",
                                        body.getBytes(UTF_8)))
                        .toCompletableFuture()
                        .get(20, TimeUnit.SECONDS);
        String text = new String(response.body(), UTF_8);
        assertThat(response.status()).as(text).isBetween(200, 299);
        return text;
    }

    private String bootstrap() {
        return "127.0.0.1:" + broker.port("kafka");
    }

    private KafkaProducer<String, String> producer(String user, String password) {
        return new KafkaProducer<>(
                login(user, password), new StringSerializer(), new StringSerializer());
    }

    private KafkaConsumer<String, String> consumer(String group, Object... overrides) {
        Map<String, Object> config = login("alice", "wonderland");
        for (int i = 0; i < overrides.length; i += 2) {
            config.put((String) overrides[i], overrides[i + 1]);
        }
        config.put("group.id", group);
        config.put("auto.offset.reset", "earliest");
        return new KafkaConsumer<>(config, new StringDeserializer(), new StringDeserializer());
    }

    private Map<String, Object> login(String user, String password) {
        return new HashMap<>(
                Map.of(
                        "bootstrap.servers",
                        bootstrap(),
                        "security.protocol",
                        "SASL_PLAINTEXT",
                        "sasl.mechanism",
                        "PLAIN",
                        "sasl.jaas.config",
                        "org.apache.kafka.common.security.plain.PlainLoginModule required"
                                + " username=\""
                                + user
                                + "\" password=\""
                                + password
                                + "\";"));
    }
}
