// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.kafka.session;

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
import org.apache.kafka.common.protocol.ApiMessage;

/**
 * The APIs that are spoken. Kafka's own {@code ApiKeys} would load the schemas of all of its
 * messages, a quarter of a second and a dozen megabytes, before the first client comes; a test
 * keeps the two alike.
 */
public enum Api {
    PRODUCE(0, 3, 13, 9),
    FETCH(1, 4, 18, 12),
    LIST_OFFSETS(2, 1, 11, 6),
    METADATA(3, 0, 13, 9),
    OFFSET_COMMIT(8, 2, 10, 8),
    OFFSET_FETCH(9, 1, 10, 6),
    FIND_COORDINATOR(10, 0, 6, 3),
    JOIN_GROUP(11, 0, 9, 6),
    HEARTBEAT(12, 0, 4, 4),
    LEAVE_GROUP(13, 0, 5, 4),
    SYNC_GROUP(14, 0, 5, 4),
    DESCRIBE_GROUPS(15, 0, 6, 5),
    LIST_GROUPS(16, 0, 5, 3),
    SASL_HANDSHAKE(17, 0, 1, Api.NEVER),
    API_VERSIONS(18, 0, 4, 3),
    CREATE_TOPICS(19, 2, 7, 5),
    DELETE_TOPICS(20, 1, 6, 4),
    DELETE_RECORDS(21, 0, 2, 2),
    INIT_PRODUCER_ID(22, 0, 5, 2),
    OFFSET_FOR_LEADER_EPOCH(23, 2, 4, 4),
    DESCRIBE_CONFIGS(32, 1, 4, 4),
    DESCRIBE_LOG_DIRS(35, 1, 5, 2),
    SASL_AUTHENTICATE(36, 0, 2, 2),
    CREATE_PARTITIONS(37, 0, 3, 2),
    DELETE_GROUPS(42, 0, 2, 2),
    INCREMENTAL_ALTER_CONFIGS(44, 0, 1, 1),
    OFFSET_DELETE(47, 0, 0, Api.NEVER),
    DESCRIBE_CLUSTER(60, 0, 2, 0),
    CONSUMER_GROUP_HEARTBEAT(68, 0, 1, 0),
    CONSUMER_GROUP_DESCRIBE(69, 0, 1, 0),
    DESCRIBE_TOPIC_PARTITIONS(75, 0, 0, 0);

    private static final int NEVER = Integer.MAX_VALUE;

    private final short key;
    private final short minVersion;
    private final short maxVersion;
    private final int flexibleFrom;

    Api(int key, int minVersion, int maxVersion, int flexibleFrom) {
        this.key = (short) key;
        this.minVersion = (short) minVersion;
        this.maxVersion = (short) maxVersion;
        this.flexibleFrom = flexibleFrom;
    }

    /** The number on the wire. */
    public short key() {
        return key;
    }

    /** First version that is understood. */
    public short minVersion() {
        return minVersion;
    }

    /** Last version that is understood. */
    public short maxVersion() {
        return maxVersion;
    }

    /** Whether requests of that version are understood. */
    public boolean supports(short version) {
        return version >= minVersion && version <= maxVersion;
    }

    /** 2 where headers have tagged fields (KIP-482), else 1. */
    public short requestHeaderVersion(short version) {
        return (short) (version >= flexibleFrom ? 2 : 1);
    }

    /**
     * 1 where headers have tagged fields, else 0: always for ApiVersions, which must be read by
     * anybody (KIP-511).
     */
    public short responseHeaderVersion(short version) {
        return (short) (version >= flexibleFrom && this != API_VERSIONS ? 1 : 0);
    }

    /** An empty request, to be read into. */
    ApiMessage newRequest() {
        return switch (this) {
            case PRODUCE -> new ProduceRequestData();
            case FETCH -> new FetchRequestData();
            case LIST_OFFSETS -> new ListOffsetsRequestData();
            case METADATA -> new MetadataRequestData();
            case OFFSET_COMMIT -> new OffsetCommitRequestData();
            case OFFSET_FETCH -> new OffsetFetchRequestData();
            case FIND_COORDINATOR -> new FindCoordinatorRequestData();
            case JOIN_GROUP -> new JoinGroupRequestData();
            case HEARTBEAT -> new HeartbeatRequestData();
            case LEAVE_GROUP -> new LeaveGroupRequestData();
            case SYNC_GROUP -> new SyncGroupRequestData();
            case DESCRIBE_GROUPS -> new DescribeGroupsRequestData();
            case LIST_GROUPS -> new ListGroupsRequestData();
            case SASL_HANDSHAKE -> new SaslHandshakeRequestData();
            case API_VERSIONS -> new ApiVersionsRequestData();
            case CREATE_TOPICS -> new CreateTopicsRequestData();
            case DELETE_TOPICS -> new DeleteTopicsRequestData();
            case DELETE_RECORDS -> new DeleteRecordsRequestData();
            case INIT_PRODUCER_ID -> new InitProducerIdRequestData();
            case OFFSET_FOR_LEADER_EPOCH -> new OffsetForLeaderEpochRequestData();
            case DESCRIBE_CONFIGS -> new DescribeConfigsRequestData();
            case DESCRIBE_LOG_DIRS -> new DescribeLogDirsRequestData();
            case SASL_AUTHENTICATE -> new SaslAuthenticateRequestData();
            case CREATE_PARTITIONS -> new CreatePartitionsRequestData();
            case DELETE_GROUPS -> new DeleteGroupsRequestData();
            case INCREMENTAL_ALTER_CONFIGS -> new IncrementalAlterConfigsRequestData();
            case OFFSET_DELETE -> new OffsetDeleteRequestData();
            case DESCRIBE_CLUSTER -> new DescribeClusterRequestData();
            case CONSUMER_GROUP_HEARTBEAT -> new ConsumerGroupHeartbeatRequestData();
            case CONSUMER_GROUP_DESCRIBE -> new ConsumerGroupDescribeRequestData();
            case DESCRIBE_TOPIC_PARTITIONS -> new DescribeTopicPartitionsRequestData();
        };
    }
}
