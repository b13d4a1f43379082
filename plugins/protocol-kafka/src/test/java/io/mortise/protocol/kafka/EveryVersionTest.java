// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.protocol.kafka.testing.FakeBroker;
import io.mortise.spi.TenantId;

import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.message.ConsumerGroupDescribeRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.CreatePartitionsRequestData;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.DeleteGroupsRequestData;
import org.apache.kafka.common.message.DeleteRecordsRequestData;
import org.apache.kafka.common.message.DeleteTopicsRequestData;
import org.apache.kafka.common.message.DescribeClusterRequestData;
import org.apache.kafka.common.message.DescribeConfigsRequestData;
import org.apache.kafka.common.message.DescribeGroupsRequestData;
import org.apache.kafka.common.message.DescribeLogDirsRequestData;
import org.apache.kafka.common.message.DescribeTopicPartitionsRequestData;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FindCoordinatorRequestData;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData;
import org.apache.kafka.common.message.InitProducerIdRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.LeaveGroupRequestData;
import org.apache.kafka.common.message.ListGroupsRequestData;
import org.apache.kafka.common.message.ListOffsetsRequestData;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetDeleteRequestData;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.SaslAuthenticateRequestData;
import org.apache.kafka.common.message.SaslHandshakeRequestData;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Each advertised version of each API gets an answer that reads as one of that version, about
 * things that exist.
 */
