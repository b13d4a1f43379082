// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.tests.mqtt;

import static io.mortise.tests.mqtt.Clients.connected;
import static io.mortise.tests.mqtt.Clients.inbox;
import static io.mortise.tests.mqtt.Clients.publish;
import static io.mortise.tests.mqtt.Clients.subscribe;
import static io.mortise.tests.mqtt.Clients.text;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;

import io.mortise.kernel.partition.Markers;
import io.mortise.spi.TenantId;
import io.mortise.spi.broker.Partition;
import io.mortise.spi.broker.Topic;
import io.mortise.tests.mqtt.Clients.Inbox;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** The rows of docs/mapping.md, by an MQTT client on one side and Kafka's on the other. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MappingTest {
    private MqttBroker broker;
    private Mqtt5BlockingClient mqtt;
    private KafkaProducer<byte[], byte[]> producer;

    @BeforeAll
    void start(@TempDir Path data) throws Exception {
        broker = MqttBroker.start(data);
        mqtt = connected(broker.mqttPort(), "mapping");
        producer = producer("none");
    }

    @AfterAll
    void stop() throws Exception {
        producer.close(Duration.ofSeconds(5));
        mqtt.disconnect();
        broker.close();
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "NULL",
            value = {
                "factory/line1/temp, factory, line1/temp",
                "single, single, NULL",
                "slash/, slash, ''",
                "empty//temp, empty, /temp",
                "/factory/temp, mqtt, /factory/temp",
                "Grüße/a, mqtt, Grüße/a",
                "a b/c, mqtt, a b/c",
                "../x, mqtt, ../x",
            })
    void topicBecomesTopicAndKey(String address, String topic, @Nullable String key) {
        publish(mqtt, address, 1, address);
        ConsumerRecord<byte[], byte[]> record = find(topic, address);
        assertThat(record.key() == null ? null : new String(record.key(), UTF_8)).isEqualTo(key);
    }

    @Test
    void firstLevelTooLongForKafkaGoesToTheCatchAll() {
        String address = "x".repeat(250) + "/a";
        publish(mqtt, address, 1, "long");
        assertThat(find("mqtt", "long").key()).isEqualTo(address.getBytes(UTF_8));
    }

    @Test
    void namesThatCollideGoToTheCatchAll() {
        publish(mqtt, "col_lide/x", 1, "first");
        find("col_lide", "first");
        publish(mqtt, "col.lide/x", 1, "second");
        assertThat(find("mqtt", "second").key()).isEqualTo("col.lide/x".getBytes(UTF_8));
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "gzip", "lz4", "zstd", "snappy"})
    void recordsOfEveryCompressionReachSubscribers(String compression) {
        String topic = "compressed-" + compression;
        try (Inbox inbox = inbox(mqtt);
                KafkaProducer<byte[], byte[]> compressing = producer(compression)) {
            subscribe(mqtt, topic + "/+/set", 1);
            for (int i = 0; i < 20; i++) {
                compressing.send(record(topic, "line1/set", "on " + i));
            }
            compressing.flush();
            List<String> expected = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                expected.add("on " + i);
            }
            assertThat(inbox.texts(20)).isEqualTo(expected);
        }
    }

    @Test
    void keysBecomeTopics() {
        try (Inbox inbox = inbox(mqtt)) {
            subscribe(mqtt, "keys/#", 2);
            send(record("keys", "line1/set", "plain"));
            Mqtt5Publish plain = inbox.next();
            assertThat(plain.getTopic()).hasToString("keys/line1/set");
            assertThat(plain.getQos()).isEqualTo(MqttQos.AT_LEAST_ONCE);
            assertThat(plain.isRetain()).isFalse();
            send(new ProducerRecord<>("keys", null, "null".getBytes(UTF_8)));
            assertThat(inbox.next().getTopic()).hasToString("keys");
            send(record("keys", "", "empty"));
            assertThat(inbox.next().getTopic()).hasToString("keys/");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"a/+", "#", "a\u0000b", "a\u0001b"})
    void keysThatAreNoAddressAreProperties(String key) {
        try (Inbox inbox = inbox(mqtt)) {
            subscribe(mqtt, "nokeys/#", 1);
            send(record("nokeys", key, "x"));
            Mqtt5Publish received = inbox.next();
            assertThat(received.getTopic()).hasToString("nokeys");
            boolean sayable = key.indexOf('\0') < 0 && key.indexOf('\1') < 0;
            if (sayable) {
                assertThat(received.getUserProperties().asList())
                        .extracting(it -> it.getName() + "=" + it.getValue())
                        .containsExactly("record-key=" + key);
            }
        }
    }

    @Test
    void keyThatIsNotUtf8KeepsItsRecordDeliverable() {
        try (Inbox inbox = inbox(mqtt)) {
            subscribe(mqtt, "binarykeys/#", 1);
            send(new ProducerRecord<>("binarykeys", new byte[] {-1, -2}, "x".getBytes(UTF_8)));
            assertThat(inbox.next().getTopic()).hasToString("binarykeys");
        }
    }

    @Test
    void catchAllKeysAreAddresses() {
        publish(mqtt, "/catch/all", 1, "makes the topic");
        try (Inbox inbox = inbox(mqtt)) {
            subscribe(mqtt, "+/catch/fromkafka", 1);
            send(record("mqtt", "/catch/fromkafka", "x"));
            assertThat(inbox.next().getTopic()).hasToString("/catch/fromkafka");
        }
    }

    @Test
    void emptyPayloadAndTombstone() {
        publish(mqtt, "nothing/a", 1, "first");
        mqtt.publishWith().topic("nothing/b").qos(MqttQos.AT_LEAST_ONCE).send();
        List<ConsumerRecord<byte[], byte[]>> records = all("nothing", 2);
        assertThat(records).anySatisfy(record -> assertThat(record.value()).isNotNull().isEmpty());
        try (Inbox inbox = inbox(mqtt)) {
            subscribe(mqtt, "nothing/#", 1);
            send(new ProducerRecord<>("nothing", "c".getBytes(UTF_8), null));
            Mqtt5Publish received = inbox.next();
            assertThat(received.getTopic()).hasToString("nothing/c");
            assertThat(received.getPayloadAsBytes()).isEmpty();
        }
    }

    @Test
    void retainedPublishIsARecordAndItsClearingToo() {
        retain("kept/a", "value");
        assertThat(header(find("kept", "value"), "m.r")).isEmpty();
        retain("kept/a", "");
        assertThat(all("kept", 2).getLast().value()).isEmpty();
        try (Inbox inbox = inbox(mqtt)) {
            subscribe(mqtt, "kept/#", 1);
            assertThat(inbox.quiet()).isEmpty();
        }
    }

    @Test
    void propertiesAreHeaders() {
        mqtt.publishWith()
                .topic("headers/a")
                .qos(MqttQos.EXACTLY_ONCE)
                .payload("properties".getBytes(UTF_8))
                .contentType("text/plain")
                .responseTopic("answers")
                .correlationData(new byte[] {0, -1})
                .messageExpiryInterval(1)
                .userProperties()
                .add("b", "1")
                .add("a", "2")
                .add("b", "3")
                .applyUserProperties()
                .send();
        ConsumerRecord<byte[], byte[]> record = find("headers", "properties");
        assertThat(header(record, "m.q")).containsExactly(2);
        assertThat(header(record, "m.x")).containsExactly(0, 0, 0, 1);
        assertThat(header(record, "content-type")).isEqualTo("text/plain".getBytes(UTF_8));
        assertThat(header(record, "reply-to")).isEqualTo("answers".getBytes(UTF_8));
        assertThat(header(record, "correlation-id")).containsExactly(0, -1);
        List<String> users = new ArrayList<>();
        record.headers()
                .forEach(
                        header -> {
                            if (header.key().length() == 1) {
                                users.add(header.key() + new String(header.value(), UTF_8));
                            }
                        });
        assertThat(users).containsExactly("b1", "a2", "b3");
    }

    @Test
    void whatKafkaReadStaysThoughItExpired() throws InterruptedException {
        mqtt.publishWith()
                .topic("brief/a")
                .qos(MqttQos.AT_LEAST_ONCE)
                .payload("brief".getBytes(UTF_8))
                .messageExpiryInterval(1)
                .send();
        TimeUnit.MILLISECONDS.sleep(1_200); // its lifetime
        assertThat(find("brief", "brief").key()).isEqualTo("a".getBytes(UTF_8));
    }

    @Test
    void headersOfKafkaAreProperties() {
        try (Inbox inbox = inbox(mqtt)) {
            subscribe(mqtt, "fromkafka/#", 1);
            ProducerRecord<byte[], byte[]> record = record("fromkafka", "a", "x");
            record.headers()
                    .add("trace", "1".getBytes(UTF_8))
                    .add("binary", new byte[] {-1})
                    .add("content-type", "text/plain".getBytes(UTF_8))
                    .add("correlation-id", new byte[] {-1})
                    .add("reply-to", "answers".getBytes(UTF_8))
                    .add("m.q", new byte[] {'0'});
            send(record);
            Mqtt5Publish received = inbox.next();
            assertThat(received.getContentType()).hasToString("Optional[text/plain]");
            assertThat(received.getResponseTopic()).hasToString("Optional[answers]");
            assertThat(received.getCorrelationData()).isPresent();
            assertThat(received.getQos()).isEqualTo(MqttQos.AT_LEAST_ONCE);
            assertThat(received.getUserProperties().asList())
                    .extracting(it -> it.getName() + "=" + it.getValue())
                    .containsExactly("trace=1", "m.q=0");
        }
    }

    @Test
    void oneMqttTopicOfOneLevelStaysInOnePartition() {
        for (int i = 0; i < 20; i++) {
            publish(mqtt, "onelevel", 1, "m" + i);
        }
        List<ConsumerRecord<byte[], byte[]>> records = all("onelevel", 20);
        assertThat(records)
                .extracting(ConsumerRecord::partition)
                .containsOnly(records.getFirst().partition());
        assertThat(records)
                .extracting(it -> new String(it.value(), UTF_8))
                .startsWith("m0", "m1")
                .endsWith("m19");
    }

    @Test
    void identityOfQos2IsKeptForTheBroker() {
        Mqtt5BlockingClient lasting = Clients.v5(broker.mqttPort(), "lasting");
        lasting.connectWith().sessionExpiryInterval(60).send();
        publish(lasting, "identity/a", 2, "once");
        byte[] identity = header(find("identity", "once"), "m.e");
        assertThat(new String(identity, UTF_8)).endsWith("lasting");
        lasting.disconnect();
    }

    @Test
    void publisherIsNamedWhereNoLocalMustKnowIt() {
        publish(mqtt, "origin/a", 1, "anonymous");
        assertThat(find("origin", "anonymous").headers().lastHeader("m.o")).isNull();
        mqtt.subscribeWith()
                .topicFilter("origin/#")
                .qos(MqttQos.AT_LEAST_ONCE)
                .noLocal(true)
                .send();
        publish(mqtt, "origin/a", 1, "named");
        assertThat(header(find("origin", "named"), "m.o")).isEqualTo("mapping".getBytes(UTF_8));
        mqtt.unsubscribeWith().topicFilter("origin/#").send();
    }

    @Test
    void controlBatchesReachNobody() throws Exception {
        publish(mqtt, "control", 1, "makes the topic");
        Topic topic = broker.broker().topics().find(TenantId.DEFAULT, "control");
        assertThat(topic).isNotNull();
        try (Inbox inbox = inbox(mqtt)) {
            subscribe(mqtt, "control/#", 1);
            for (int index = 0; index < topic.partitionCount(); index++) {
                commit(topic, index);
            }
            assertThat(inbox.quiet()).isEmpty();
            publish(mqtt, "control", 1, "after");
            assertThat(inbox.texts(1)).containsExactly("after");
        }
    }

    private static void commit(Topic topic, int index) throws Exception {
        CompletableFuture<Boolean> appended = new CompletableFuture<>();
        Partition.AppendResult result =
                Markers.commit(
                        Objects.requireNonNull(topic.partition(index)),
                        7_000,
                        refusal -> appended.complete(refusal == null));
        assertThat(result.refusal()).isNull();
        assertThat(appended.get(20, TimeUnit.SECONDS)).isTrue();
    }

    private void retain(String topic, String text) {
        mqtt.publishWith()
                .topic(topic)
                .qos(MqttQos.AT_LEAST_ONCE)
                .retain(true)
                .payload(text.getBytes(UTF_8))
                .send();
    }

    private static ProducerRecord<byte[], byte[]> record(String topic, String key, String text) {
        return new ProducerRecord<>(topic, key.getBytes(UTF_8), text.getBytes(UTF_8));
    }

    private void send(ProducerRecord<byte[], byte[]> record) {
        producer.send(record);
        producer.flush();
    }

    private static byte[] header(ConsumerRecord<byte[], byte[]> record, String name) {
        assertThat(record.headers().lastHeader(name)).as(name).isNotNull();
        return record.headers().lastHeader(name).value();
    }

    private ConsumerRecord<byte[], byte[]> find(String topic, String text) {
        long deadline = System.nanoTime() + Clients.PATIENCE.toNanos();
        while (true) {
            for (ConsumerRecord<byte[], byte[]> record : all(topic, 1)) {
                if (record.value() != null && text.equals(new String(record.value(), UTF_8))) {
                    return record;
                }
            }
            assertThat(System.nanoTime())
                    .as("no record '%s' in %s", text, topic)
                    .isLessThan(deadline);
        }
    }

    /** All records of a topic, at least {@code least} of them. */
    private List<ConsumerRecord<byte[], byte[]>> all(String topic, int least) {
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        Map<String, Object> config = new HashMap<>();
        config.put("bootstrap.servers", broker.kafkaBootstrap());
        config.put("auto.offset.reset", "earliest");
        config.put("key.deserializer", ByteArrayDeserializer.class);
        config.put("value.deserializer", ByteArrayDeserializer.class);
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(config)) {
            List<TopicPartition> partitions = new ArrayList<>();
            for (PartitionInfo info : consumer.partitionsFor(topic)) {
                partitions.add(new TopicPartition(topic, info.partition()));
            }
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            long end = consumer.endOffsets(partitions).values().stream().mapToLong(x -> x).sum();
            long deadline = System.nanoTime() + Clients.PATIENCE.toNanos();
            while (records.size() < Math.max(least, end) && System.nanoTime() < deadline) {
                consumer.poll(Duration.ofMillis(200)).forEach(records::add);
            }
        }
        assertThat(records).hasSizeGreaterThanOrEqualTo(least);
        return records;
    }

    private KafkaProducer<byte[], byte[]> producer(String compression) {
        Map<String, Object> config = new HashMap<>();
        config.put("bootstrap.servers", broker.kafkaBootstrap());
        config.put("compression.type", compression);
        config.put("key.serializer", ByteArraySerializer.class);
        config.put("value.serializer", ByteArraySerializer.class);
        return new KafkaProducer<>(config);
    }
}
