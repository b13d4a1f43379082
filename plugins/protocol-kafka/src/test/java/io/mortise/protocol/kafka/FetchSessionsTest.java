// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.protocol.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.protocol.kafka.mapping.TopicIds;
import io.mortise.protocol.kafka.testing.FakeBroker;
import io.mortise.spi.TenantId;
import io.mortise.spi.broker.AckLevel;
import io.mortise.spi.broker.Partition;
import io.mortise.spi.broker.Topic;
import io.mortise.spi.broker.Topics.TopicSpec;
import io.mortise.spi.security.Operation;
import io.mortise.spi.security.ResourceType;
import io.netty.buffer.Unpooled;

import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchRequestData.FetchPartition;
import org.apache.kafka.common.message.FetchRequestData.FetchTopic;
import org.apache.kafka.common.message.FetchRequestData.ForgottenTopic;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/** KIP-227 as a client that counts epochs meets it. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class FetchSessionsTest {
    private static final short BY_NAME = 12;
    private static final short BY_ID = 18;
    private static final String OPEN = "mortise_kafka_fetch_sessions";
    private static final String PARTITIONS = "mortise_kafka_fetch_session_partitions";
    private static final String EVICTED = "mortise_kafka_fetch_sessions_evicted_total";
    private static final String REFUSED = "mortise_kafka_fetch_sessions_refused_total";

    private FakeBroker broker;
    private WireClient client;

    @BeforeEach
    void start() throws Exception {
        start("1000");
    }

    private void start(String slots) throws Exception {
        broker = new FakeBroker("max.incremental.fetch.session.cache.slots", slots);
        create("t", 3);
        client = new WireClient(broker.port());
    }

    private void restart(String slots) throws Exception {
        stop();
        start(slots);
    }

    @AfterEach
    void stop() throws Exception {
        client.close();
        broker.close();
    }

    @Test
    void anIncrementalAnswerHoldsNewsAlone() throws Exception {
        int session = open("t", 0, 1, 2);
        assertThat(session).isPositive();
        assertThat(told(call(next(session, 1)))).isEmpty();
        append("t", 1);
        assertThat(told(call(next(session, 2)))).containsExactly("t-1@1+1");
        // Not read on: the same records come again, as the session's offset says.
        assertThat(told(call(next(session, 3)))).containsExactly("t-1@1+1");
        FetchRequestData on = next(session, 4).setTopics(List.of(topic("t", at(1, 1))));
        assertThat(told(call(on))).isEmpty();
        assertThat(call(next(session, 5)).sessionId()).isEqualTo(session);
    }

    @Test
    void movedBoundsAreNewsWithoutRecords() throws Exception {
        append("t", 0);
        int session =
                call(full(topic("t", at(0, 1), at(1, 0)))).sessionId(); // told its high watermark
        broker.topics().partition("t", 0).advanceStart(1, Runnable::run, refusal -> {});
        FetchResponseData answer = call(next(session, 1));
        assertThat(told(answer)).containsExactly("t-0@1");
        assertThat(answer.responses().getFirst().partitions().getFirst().logStartOffset())
                .isEqualTo(1);
        assertThat(told(call(next(session, 2)))).isEmpty();
    }

    @Test
    void partitionsAreAddedAndForgotten() throws Exception {
        int session = open("t", 0);
        append("t", 0);
        append("t", 2);
        FetchRequestData more = next(session, 1).setTopics(List.of(topic("t", at(2, 0))));
        assertThat(told(call(more))).containsExactlyInAnyOrder("t-0@1+1", "t-2@1+1");
        assertThat(told(call(next(session, 2).setForgottenTopicsData(List.of(forget("t", 0))))))
                .containsExactly("t-2@1+1");
        assertThat(broker.metrics().gauge(PARTITIONS)).isEqualTo(1);
        FetchResponseData last =
                call(next(session, 3).setForgottenTopicsData(List.of(forget("t", 2))));
        assertThat(last.sessionId()).isZero();
        assertThat(error(next(session, 4))).isEqualTo(Errors.FETCH_SESSION_ID_NOT_FOUND);
        assertThat(broker.metrics().gauge(OPEN)).isZero();
        assertThat(broker.metrics().gauge(PARTITIONS)).isZero();
    }

    @Test
    void topicsAreNamedById() throws Exception {
        append("t", 1);
        Uuid id = TopicIds.kafka(find("t").id());
        FetchTopic asked = topic("", at(1, 0)).setTopicId(id);
        FetchResponseData first = call(full(asked), BY_ID);
        assertThat(first.responses().getFirst().topicId()).isEqualTo(id);
        int session = first.sessionId();
        assertThat(call(next(session, 1), BY_ID).responses().getFirst().topicId()).isEqualTo(id);
        assertThat(error(next(session, 2))).isEqualTo(Errors.FETCH_SESSION_TOPIC_ID_ERROR);
        ForgottenTopic gone = forget("", 1).setTopicId(id);
        assertThat(call(next(session, 2).setForgottenTopicsData(List.of(gone)), BY_ID).sessionId())
                .isZero();
    }

    @Test
    void aWrongEpochIsRefusedAndTheRightOneStillCounts() throws Exception {
        int session = open("t", 0);
        assertThat(error(next(session, 2))).isEqualTo(Errors.INVALID_FETCH_SESSION_EPOCH);
        assertThat(error(next(session, 1))).isEqualTo(Errors.NONE);
        assertThat(error(next(session, 1))).isEqualTo(Errors.INVALID_FETCH_SESSION_EPOCH);
        assertThat(error(next(session, 2))).isEqualTo(Errors.NONE);
        assertThat(error(next(session + 1, 3))).isEqualTo(Errors.FETCH_SESSION_ID_NOT_FOUND);
        assertThat(error(next(0, 3))).isEqualTo(Errors.FETCH_SESSION_ID_NOT_FOUND);
    }

    @Test
    void aFullFetchEndsTheSessionItNames() throws Exception {
        int first = open("t", 0);
        int second = call(full(topic("t", at(0, 0))).setSessionId(first)).sessionId();
        assertThat(second).isPositive().isNotEqualTo(first);
        assertThat(error(next(first, 1))).isEqualTo(Errors.FETCH_SESSION_ID_NOT_FOUND);
        FetchRequestData farewell = full(topic("t", at(0, 0))).setSessionId(second);
        assertThat(call(farewell.setSessionEpoch(-1)).sessionId()).isZero();
        assertThat(broker.metrics().gauge(OPEN)).isZero();
    }

    @Test
    void aSessionIsItsConnectionsOwnAndEndsWithIt() throws Exception {
        int session = open("t", 0);
        try (WireClient other = new WireClient(broker.port())) {
            var answer = other.call(next(session, 1), BY_NAME, new FetchResponseData());
            assertThat(Errors.forCode(answer.errorCode()))
                    .isEqualTo(Errors.FETCH_SESSION_ID_NOT_FOUND);
        }
        assertThat(error(next(session, 1))).isEqualTo(Errors.NONE);
        client.close();
        await(() -> broker.metrics().gauge(OPEN) == 0);
        assertThat(broker.metrics().gauge(PARTITIONS)).isZero();
    }

    @Test
    void idleSessionsGiveWayWhenThereAreTooMany() throws Exception {
        restart("2");
        int idle = open("t", 0, 1);
        int used = open("t", 0, 1);
        assertThat(open("t", 0, 1)).isZero();
        assertThat(broker.metrics().count(REFUSED)).isEqualTo(1);
        broker.skip(90, TimeUnit.SECONDS);
        assertThat(error(next(used, 1))).isEqualTo(Errors.NONE);
        broker.skip(40, TimeUnit.SECONDS);
        assertThat(open("t", 0)).isPositive();
        assertThat(error(next(idle, 1))).isEqualTo(Errors.FETCH_SESSION_ID_NOT_FOUND);
        assertThat(error(next(used, 2))).isEqualTo(Errors.NONE);
        assertThat(broker.metrics().count(EVICTED)).isEqualTo(1);
    }

    @Test
    void aSmallSessionThatHadItsTimeGivesWayToOneAsLarge() throws Exception {
        restart("2");
        int small = open("t", 0);
        int large = open("t", 0, 1);
        broker.skip(121, TimeUnit.SECONDS);
        assertThat(error(next(small, 1))).isEqualTo(Errors.NONE);
        assertThat(error(next(large, 1))).isEqualTo(Errors.NONE);
        int equal = open("t", 2);
        assertThat(equal).isPositive();
        assertThat(error(next(small, 2))).isEqualTo(Errors.FETCH_SESSION_ID_NOT_FOUND);
        assertThat(open("t", 1)).isZero(); // one is larger, the other young
        assertThat(error(next(large, 2))).isEqualTo(Errors.NONE);
        assertThat(error(next(equal, 1))).isEqualTo(Errors.NONE);
    }

    @Test
    void partitionsOfSessionsAreBounded() throws Exception {
        restart("1");
        assertThat(open("t", IntStream.range(0, 101).toArray())).isZero();
        int session = open("t", IntStream.range(0, 100).toArray());
        assertThat(session).isPositive();
        FetchRequestData more = next(session, 1).setTopics(List.of(topic("t", at(100, 0))));
        assertThat(error(more)).isEqualTo(Errors.FETCH_SESSION_ID_NOT_FOUND);
        assertThat(broker.metrics().gauge(PARTITIONS)).isZero();
        assertThat(call(full(topic("x".repeat(250), at(0, 0)))).sessionId()).isZero();
    }

    @Test
    void aRightThatIsTakenAwayIsMissedAtOnceAndOnceBackIsToldAgain() throws Exception {
        append("t", 0);
        int session = call(full(topic("t", at(0, 1)))).sessionId();
        FetchRequestData waits = next(session, 1).setMaxWaitMs(20_000);
        client.send(WireClient.request(waits, BY_NAME));
        await(() -> broker.topics().partition("t", 0).watches() == 1);
        broker.security().deny(Operation.READ, ResourceType.TOPIC, "t");
        append("t", 0); // wakes the fetch, which must not hand it out
        assertThat(told(receive())).containsExactly("t-0 TOPIC_AUTHORIZATION_FAILED");
        assertThat(told(call(next(session, 2)))).containsExactly("t-0 TOPIC_AUTHORIZATION_FAILED");
        broker.security().forgetDenials();
        assertThat(told(call(next(session, 3)))).containsExactly("t-0@2+1");
    }

    @Test
    void whoMayNotReadANameIsNotToldWhetherItIsThere() throws Exception {
        broker.security().deny(Operation.READ, ResourceType.TOPIC, "none");
        assertThat(told(call(full(topic("none", at(0, 0))))))
                .containsExactly("none-0 TOPIC_AUTHORIZATION_FAILED");
    }

    @Test
    void aTopicMayGoAndComeBackUnderItsName() throws Exception {
        append("t", 0);
        Uuid id = TopicIds.kafka(find("t").id());
        int byName = call(full(topic("t", at(0, 0)))).sessionId();
        int byId = call(full(topic("", at(0, 0)).setTopicId(id)), BY_ID).sessionId();
        broker.topics().delete(find("t").id());
        assertThat(told(call(next(byName, 1)))).containsExactly("t-0 UNKNOWN_TOPIC_OR_PARTITION");
        create("t", 1);
        assertThat(told(call(next(byName, 2)))).containsExactly("t-0@0");
        append("t", 0);
        assertThat(told(call(next(byName, 3)))).containsExactly("t-0@1+1");
        assertThat(told(call(next(byId, 1), BY_ID))).containsExactly("-0 UNKNOWN_TOPIC_ID");
    }

    @Test
    void requestsOfOneSessionAreAnsweredInOrder() throws Exception {
        int session = open("t", 0);
        client.send(WireClient.request(next(session, 1).setMaxWaitMs(200), BY_NAME));
        client.send(WireClient.request(next(session, 2), BY_NAME));
        assertThat(receive().errorCode()).isZero();
        assertThat(receive().errorCode()).isZero();
        client.send(WireClient.request(next(session, 3).setMaxWaitMs(20_000), BY_NAME));
        client.send(WireClient.request(next(session, 4).setMaxWaitMs(20_000), BY_NAME));
        await(() -> broker.topics().partition("t", 0).watches() == 1);
        client.close();
        await(() -> broker.topics().partition("t", 0).watches() == 0);
        await(() -> broker.metrics().gauge(OPEN) == 0);
    }

    @Test
    void whoEndsItsSessionNeedNotWaitForItsLongPoll() throws Exception {
        int session = open("t", 0);
        client.send(WireClient.request(next(session, 1).setMaxWaitMs(50_000), BY_NAME));
        await(() -> broker.topics().partition("t", 0).watches() == 1);
        client.send(WireClient.request(next(session, -1), BY_NAME));
        assertThat(receive().sessionId()).isEqualTo(session);
        assertThat(receive().sessionId()).isZero();
        assertThat(broker.metrics().gauge(OPEN)).isZero();
    }

    @Test
    void aBusyPartitionLeavesTheOthersTheirTurn() throws Exception {
        append("t", 0);
        append("t", 1);
        append("t", 2);
        FetchRequestData tight = full(topic("t", at(0, 0), at(1, 0), at(2, 0))).setMaxBytes(1);
        FetchResponseData first = call(tight);
        assertThat(told(first)).containsExactly("t-0@1+1", "t-1@1", "t-2@1");
        int session = first.sessionId();
        assertThat(told(call(next(session, 1).setMaxBytes(1)))).containsExactly("t-1@1+1");
        assertThat(told(call(next(session, 2).setMaxBytes(1)))).containsExactly("t-2@1+1");
        assertThat(told(call(next(session, 3).setMaxBytes(1)))).containsExactly("t-0@1+1");
    }

    private void create(String name, int partitions) {
        broker.topics()
                .create(new TopicSpec(TenantId.DEFAULT, name, partitions, Map.of(), false))
                .toCompletableFuture()
                .join();
    }

    private Topic find(String name) {
        Topic found = broker.topics().find(TenantId.DEFAULT, name);
        assertThat(found).isNotNull();
        return found;
    }

    private void append(String topic, int partition) {
        MemoryRecords records =
                MemoryRecords.withRecords(Compression.NONE, new SimpleRecord(new byte[] {7}));
        broker.topics()
                .partition(topic, partition)
                .append(
                        Unpooled.wrappedBuffer(records.buffer()),
                        -1,
                        Partition.Origin.CLIENT,
                        AckLevel.SEQUENCED,
                        Runnable::run,
                        null);
    }

    /** Begins a session; 0 if none is granted. */
    private int open(String topic, int... partitions) throws Exception {
        FetchPartition[] asked =
                IntStream.of(partitions).mapToObj(i -> at(i, 0)).toArray(FetchPartition[]::new);
        return call(full(topic(topic, asked))).sessionId();
    }

    private static FetchPartition at(int partition, long offset) {
        return new FetchPartition()
                .setPartition(partition)
                .setFetchOffset(offset)
                .setPartitionMaxBytes(1 << 20);
    }

    private static FetchTopic topic(String name, FetchPartition... partitions) {
        return new FetchTopic().setTopic(name).setPartitions(List.of(partitions));
    }

    private static ForgottenTopic forget(String name, int partition) {
        return new ForgottenTopic().setTopic(name).setPartitions(List.of(partition));
    }

    private static FetchRequestData full(FetchTopic... topics) {
        return next(0, 0).setTopics(List.of(topics));
    }

    private static FetchRequestData next(int session, int epoch) {
        return new FetchRequestData()
                .setMinBytes(1)
                .setMaxWaitMs(1)
                .setMaxBytes(1 << 20)
                .setSessionId(session)
                .setSessionEpoch(epoch);
    }

    private FetchResponseData call(FetchRequestData request) throws Exception {
        return call(request, BY_NAME);
    }

    private FetchResponseData call(FetchRequestData request, short version) throws Exception {
        return client.call(request, version, new FetchResponseData());
    }

    private FetchResponseData receive() throws Exception {
        ByteBuffer answer = client.receive();
        answer.getInt();
        answer.get();
        return new FetchResponseData(new ByteBufferAccessor(answer), BY_NAME);
    }

    private Errors error(FetchRequestData request) throws Exception {
        return Errors.forCode(call(request).errorCode());
    }

    /** What an answer holds: {@code topic-partition@highWatermark+records}, or the error. */
    private static List<String> told(FetchResponseData answer) {
        assertThat(answer.errorCode()).isZero();
        List<String> told = new ArrayList<>();
        for (var topic : answer.responses()) {
            topic.partitions().forEach(data -> told.add(topic.topic() + "-" + told(data)));
        }
        return told;
    }

    private static String told(PartitionData data) {
        if (data.errorCode() != 0) {
            return data.partitionIndex() + " " + Errors.forCode(data.errorCode());
        }
        int records = 0;
        for (var batch : ((MemoryRecords) data.records()).batches()) {
            records += batch.countOrNull();
        }
        return data.partitionIndex()
                + "@"
                + data.highWatermark()
                + (records == 0 ? "" : "+" + records);
    }

    private static void await(java.util.function.BooleanSupplier condition) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            Thread.sleep(5);
        }
    }
}
