// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.tests.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mortise.kernel.metadata.DataDirectory;
import io.mortise.kernel.metadata.Metadata;
import io.mortise.kernel.metadata.ratis.RatisMetadataLog;
import io.mortise.kernel.metadata.ratis.RatisSettings;
import io.mortise.kernel.runtime.SystemClock;
import io.mortise.kernel.runtime.VirtualThreadScheduler;
import io.mortise.protocol.mqtt.codec.Acknowledgement;
import io.mortise.protocol.mqtt.codec.PacketType;
import io.mortise.protocol.mqtt.codec.Ping;
import io.mortise.protocol.mqtt.codec.Publish;
import io.mortise.protocol.mqtt.codec.ReasonCode;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.CreateTopicsResponseData;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.protocol.ObjectSerializationCache;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/**
 * A broker whose metadata group loses its majority: known topics are written and read on, what
 * would change metadata is refused in each protocol's retriable way, and works again, on the same
 * connections, when the majority is back.
 */
class MetadataAwayTest {
    private static final String CLUSTER = DataDirectory.newClusterId(new Random(11));

    @TempDir Path folder;

    private final VirtualThreadScheduler scheduler = new VirtualThreadScheduler("peers");
    private final List<RatisSettings.Peer> peers = new ArrayList<>();
    private final Metadata[] others = new Metadata[3];
    private MqttBroker broker;

    @BeforeEach
    void start() throws Exception {
        for (int id = 0; id < 3; id++) {
            peers.add(new RatisSettings.Peer(id, "127.0.0.1", freePort()));
        }
        CompletableFuture<Void> second = join(1);
        CompletableFuture<Void> third = join(2);
        broker = MqttBroker.start(folder.resolve("broker"), yaml());
        second.get(60, TimeUnit.SECONDS);
        third.get(60, TimeUnit.SECONDS);
    }

    @AfterEach
    void stop() throws Exception {
        broker.close();
        for (Metadata other : others) {
            if (other != null) {
                other.close();
            }
        }
        scheduler.close();
    }

    private String yaml() {
        List<String> names = new ArrayList<>();
        peers.forEach(it -> names.add("'" + it.id() + "@" + it.host() + ":" + it.port() + "'"));
        return "metadata: {carrier: ratis, clusterId: '" + CLUSTER + "', peers: " + names + "}";
    }

    private CompletableFuture<Void> join(int id) {
        return CompletableFuture.runAsync(() -> open(id), scheduler::execute);
    }