@Timeout(value = 30, unit = TimeUnit.SECONDS)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EveryVersionTest {
    private static final List<ApiKeys> SERVED =
            List.of(
                    ApiKeys.PRODUCE,
                    ApiKeys.FETCH,
                    ApiKeys.LIST_OFFSETS,
                    ApiKeys.METADATA,
                    ApiKeys.OFFSET_COMMIT,
                    ApiKeys.OFFSET_FETCH,
                    ApiKeys.FIND_COORDINATOR,
                    ApiKeys.JOIN_GROUP,
                    ApiKeys.HEARTBEAT,
                    ApiKeys.LEAVE_GROUP,
                    ApiKeys.SYNC_GROUP,
                    ApiKeys.DESCRIBE_GROUPS,
                    ApiKeys.LIST_GROUPS,
                    ApiKeys.SASL_HANDSHAKE,
                    ApiKeys.API_VERSIONS,
                    ApiKeys.CREATE_TOPICS,
                    ApiKeys.DELETE_TOPICS,
                    ApiKeys.DELETE_RECORDS,
                    ApiKeys.INIT_PRODUCER_ID,
                    ApiKeys.OFFSET_FOR_LEADER_EPOCH,
                    ApiKeys.DESCRIBE_CONFIGS,
                    ApiKeys.DESCRIBE_LOG_DIRS,
                    ApiKeys.SASL_AUTHENTICATE,
                    ApiKeys.CREATE_PARTITIONS,
                    ApiKeys.DELETE_GROUPS,
                    ApiKeys.INCREMENTAL_ALTER_CONFIGS,
                    ApiKeys.OFFSET_DELETE,
                    ApiKeys.DESCRIBE_CLUSTER,
                    ApiKeys.CONSUMER_GROUP_HEARTBEAT,
                    ApiKeys.CONSUMER_GROUP_DESCRIBE,
                    ApiKeys.DESCRIBE_TOPIC_PARTITIONS);

    private FakeBroker broker;
    private Uuid topicId = Uuid.ZERO_UUID;

    @BeforeAll
    void start() throws Exception {
        broker = new FakeBroker();
        var topic =
                broker.topics().createAutomatically(TenantId.DEFAULT, "t").toCompletableFuture();
        topicId =
                new Uuid(
                        topic.join().id().uuid().getMostSignificantBits(),
                        topic.join().id().uuid().getLeastSignificantBits());
        try (var consumer =
                new KafkaConsumer<>(
                        Map.of("bootstrap.servers", broker.bootstrap(), "group.id", "g"),
                        new StringDeserializer(),
                        new StringDeserializer())) {
            consumer.commitSync(
                    Map.of(new TopicPartition("t", 0), new OffsetAndMetadata(0, "note")));
        }
    }

    @AfterAll
    void stop() throws Exception {
        broker.close();
    }

    static Stream<String> versions() {
        return SERVED.stream()
                .flatMap(
                        api ->
                                Stream.iterate(
                                                (int) api.oldestVersion(),
                                                version -> version <= api.latestVersion(false),
                                                version -> version + 1)
                                        .map(version -> api.name() + " " + version));
    }

    @ParameterizedTest
    @MethodSource("versions")
    void isAnsweredInItsOwnFormat(String which) throws Exception {
        ApiKeys api = ApiKeys.valueOf(which.split(" ")[0]);
        short version = Short.parseShort(which.split(" ")[1]);
        try (WireClient client = new WireClient(broker.port())) {
            client.send(WireClient.request(request(api, version), version));
            ByteBuffer answer = client.receive();
            assertThat(answer.getInt()).isEqualTo(77);
            if (api.responseHeaderVersion(version) > 0) {
                assertThat(answer.get()).isZero();
            }
            ApiMessage response = api.messageType.newResponse();
            response.read(new ByteBufferAccessor(answer), version);
            assertThat(answer.hasRemaining()).isFalse();
        }
    }

    private ApiMessage request(ApiKeys api, short version) {
        return switch (api) {
            case PRODUCE -> produce(version);
            case FETCH -> fetch(version);
            case LIST_OFFSETS -> listOffsets();
            case METADATA -> metadata(version);
            case OFFSET_COMMIT -> commit(version);
            case OFFSET_FETCH -> offsetFetch(version);
            case FIND_COORDINATOR ->
                    version < 4
                            ? new FindCoordinatorRequestData().setKey("g")
                            : new FindCoordinatorRequestData().setCoordinatorKeys(List.of("g"));
            case JOIN_GROUP -> join(version);
            case HEARTBEAT -> new HeartbeatRequestData().setGroupId("g").setMemberId("m");
            case LEAVE_GROUP -> leave(version);
            case SYNC_GROUP -> new SyncGroupRequestData().setGroupId("g").setMemberId("m");
            case DESCRIBE_GROUPS -> new DescribeGroupsRequestData().setGroups(List.of("g", "none"));
            case LIST_GROUPS -> new ListGroupsRequestData();
            case SASL_HANDSHAKE -> new SaslHandshakeRequestData().setMechanism("SCRAM-SHA-256");
            case SASL_AUTHENTICATE -> new SaslAuthenticateRequestData().setAuthBytes(new byte[3]);
            case API_VERSIONS ->
                    new ApiVersionsRequestData()
                            .setClientSoftwareName("a")
                            .setClientSoftwareVersion("1");
            case CREATE_TOPICS -> createTopics(version);
            case DELETE_TOPICS -> deleteTopics(version);
            case DELETE_RECORDS -> deleteRecords();
            case INIT_PRODUCER_ID -> new InitProducerIdRequestData().setTransactionalId(null);
            case OFFSET_FOR_LEADER_EPOCH -> leaderEpoch();
            case DESCRIBE_CONFIGS -> describeConfigs(version);
            case DESCRIBE_LOG_DIRS -> new DescribeLogDirsRequestData().setTopics(null);
            case CREATE_PARTITIONS -> createPartitions();
            case DELETE_GROUPS -> new DeleteGroupsRequestData().setGroupsNames(List.of("none"));
            case INCREMENTAL_ALTER_CONFIGS -> alterConfigs();
            case OFFSET_DELETE -> new OffsetDeleteRequestData().setGroupId("g");
            case DESCRIBE_CLUSTER ->
                    new DescribeClusterRequestData().setIncludeClusterAuthorizedOperations(true);
            case CONSUMER_GROUP_HEARTBEAT ->
                    new ConsumerGroupHeartbeatRequestData()
                            .setGroupId("n")
                            .setMemberId("m")
                            .setRebalanceTimeoutMs(1000)
                            .setSubscribedTopicNames(List.of("t"))
                            .setTopicPartitions(List.of());
            case CONSUMER_GROUP_DESCRIBE ->
                    new ConsumerGroupDescribeRequestData().setGroupIds(List.of("n"));
            case DESCRIBE_TOPIC_PARTITIONS ->
                    new DescribeTopicPartitionsRequestData()
                            .setTopics(
                                    List.of(
                                            new DescribeTopicPartitionsRequestData.TopicRequest()
                                                    .setName("t")));
            default -> throw new IllegalArgumentException(api.name);
        };
    }

    private ApiMessage produce(short version) {
        MemoryRecords records =
                MemoryRecords.withRecords(Compression.NONE, new SimpleRecord(new byte[9]));
        var partition = new ProduceRequestData.PartitionProduceData().setRecords(records);
        var topic =
                new ProduceRequestData.TopicProduceData()
                        .setName(version < 13 ? "t" : "")
                        .setTopicId(version < 13 ? Uuid.ZERO_UUID : topicId)
                        .setPartitionData(List.of(partition));
        return new ProduceRequestData()
                .setAcks((short) -1)
                .setTopicData(
                        new ProduceRequestData.TopicProduceDataCollection(
                                List.of(topic).iterator()));
    }

    private ApiMessage fetch(short version) {
        var partition = new FetchRequestData.FetchPartition().setPartitionMaxBytes(1000);
        var topic =
                new FetchRequestData.FetchTopic()
                        .setTopic(version < 13 ? "t" : "")
                        .setTopicId(version < 13 ? Uuid.ZERO_UUID : topicId)
                        .setPartitions(List.of(partition));
        return new FetchRequestData().setMaxWaitMs(1).setMinBytes(1).setTopics(List.of(topic));
    }

    private static ApiMessage listOffsets() {
        var latest = new ListOffsetsRequestData.ListOffsetsPartition().setTimestamp(-1);
        var earliest =
                new ListOffsetsRequestData.ListOffsetsPartition()
                        .setPartitionIndex(1)
                        .setTimestamp(0);
        var topic =
                new ListOffsetsRequestData.ListOffsetsTopic()
                        .setName("t")
                        .setPartitions(List.of(latest, earliest));
        return new ListOffsetsRequestData().setReplicaId(-1).setTopics(List.of(topic));
    }

    private static ApiMessage metadata(short version) {
        var topic = new MetadataRequestData.MetadataRequestTopic().setName("t");
        return new MetadataRequestData()
                .setTopics(List.of(topic))
                .setAllowAutoTopicCreation(true)
                .setIncludeTopicAuthorizedOperations(version >= 8);
    }

    private ApiMessage commit(short version) {
        var topic =
                new OffsetCommitRequestData.OffsetCommitRequestTopic()
                        .setName(version < 10 ? "t" : "")
                        .setTopicId(version < 10 ? Uuid.ZERO_UUID : topicId)
                        .setPartitions(
                                List.of(
                                        new OffsetCommitRequestData
                                                .OffsetCommitRequestPartition()));
        return new OffsetCommitRequestData().setGroupId("g").setTopics(List.of(topic));
    }

    private ApiMessage offsetFetch(short version) {
        if (version < 8) {
            var topic =
                    new OffsetFetchRequestData.OffsetFetchRequestTopic()
                            .setName("t")
                            .setPartitionIndexes(List.of(0, 1));
            return new OffsetFetchRequestData().setGroupId("g").setTopics(List.of(topic));
        }
        var topic =
                new OffsetFetchRequestData.OffsetFetchRequestTopics()
                        .setName(version < 10 ? "t" : "")
                        .setTopicId(version < 10 ? Uuid.ZERO_UUID : topicId)
                        .setPartitionIndexes(List.of(0, 1));
        var group =
                new OffsetFetchRequestData.OffsetFetchRequestGroup()
                        .setGroupId("g")
                        .setTopics(List.of(topic));
        return new OffsetFetchRequestData().setGroups(List.of(group));
    }

    private static ApiMessage join(short version) {
        return new JoinGroupRequestData()
                .setGroupId("j" + version)
                .setProtocolType("consumer")
                .setSessionTimeoutMs(1); // refused: a member that stays would make others wait
    }

    private static ApiMessage leave(short version) {
        return version < 3
                ? new LeaveGroupRequestData().setGroupId("g").setMemberId("m")
                : new LeaveGroupRequestData()
                        .setGroupId("g")
                        .setMembers(
                                List.of(
                                        new LeaveGroupRequestData.MemberIdentity()
                                                .setMemberId("m")));
    }

    private static ApiMessage createTopics(short version) {
        var topics = new CreateTopicsRequestData.CreatableTopicCollection();
        topics.add(
                new CreateTopicsRequestData.CreatableTopic()
                        .setName("made" + version)
                        .setNumPartitions(1)
                        .setReplicationFactor((short) 1));
        return new CreateTopicsRequestData().setTopics(topics);
    }

    private static ApiMessage deleteTopics(short version) {
        return version < 6
                ? new DeleteTopicsRequestData().setTopicNames(List.of("none"))
                : new DeleteTopicsRequestData()
                        .setTopics(
                                List.of(
                                        new DeleteTopicsRequestData.DeleteTopicState()
                                                .setName("none")));
    }

    private static ApiMessage deleteRecords() {
        var topic =
                new DeleteRecordsRequestData.DeleteRecordsTopic()
                        .setName("t")
                        .setPartitions(
                                List.of(new DeleteRecordsRequestData.DeleteRecordsPartition()));
        return new DeleteRecordsRequestData().setTopics(List.of(topic));
    }

    private static ApiMessage leaderEpoch() {
        var topic =
                new OffsetForLeaderEpochRequestData.OffsetForLeaderTopic()
                        .setTopic("t")
                        .setPartitions(
                                List.of(
                                        new OffsetForLeaderEpochRequestData
                                                .OffsetForLeaderPartition()));
        var topics = new OffsetForLeaderEpochRequestData.OffsetForLeaderTopicCollection();
        topics.add(topic);
        return new OffsetForLeaderEpochRequestData().setTopics(topics);
    }

    private static ApiMessage describeConfigs(short version) {
        var resource =
                new DescribeConfigsRequestData.DescribeConfigsResource()
                        .setResourceType((byte) 2)
                        .setResourceName("t")
                        .setConfigurationKeys(null);
        return new DescribeConfigsRequestData()
                .setResources(List.of(resource))
                .setIncludeSynonyms(true)
                .setIncludeDocumentation(version >= 3);
    }

    private static ApiMessage createPartitions() {
        var topics = new CreatePartitionsRequestData.CreatePartitionsTopicCollection();
        topics.add(
                new CreatePartitionsRequestData.CreatePartitionsTopic()
                        .setName("none")
                        .setCount(9)
                        .setAssignments(null));
        return new CreatePartitionsRequestData().setTopics(topics);
    }

    private static ApiMessage alterConfigs() {
        var resources = new IncrementalAlterConfigsRequestData.AlterConfigsResourceCollection();
        resources.add(
                new IncrementalAlterConfigsRequestData.AlterConfigsResource()
                        .setResourceType((byte) 2)
                        .setResourceName("none"));
        return new IncrementalAlterConfigsRequestData().setResources(resources);
    }
}
