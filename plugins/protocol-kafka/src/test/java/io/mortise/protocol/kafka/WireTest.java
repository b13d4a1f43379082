// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.protocol.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.protocol.kafka.testing.FakeBroker;
import io.mortise.spi.security.Operation;
import io.mortise.spi.security.ResourceType;

import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.message.SaslHandshakeRequestData;
import org.apache.kafka.common.message.SaslHandshakeResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;

/** What no well-behaved client does. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class WireTest {
    private FakeBroker broker;
    private WireClient client;

    @BeforeEach
    void start() throws Exception {
        broker = new FakeBroker("request.max.bytes", "1000000");
        client = new WireClient(broker.port());
    }

    @AfterEach
    void stop() throws Exception {
        client.close();
        broker.close();
    }

    private static ApiVersionsRequestData apiVersions() {
        return new ApiVersionsRequestData()
                .setClientSoftwareName("wire")
                .setClientSoftwareVersion("1.0");
    }

    @Test
    void everyVersionOfApiVersionsIsAnswered() throws Exception {
        for (short version = 0; version <= 4; version++) {
            var answer = client.call(apiVersions(), version, new ApiVersionsResponseData());
            assertThat(answer.errorCode()).isEqualTo(Errors.NONE.code());
            assertThat(answer.apiKeys().find(ApiKeys.PRODUCE.id).minVersion()).isZero();
            assertThat(answer.apiKeys().find(ApiKeys.FETCH.id).maxVersion()).isEqualTo((short) 18);
            if (version >= 3) {
                assertThat(answer.finalizedFeatures().find("group.version").maxVersionLevel())
                        .isEqualTo((short) 1);
                assertThat(answer.finalizedFeatures().find("transaction.version")).isNull();
            }
            assertThat(answer.supportedFeatures().find("group.version") != null)
                    .isEqualTo(version >= 4);
        }
    }

    @Test
    void nothingOfTransactionsOrShareGroupsIsAdvertised() throws Exception {
        var answer = client.call(apiVersions(), (short) 4, new ApiVersionsResponseData());
        Set<Short> keys = new TreeSet<>();
        answer.apiKeys().forEach(api -> keys.add(api.apiKey()));
        assertThat(keys)
                .doesNotContain(
                        ApiKeys.ADD_PARTITIONS_TO_TXN.id,
                        ApiKeys.END_TXN.id,
                        ApiKeys.TXN_OFFSET_COMMIT.id,
                        ApiKeys.SHARE_FETCH.id,
                        ApiKeys.STREAMS_GROUP_HEARTBEAT.id);
    }

    @Test
    void anUnknownVersionOfApiVersionsIsAnsweredAsVersion0() throws Exception {
        byte[] frame = WireClient.request(apiVersions(), (short) 4);
        frame[3] = 99;
        client.send(frame);
        ByteBuffer answer = client.receive();
        assertThat(answer.getInt()).isEqualTo(77);
        var response = new ApiVersionsResponseData(new ByteBufferAccessor(answer), (short) 0);
        assertThat(response.errorCode()).isEqualTo(Errors.UNSUPPORTED_VERSION.code());
        assertThat(response.apiKeys().find(ApiKeys.API_VERSIONS.id).maxVersion())
                .isEqualTo((short) 4);
        assertThat(answer.hasRemaining()).isFalse();
        assertThat(client.call(apiVersions(), (short) 3, new ApiVersionsResponseData()).errorCode())
                .isZero();
    }

    @Test
    void aClientSoftwareNameOutsideThePatternIsRefused() throws Exception {
        ApiVersionsRequestData bad = apiVersions().setClientSoftwareName("-no-");
        assertThat(client.call(bad, (short) 3, new ApiVersionsResponseData()).errorCode())
                .isEqualTo(Errors.INVALID_REQUEST.code());
    }

    @Test
    void anUnknownApiOrVersionEndsTheConnection() throws Exception {
        byte[] frame = WireClient.request(apiVersions(), (short) 3);
        frame[1] = (byte) ApiKeys.END_TXN.id;
        client.send(frame);
        assertThat(client.ended()).isTrue();
    }

    @Test
    void aFrameBeyondTheBoundEndsTheConnectionBeforeItsBytesCome() throws Exception {
        client.raw(ByteBuffer.allocate(4).putInt(1_000_001).array());
        assertThat(client.ended()).isTrue();
        try (WireClient other = new WireClient(broker.port())) {
            other.raw(ByteBuffer.allocate(4).putInt(-1).array());
            assertThat(other.ended()).isTrue();
        }
    }

    @Test
    void aRequestMayComeByteByByte() throws Exception {
        byte[] frame = WireClient.request(apiVersions(), (short) 3);
        ByteBuffer all = ByteBuffer.allocate(8 + 2 * frame.length);
        all.putInt(frame.length).put(frame).putInt(frame.length).put(frame);
        for (byte one : all.array()) {
            client.raw(new byte[] {one});
        }
        assertThat(client.receive().getInt()).isEqualTo(77);
        assertThat(client.receive().getInt()).isEqualTo(77);
    }

    @Test
    void answersLeaveInTheOrderOfRequests() throws Exception {
        client.call(metadata("t"), (short) 12, new MetadataResponseData());
        FetchRequestData waits = fetch(0, 0);
        waits.setMaxWaitMs(300);
        client.send(WireClient.request(waits, (short) 12));
        client.send(WireClient.request(metadata("t"), (short) 12));
        ByteBuffer first = client.receive();
        first.getInt();
        first.get();
        var response = new FetchResponseData(new ByteBufferAccessor(first), (short) 12);
        assertThat(response.responses().getFirst().topic()).isEqualTo("t");
        client.receive();
        assertThat(broker.topics().partition("t", 0).watches()).isZero();
    }

    @Test
    void aWaitingFetchLeavesNothingBehindWhenItsClientGoes() throws Exception {
        client.call(metadata("t"), (short) 12, new MetadataResponseData());
        client.send(WireClient.request(fetch(0, 0).setMaxWaitMs(30_000), (short) 12));
        await(() -> broker.topics().partition("t", 0).watches() == 1);
        client.close();
        await(() -> broker.topics().partition("t", 0).watches() == 0);
    }

    private static void await(java.util.function.BooleanSupplier condition) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            Thread.sleep(5);
        }
    }

    @Test
    void aFetchOutsideItsPartitionsBoundsIsToldSo() throws Exception {
        client.call(metadata("t"), (short) 12, new MetadataResponseData());
        assertThat(fetchError(fetch(0, 5))).isEqualTo(Errors.OFFSET_OUT_OF_RANGE);
        assertThat(fetchError(fetch(9, 0))).isEqualTo(Errors.UNKNOWN_TOPIC_OR_PARTITION);
        FetchRequestData fenced = fetch(0, 0);
        fenced.topics().getFirst().partitions().getFirst().setCurrentLeaderEpoch(3);
        assertThat(fetchError(fenced)).isEqualTo(Errors.UNKNOWN_LEADER_EPOCH);
    }

    private Errors fetchError(FetchRequestData request) throws Exception {
        var response = client.call(request, (short) 12, new FetchResponseData());
        return Errors.forCode(response.responses().getFirst().partitions().getFirst().errorCode());
    }

    private static FetchRequestData fetch(int partition, long offset) {
        var asked =
                new FetchRequestData.FetchPartition()
                        .setPartition(partition)
                        .setFetchOffset(offset)
                        .setPartitionMaxBytes(1 << 20);
        return new FetchRequestData()
                .setMinBytes(1)
                .setMaxBytes(1 << 30)
                .setSessionEpoch(-1)
                .setTopics(
                        List.of(
                                new FetchRequestData.FetchTopic()
                                        .setTopic("t")
                                        .setPartitions(List.of(asked))));
    }

    private static MetadataRequestData metadata(String topic) {
        return new MetadataRequestData()
                .setTopics(List.of(new MetadataRequestData.MetadataRequestTopic().setName(topic)))
                .setAllowAutoTopicCreation(true);
    }

    @Test
    void anIdleConnectionIsClosed() throws Exception {
        try (FakeBroker impatient = new FakeBroker("connections.max.idle.ms", "200");
                WireClient idle = new WireClient(impatient.port())) {
            assertThat(idle.ended()).isTrue();
        }
    }

    @Test
    void anIllegalTopicNameIsToldSo() throws Exception {
        var answer = client.call(metadata("a/b"), (short) 12, new MetadataResponseData());
        assertThat(answer.topics().iterator().next().errorCode())
                .isEqualTo(Errors.INVALID_TOPIC_EXCEPTION.code());
    }

    /** Java's consumer sends an empty name beside the id, others null. */
    @Test
    void metadataIsTakenByTopicId() throws Exception {
        client.call(metadata("t"), (short) 12, new MetadataResponseData());
        Uuid id =
                client.call(metadata("t"), (short) 12, new MetadataResponseData())
                        .topics()
                        .iterator()
                        .next()
                        .topicId();
        for (String name : new String[] {"", null}) {
            assertThat(byId(id, name, 12).name()).isEqualTo("t");
            assertThat(Errors.forCode(byId(Uuid.ONE_UUID, name, 12).errorCode()))
                    .isEqualTo(Errors.UNKNOWN_TOPIC_ID);
        }
        assertThat(Errors.forCode(byId(Uuid.ONE_UUID, null, 10).errorCode()))
                .isEqualTo(Errors.UNKNOWN_TOPIC_ID);
    }

    private MetadataResponseData.MetadataResponseTopic byId(
            Uuid id, @Nullable String name, int version) throws Exception {
        var asked = new MetadataRequestData.MetadataRequestTopic().setTopicId(id).setName(name);
        var request = new MetadataRequestData().setTopics(List.of(asked));
        return client.call(request, (short) version, new MetadataResponseData())
                .topics()
                .iterator()
                .next();
    }

    @Test
    void unknownAcksAreRefusedPerPartition() throws Exception {
        assertThat(produceError("t", 2)).isEqualTo(Errors.INVALID_REQUIRED_ACKS);
    }

    @Test
    void whoMayNotWriteANameIsNotToldWhetherItIsThere() throws Exception {
        assertThat(produceError("none", 1)).isEqualTo(Errors.UNKNOWN_TOPIC_OR_PARTITION);
        broker.security().deny(Operation.WRITE, ResourceType.TOPIC, "none");
        assertThat(produceError("none", 1)).isEqualTo(Errors.TOPIC_AUTHORIZATION_FAILED);
    }

    private Errors produceError(String topic, int acks) throws Exception {
        var asked =
                new ProduceRequestData.TopicProduceData()
                        .setName(topic)
                        .setPartitionData(List.of(new ProduceRequestData.PartitionProduceData()));
        var topics = new ProduceRequestData.TopicProduceDataCollection(List.of(asked).iterator());
        var request = new ProduceRequestData().setAcks((short) acks).setTopicData(topics);
        var answer = client.call(request, (short) 12, new ProduceResponseData());
        return Errors.forCode(
                answer.responses().iterator().next().partitionResponses().getFirst().errorCode());
    }

    @Test
    void handshakeOfVersion0TakesABareToken() throws Exception {
        broker.security().addUser("ada", "secret");
        var request = new SaslHandshakeRequestData().setMechanism("PLAIN");
        assertThat(client.call(request, (short) 0, new SaslHandshakeResponseData()).errorCode())
                .isZero();
        client.send("\0ada\0secret".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        assertThat(client.receive().remaining()).isZero();
        var answer = client.call(metadata("t"), (short) 12, new MetadataResponseData());
        assertThat(answer.brokers()).hasSize(1);
        assertThat(broker.established()).isEqualTo(1);
    }
}