    private void open(int id) {
        RatisSettings settings = RatisSettings.of(folder.resolve("peer" + id), CLUSTER, id, peers);
        var log = new RatisMetadataLog(settings, List.of(), new Random(), new SystemClock());
        try {
            others[id] = Metadata.open(log, scheduler, new Random());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private void loseTheMajority() throws IOException {
        for (int id = 1; id < 3; id++) {
            others[id].close();
            others[id] = null;
        }
    }

    @Test
    void knownTopicsAreServedOnAndCreationIsRefusedRetriably() throws Exception {
        try (CodecClient v5 = CodecClient.connectV5(broker.mqttPort());
                CodecClient subscriber = CodecClient.connectV5(broker.mqttPort());
                CodecClient v3 = CodecClient.connect(broker.mqttPort());
                KafkaProducer<String, String> producer = producer();
                Admin admin = Admin.create(config())) {
            v5.open("v5", true);
            v3.open("v3", true);
            subscriber.open("subscriber", true);
            subscriber.subscribe("known/#", 1);
            assertThat(publish(v5, "known/a", "before")).isEqualTo(ReasonCode.SUCCESS);
            producer.send(new ProducerRecord<>("known", "a", "before too")).get();
            expect(subscriber, "before", "before too");

            loseTheMajority();
            assertThat(publish(v5, "new-mqtt/a", "refused"))
                    .isEqualTo(ReasonCode.IMPLEMENTATION_SPECIFIC_ERROR);
            assertThat(broker.metric("mortise_metadata_available")).isZero();

            assertThat(publish(v5, "known/a", "during")).isEqualTo(ReasonCode.SUCCESS);
            assertThat(publish(v3, "known/a", "by 3.1.1")).isEqualTo(ReasonCode.SUCCESS);
            producer.send(new ProducerRecord<>("known", "a", "during too")).get();
            assertANewProducerMayBegin();
            expect(subscriber, "during", "by 3.1.1", "during too", "by a new one");
            assertThat(consumed()).contains("before", "during", "by 3.1.1", "during too");

            assertKafkaRefusesRetriably();
            assertNothingGrows(v5);
            v3.publish("new-v3/a", 1, 9, "refused".getBytes(UTF_8));
            assertThatThrownBy(v3::receive)
                    .as("3.1.1 has no negative answer")
                    .isInstanceOf(EOFException.class);

            var sent = scheduler(() -> producer.send(new ProducerRecord<>("new-kafka", "k", "v")));
            join(1).get(60, TimeUnit.SECONDS);
            sent.get(60, TimeUnit.SECONDS).get(60, TimeUnit.SECONDS);
            untilCreated(v5);
            admin.createTopics(List.of(new NewTopic("new-admin", 1, (short) 1)))
                    .all()
                    .get(60, TimeUnit.SECONDS);
            assertThat(broker.metric("mortise_metadata_available")).isEqualTo(1);
            try (CodecClient again = CodecClient.connect(broker.mqttPort())) {
                again.open("v3", true);
                assertThat(publish(again, "new-v3/a", "again")).isEqualTo(ReasonCode.SUCCESS);
            }
        }
    }

    @Test
    void aBrokerThatStartsAloneServesWhatItKnows() throws Exception {
        try (CodecClient client = CodecClient.connectV5(broker.mqttPort())) {
            client.open("before", true);
            assertThat(publish(client, "known/a", "before")).isEqualTo(ReasonCode.SUCCESS);
        }
        broker.close();
        loseTheMajority();
        broker = MqttBroker.start(folder.resolve("broker"), yaml());
        try (CodecClient client = CodecClient.connectV5(broker.mqttPort());
                KafkaProducer<String, String> producer = producer(false)) {
            client.open("after", true);
            assertThat(publish(client, "known/a", "after")).isEqualTo(ReasonCode.SUCCESS);
            producer.send(new ProducerRecord<>("known", "a", "after too"))
                    .get(60, TimeUnit.SECONDS);
            assertThat(publish(client, "new-mqtt/a", "refused"))
                    .isEqualTo(ReasonCode.IMPLEMENTATION_SPECIFIC_ERROR);
            join(1).get(60, TimeUnit.SECONDS);
            untilCreated(client);
        }
    }

    /** An idempotent one, whose id comes from metadata. */
    private void assertANewProducerMayBegin() throws Exception {
        try (KafkaProducer<String, String> producer = producer()) {
            producer.send(new ProducerRecord<>("known", "a", "by a new one")).get();
        }
    }

    /** On the connection that was refused before. */
    private static void untilCreated(CodecClient client) throws IOException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (publish(client, "new-mqtt/a", "again") != ReasonCode.SUCCESS) {
            assertThat(System.nanoTime()).as("creation works again").isLessThan(deadline);
        }
    }

    private <T> CompletableFuture<T> scheduler(Supplier<T> task) {
        return CompletableFuture.supplyAsync(task, scheduler::execute);
    }

    /** The client's publish of QoS 1, answered. */
    private static ReasonCode publish(CodecClient client, String topic, String text)
            throws IOException {
        client.publish(topic, 1, 7, text.getBytes(UTF_8));
        Acknowledgement answer = (Acknowledgement) client.receive();
        assertThat(answer.packetId()).isEqualTo(7);
        return answer.reason();
    }

    private static void expect(CodecClient subscriber, String... texts) throws IOException {
        Set<String> missing = new HashSet<>(Set.of(texts));
        while (!missing.isEmpty()) {
            Publish delivery = (Publish) subscriber.receive();
            assertThat(missing.remove(CodecClient.text(delivery))).isTrue();
            subscriber.acknowledge(PacketType.PUBACK, delivery.packetId());
        }
    }

    /**
     * Hundreds of publishes to topics that cannot be created, each answered, and nothing is left.
     */
    private void assertNothingGrows(CodecClient client) throws IOException {
        int threads = Thread.getAllStackTraces().size();
        int count = 500;
        for (int i = 1; i <= count; i++) {
            client.publish("flood-" + i, 1, i, "refused".getBytes(UTF_8));
        }
        for (int i = 1; i <= count; i++) {
            Acknowledgement answer = (Acknowledgement) client.receive();
            assertThat(answer.reason()).isEqualTo(ReasonCode.IMPLEMENTATION_SPECIFIC_ERROR);
        }
        client.publish("flood", 0, 0, "dropped and counted".getBytes(UTF_8));
        client.send(Ping.REQUEST);
        assertThat(client.receive()).isEqualTo(Ping.RESPONSE);
        awaitNoWaitingCommand(); // the one of the last publish is given up after seconds
        assertThat(Thread.getAllStackTraces().size()).isLessThan(threads + 16);
    }

    private void awaitNoWaitingCommand() {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (broker.metric("mortise_metadata_waiting_commands") > 0) {
            assertThat(System.nanoTime()).as("a command waits for ever").isLessThan(deadline);
            LockSupport.parkNanos(20_000_000);
        }
    }

    private void assertKafkaRefusesRetriably() throws IOException {
        CreateTopicsRequestData creation = new CreateTopicsRequestData().setTimeoutMs(30_000);
        creation.topics()
                .add(
                        new CreateTopicsRequestData.CreatableTopic()
                                .setName("new-create")
                                .setNumPartitions(1)
                                .setReplicationFactor((short) 1));
        CreateTopicsResponseData created = new CreateTopicsResponseData();
        ask(creation, 4, created);
        assertThat(created.topics()).hasSize(1);
        assertRetriable(created.topics().iterator().next().errorCode(), Errors.NOT_CONTROLLER);

        for (int i = 0; i < 3; i++) {
            MetadataRequestData question =
                    new MetadataRequestData().setAllowAutoTopicCreation(true);
            question.topics()
                    .add(new MetadataRequestData.MetadataRequestTopic().setName("new-asked"));
            MetadataResponseData answer = new MetadataResponseData();
            ask(question, 4, answer);
            assertThat(answer.topics()).hasSize(1);
            assertRetriable(
                    answer.topics().iterator().next().errorCode(), Errors.LEADER_NOT_AVAILABLE);
        }
    }

    private static void assertRetriable(short code, Errors expected) {
        Errors error = Errors.forCode(code);
        assertThat(error).isEqualTo(expected);
        assertThat(error.exception()).isInstanceOf(RetriableException.class);
    }

    /** One request under a header of version 1. */
    private void ask(ApiMessage request, int version, ApiMessage response) throws IOException {
        ObjectSerializationCache cache = new ObjectSerializationCache();
        int bytes = request.size(cache, (short) version);
        ByteBuffer frame = ByteBuffer.allocate(14 + bytes);
        frame.putInt(10 + bytes).putShort(request.apiKey()).putShort((short) version);
        frame.putInt(1).putShort((short) -1);
        request.write(new ByteBufferAccessor(frame), cache, (short) version);
        String[] at = broker.kafkaBootstrap().split(":");
        try (Socket socket = new Socket(at[0], Integer.parseInt(at[1]))) {
            socket.setSoTimeout(60_000);
            socket.getOutputStream().write(frame.array());
            int length = ByteBuffer.wrap(socket.getInputStream().readNBytes(4)).getInt();
            ByteBuffer answer = ByteBuffer.wrap(socket.getInputStream().readNBytes(length));
            answer.getInt();
            response.read(new ByteBufferAccessor(answer), (short) version);
        }
    }

    private List<String> consumed() {
        List<String> values = new ArrayList<>();
        Map<String, Object> config = config();
        try (var consumer =
                new KafkaConsumer<>(config, new StringDeserializer(), new StringDeserializer())) {
            List<TopicPartition> partitions =
                    consumer.partitionsFor("known").stream()
                            .map(it -> new TopicPartition(it.topic(), it.partition()))
                            .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            long deadline = System.nanoTime() + Clients.PATIENCE.toNanos();
            while (values.size() < 6 && System.nanoTime() < deadline) {
                for (ConsumerRecord<String, String> it : consumer.poll(Duration.ofMillis(200))) {
                    values.add(it.value());
                }
            }
        }
        return values;
    }

    private KafkaProducer<String, String> producer() {
        return producer(true);
    }

    private KafkaProducer<String, String> producer(boolean idempotent) {
        Map<String, Object> config = config();
        config.put("acks", "all");
        config.put("enable.idempotence", idempotent);
        return new KafkaProducer<>(config, new StringSerializer(), new StringSerializer());
    }

    private Map<String, Object> config() {
        return new HashMap<>(Map.of("bootstrap.servers", broker.kafkaBootstrap()));
    }

    private static int freePort() throws Exception {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
