// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.protocol.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.protocol.kafka.testing.FakeBroker;
import io.mortise.spi.security.Operation;
import io.mortise.spi.security.ResourceType;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.DescribeConfigsOptions;
import org.apache.kafka.clients.admin.DescribeConsumerGroupsOptions;
import org.apache.kafka.clients.admin.MemberAssignment;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.SubscriptionPattern;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.GroupAuthorizationException;
import org.apache.kafka.common.errors.InvalidReplicationFactorException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/** Apache Kafka's own client against the plugin. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class KafkaClientsTest {
    private FakeBroker broker;

    @BeforeEach
    void start() throws Exception {
        broker = new FakeBroker();
    }

    @AfterEach
    void stop() throws Exception {
        broker.close();
    }

    private KafkaProducer<String, String> producer(Object... overrides) {
        Map<String, Object> config = new HashMap<>(Map.of("bootstrap.servers", broker.bootstrap()));
        put(config, overrides);
        return new KafkaProducer<>(config, new StringSerializer(), new StringSerializer());
    }

    private KafkaConsumer<String, String> consumer(Object... overrides) {
        Map<String, Object> config = new HashMap<>(Map.of("bootstrap.servers", broker.bootstrap()));
        config.put("auto.offset.reset", "earliest");
        put(config, overrides);
        return new KafkaConsumer<>(config, new StringDeserializer(), new StringDeserializer());
    }

    private Admin admin() {
        return Admin.create(Map.of("bootstrap.servers", broker.bootstrap()));
    }

    private static void put(Map<String, Object> config, Object... overrides) {
        for (int i = 0; i < overrides.length; i += 2) {
            config.put((String) overrides[i], overrides[i + 1]);
        }
    }

    private static List<ConsumerRecord<String, String>> poll(
            KafkaConsumer<String, String> consumer, int count) {
        List<ConsumerRecord<String, String>> records = new ArrayList<>();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (records.size() < count && System.nanoTime() < deadline) {
            consumer.poll(Duration.ofMillis(200)).forEach(records::add);
        }
        return records;
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "gzip", "snappy", "lz4", "zstd"})
    void whatIsProducedIsFetchedWithEveryCodec(String codec) throws Exception {
        try (var producer = producer("compression.type", codec, "linger.ms", 20)) {
            List<java.util.concurrent.Future<RecordMetadata>> sent = new ArrayList<>();
            for (int i = 0; i < 500; i++) {
                sent.add(producer.send(new ProducerRecord<>("t", 0, "k" + i, "value " + i)));
            }
            for (int i = 0; i < 500; i++) {
                assertThat(sent.get(i).get().offset()).isEqualTo(i);
            }
        }
        try (var consumer = consumer()) {
            consumer.assign(List.of(new TopicPartition("t", 0)));
            List<ConsumerRecord<String, String>> records = poll(consumer, 500);
            assertThat(records).hasSize(500);
            assertThat(records.get(499).key()).isEqualTo("k499");
            assertThat(records.get(499).offset()).isEqualTo(499);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "1", "all"})
    void everyLevelOfAcknowledgement(String acks) throws Exception {
        try (var producer = producer("acks", acks, "enable.idempotence", acks.equals("all"))) {
            for (int i = 0; i < 10; i++) {
                producer.send(new ProducerRecord<>("t", 0, "k", "v")).get();
            }
            producer.flush();
        }
        try (var consumer = consumer()) {
            consumer.assign(List.of(new TopicPartition("t", 0)));
            assertThat(poll(consumer, 10)).hasSize(10);
        }
    }

    @Test
    void aFetchWaitsForRecordsAndForColdReads() throws Exception {
        try (var producer = producer();
                var consumer = consumer()) {
            producer.send(new ProducerRecord<>("t", 0, "k", "1")).get();
            broker.topics().partition("t", 0).cached(false);
            consumer.assign(List.of(new TopicPartition("t", 0), new TopicPartition("t", 1)));
            assertThat(poll(consumer, 1)).hasSize(1);
            producer.send(new ProducerRecord<>("t", 0, "k", "2"));
            producer.send(new ProducerRecord<>("t", 1, "k", "3"));
            assertThat(poll(consumer, 2)).extracting(ConsumerRecord::value).contains("2", "3");
        }
    }

    @Test
    void aFullLogHaltsTheConnectionAndLosesNothing() throws Exception {
        try (var producer = producer("linger.ms", 0)) {
            producer.send(new ProducerRecord<>("t", 0, "k", "0")).get();
            broker.topics().partition("t", 0).full(true);
            List<java.util.concurrent.Future<RecordMetadata>> sent = new ArrayList<>();
            for (int i = 1; i <= 50; i++) {
                sent.add(producer.send(new ProducerRecord<>("t", 0, "k", "" + i)));
            }
            assertThatThrownBy(() -> sent.getFirst().get(300, TimeUnit.MILLISECONDS))
                    .isInstanceOf(java.util.concurrent.TimeoutException.class);
            broker.topics().partition("t", 0).full(false);
            for (int i = 0; i < 50; i++) {
                assertThat(sent.get(i).get().offset()).isEqualTo(i + 1);
            }
        }
    }

    @Test
    void aClassicGroupSharesPartitionsAndKeepsItsOffsets() throws Exception {
        try (var admin = admin();
                var producer = producer()) {
            admin.createTopics(List.of(new NewTopic("t", 4, (short) 1))).all().get();
            for (int i = 0; i < 40; i++) {
                producer.send(new ProducerRecord<>("t", i % 4, "k", "" + i)).get();
            }
            try (var consumer = consumer("group.id", "g")) {
                consumer.subscribe(List.of("t"));
                assertThat(poll(consumer, 40)).hasSize(40);
                consumer.commitSync();
            }
            producer.send(new ProducerRecord<>("t", 0, "k", "later")).get();
            try (var consumer = consumer("group.id", "g")) {
                consumer.subscribe(List.of("t"));
                assertThat(poll(consumer, 1))
                        .extracting(ConsumerRecord::value)
                        .containsExactly("later");
            }
            Map<TopicPartition, OffsetAndMetadata> offsets =
                    admin.listConsumerGroupOffsets("g").partitionsToOffsetAndMetadata().get();
            assertThat(offsets).hasSize(4);
            assertThat(admin.describeConsumerGroups(List.of("g")).all().get().get("g").groupId())
                    .isEqualTo("g");
            assertThat(admin.listGroups().all().get()).hasSize(1);
            admin.deleteConsumerGroups(List.of("g")).all().get();
            assertThat(admin.listGroups().all().get()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"classic", "consumer"})
    void aGroupIsDescribedToThoseWhoMaySeeIt(String protocol) throws Exception {
        try (var admin = admin();
                var consumer = consumer("group.id", "g", "group.protocol", protocol)) {
            admin.createTopics(List.of(new NewTopic("t", 1, (short) 1))).all().get();
            consumer.subscribe(List.of("t"));
            while (consumer.assignment().isEmpty()) {
                consumer.poll(Duration.ofMillis(50));
            }
            var all = new DescribeConsumerGroupsOptions().includeAuthorizedOperations(true);
            var group = admin.describeConsumerGroups(List.of("g"), all).all().get().get("g");
            assertThat(group.members()).hasSize(1);
            assertThat(group.authorizedOperations())
                    .contains(AclOperation.READ, AclOperation.DELETE);
            if (protocol.equals("consumer")) { // the classic one tells no names
                denyAll(ResourceType.TOPIC, "t");
                assertThatThrownBy(() -> admin.describeConsumerGroups(List.of("g")).all().get())
                        .hasCauseInstanceOf(TopicAuthorizationException.class);
            }
            denyAll(ResourceType.GROUP, "g");
            assertThatThrownBy(() -> admin.describeConsumerGroups(List.of("g")).all().get())
                    .hasCauseInstanceOf(GroupAuthorizationException.class);
        }
    }

    @Test
    void aPatternMatchesNoTopicThatTheMemberMayNotSee() throws Exception {
        try (var admin = admin();
                var consumer = consumer("group.id", "g", "group.protocol", "consumer")) {
            admin.createTopics(
                            List.of(
                                    new NewTopic("t.open", 1, (short) 1),
                                    new NewTopic("t.shut", 1, (short) 1)))
                    .all()
                    .get();
            denyAll(ResourceType.TOPIC, "t.shut");
            consumer.subscribe(new SubscriptionPattern("t\\..*"));
            while (consumer.assignment().isEmpty()) {
                consumer.poll(Duration.ofMillis(50));
            }
            var group = admin.describeConsumerGroups(List.of("g")).all().get().get("g");
            assertThat(group.members().iterator().next().targetAssignment().orElseThrow())
                    .extracting(MemberAssignment::topicPartitions)
                    .isEqualTo(Set.of(new TopicPartition("t.open", 0)));
        }
    }

    /** What kafka-configs.sh asks of brokers: each of them, and the cluster's defaults. */
    @Test
    void brokersHaveConfigsAndTheClusterHasNoDefaults() throws Exception {
        try (var admin = admin()) {
            ConfigResource self = new ConfigResource(ConfigResource.Type.BROKER, "7");
            ConfigResource defaults = new ConfigResource(ConfigResource.Type.BROKER, "");
            var options = new DescribeConfigsOptions().includeSynonyms(true);
            var configs = admin.describeConfigs(List.of(self, defaults), options).all().get();
            assertThat(configs.get(defaults).entries()).isEmpty();
            assertThat(configs.get(self).get("node.id").value()).isEqualTo("7");
            assertThat(configs.get(self).get("node.id").synonyms())
                    .extracting(ConfigEntry.ConfigSynonym::value)
                    .containsExactly("7");
        }
    }

    private void denyAll(ResourceType type, String name) {
        for (Operation operation : Operation.values()) {
            broker.security().deny(operation, type, name);
        }
    }

    @Test
    void aGroupOfTheNewProtocolRebalancesOverTwoMembers() throws Exception {
        try (var admin = admin();
                var producer = producer()) {
            admin.createTopics(List.of(new NewTopic("t", 4, (short) 1))).all().get();
            for (int i = 0; i < 40; i++) {
                producer.send(new ProducerRecord<>("t", i % 4, "k", "" + i)).get();
            }
            try (var one = consumer("group.id", "n", "group.protocol", "consumer");
                    var two = consumer("group.id", "n", "group.protocol", "consumer")) {
                one.subscribe(List.of("t"));
                assertThat(poll(one, 40)).hasSize(40);
                one.commitSync();
                two.subscribe(List.of("t"));
                long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
                while (two.assignment().size() != 2 && System.nanoTime() < deadline) {
                    one.poll(Duration.ofMillis(100));
                    two.poll(Duration.ofMillis(100));
                }
                Set<Integer> partitions = new TreeSet<>();
                one.assignment().forEach(p -> partitions.add(p.partition()));
                two.assignment().forEach(p -> partitions.add(p.partition()));
                assertThat(partitions).containsExactly(0, 1, 2, 3);
            }
        }
    }

    @Test
    void groupsAreReadAgainUnderANewEpoch() throws Exception {
        TopicPartition partition = new TopicPartition("t", 0);
        try (var producer = producer();
                var consumer = consumer("group.id", "g")) {
            producer.send(new ProducerRecord<>("t", 0, "k", "v")).get();
            consumer.assign(List.of(partition));
            consumer.commitSync(Map.of(partition, new OffsetAndMetadata(1, "here")));
            broker.topics().partition("__consumer_offsets", 0).nextEpoch();
            broker.topics().partition("__consumer_offsets", 1).nextEpoch();
        }
        try (var consumer = consumer("group.id", "g")) {
            assertThat(consumer.committed(Set.of(partition)).get(partition))
                    .isEqualTo(new OffsetAndMetadata(1, "here"));
        }
    }

    @Test
    void topicsAreCreatedDescribedChangedAndDeleted() throws Exception {
        try (var admin = admin()) {
            NewTopic wanted = new NewTopic("a", 3, (short) 1).configs(Map.of("durability", "OS"));
            var created = admin.createTopics(List.of(wanted));
            created.all().get();
            assertThat(created.numPartitions("a").get()).isEqualTo(3);
            assertThatThrownBy(() -> admin.createTopics(List.of(wanted)).all().get())
                    .hasCauseInstanceOf(TopicExistsException.class);
            assertThatThrownBy(
                            () ->
                                    admin.createTopics(List.of(new NewTopic("b", 1, (short) 3)))
                                            .all()
                                            .get())
                    .hasCauseInstanceOf(InvalidReplicationFactorException.class);
            TopicDescription described =
                    admin.describeTopics(List.of("a")).allTopicNames().get().get("a");
            assertThat(described.partitions()).hasSize(3);
            assertThat(described.partitions().getFirst().leader().id()).isEqualTo(7);
            ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, "a");
            admin.incrementalAlterConfigs(
                            Map.of(
                                    resource,
                                    List.of(
                                            new AlterConfigOp(
                                                    new ConfigEntry("retention.ms", "1000"),
                                                    AlterConfigOp.OpType.SET))))
                    .all()
                    .get();
            var config = admin.describeConfigs(List.of(resource)).all().get().get(resource);
            assertThat(config.get("retention.ms").value()).isEqualTo("1000");
            assertThat(config.get("durability").value()).isEqualTo("OS");
            assertThat(config.get("retention.bytes").isDefault()).isTrue();
            admin.createPartitions(Map.of("a", NewPartitions.increaseTo(5))).all().get();
            assertThat(
                            admin.describeTopics(List.of("a"))
                                    .allTopicNames()
                                    .get()
                                    .get("a")
                                    .partitions())
                    .hasSize(5);
            assertThat(admin.describeCluster().nodes().get()).hasSize(1);
            admin.deleteTopics(List.of("a")).all().get();
            assertThat(admin.listTopics().names().get()).doesNotContain("a");
        }
    }

    @Test
    void offsetsAreFoundAndRecordsDeleted() throws Exception {
        TopicPartition partition = new TopicPartition("t", 0);
        try (var producer = producer();
                var admin = admin()) {
            for (int i = 0; i < 10; i++) {
                producer.send(new ProducerRecord<>("t", 0, 1000L + 10L * i, "k", "v")).get();
            }
            assertThat(offset(admin, partition, OffsetSpec.earliest())).isZero();
            assertThat(offset(admin, partition, OffsetSpec.latest())).isEqualTo(10);
            assertThat(offset(admin, partition, OffsetSpec.maxTimestamp())).isEqualTo(9);
            assertThat(offset(admin, partition, OffsetSpec.forTimestamp(1035))).isEqualTo(4);
            assertThat(offset(admin, partition, OffsetSpec.forTimestamp(9999))).isEqualTo(-1);
            admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(5))).all().get();
            assertThat(offset(admin, partition, OffsetSpec.earliest())).isEqualTo(5);
        }
    }

    private static long offset(Admin admin, TopicPartition partition, OffsetSpec spec)
            throws InterruptedException, ExecutionException {
        return admin.listOffsets(Map.of(partition, spec)).partitionResult(partition).get().offset();
    }

    @Test
    void noThreadOutlivesThePlugin() throws Exception {
        try (FakeBroker other = new FakeBroker();
                var consumer = consumer("bootstrap.servers", other.bootstrap(), "group.id", "g")) {
            TopicPartition partition = new TopicPartition("t", 0);
            other.topics().createAutomatically(io.mortise.spi.TenantId.DEFAULT, "t");
            consumer.commitSync(Map.of(partition, new OffsetAndMetadata(0)));
            assertThat(coordinatorThreads()).isNotEmpty();
        }
        assertThat(coordinatorThreads()).isEmpty();
    }

    private static List<String> coordinatorThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(
                        name ->
                                name.contains("group-coordinator")
                                        || name.contains("kafka-group-timer")
                                        || name.startsWith("metrics-"))
                .toList();
    }

    @Test
    void transactionsAreRefusedAtOnce() {
        try (var producer = producer("transactional.id", "tx")) {
            assertThatThrownBy(producer::initTransactions)
                    .isInstanceOf(KafkaException.class)
                    .hasMessageContaining("only consumer groups are supported");
        }
    }

    @Test
    void aKnownUserComesInByPlainAndNobodyElse() throws Exception {
        broker.security().addUser("ada", "secret");
        try (var producer = producer(sasl("ada", "secret"))) {
            producer.send(new ProducerRecord<>("t", 0, "k", "v")).get();
        }
        try (var producer = producer(sasl("ada", "wrong"))) {
            assertThatThrownBy(() -> producer.send(new ProducerRecord<>("t", 0, "k", "v")).get())
                    .hasMessageContaining("not a known user");
        }
        try (var producer = producer("max.block.ms", 1000)) {
            assertThatThrownBy(() -> producer.send(new ProducerRecord<>("t", 0, "k", "v")).get())
                    .hasMessageContaining("metadata");
        }
    }

    private static Object[] sasl(String user, String password) {
        return new Object[] {
            "security.protocol",
            "SASL_PLAINTEXT",
            "sasl.mechanism",
            "PLAIN",
            "sasl.jaas.config",
            "org.apache.kafka.common.security.plain.PlainLoginModule required username=\""
                    + user
                    + "\" password=\""
                    + password
                    + "\";"
        };
    }
}
