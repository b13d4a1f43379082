// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.protocol.kafka.handler;

import io.mortise.protocol.kafka.coordinator.GroupCoordinators;
import io.mortise.protocol.kafka.session.ApiTable;

import org.apache.kafka.common.protocol.ApiKeys;

/** Every API that is served, with its newest version. */
public final class Handlers {
    private Handlers() {}

    /** The table that is advertised and dispatched by. */
    public static ApiTable table(Services services, GroupCoordinators groups) {
        ApiTable apis = new ApiTable();
        apis.add(ApiKeys.PRODUCE, 13, new ProduceHandler(services))
                .add(ApiKeys.FETCH, 18, new FetchHandler(services))
                .add(ApiKeys.LIST_OFFSETS, 11, new ListOffsetsHandler(services))
                .add(ApiKeys.METADATA, 13, new MetadataHandler(services))
                .add(ApiKeys.SASL_HANDSHAKE, 1, new SaslHandshakeHandler())
                .add(ApiKeys.API_VERSIONS, 4, new ApiVersionsHandler(apis))
                .add(ApiKeys.CREATE_TOPICS, 7, new CreateTopicsHandler(services))
                .add(ApiKeys.DELETE_TOPICS, 6, new DeleteTopicsHandler(services))
                .add(ApiKeys.DELETE_RECORDS, 2, new DeleteRecordsHandler(services))
                .add(ApiKeys.INIT_PRODUCER_ID, 5, new InitProducerIdHandler(services))
                .add(ApiKeys.OFFSET_FOR_LEADER_EPOCH, 4, new OffsetForLeaderEpochHandler(services))
                .add(ApiKeys.DESCRIBE_CONFIGS, 4, new DescribeConfigsHandler(services))
                .add(ApiKeys.SASL_AUTHENTICATE, 2, new SaslAuthenticateHandler())
                .add(ApiKeys.CREATE_PARTITIONS, 3, new CreatePartitionsHandler(services))
                .add(
                        ApiKeys.INCREMENTAL_ALTER_CONFIGS,
                        1,
                        new IncrementalAlterConfigsHandler(services))
                .add(ApiKeys.DESCRIBE_CLUSTER, 2, new DescribeClusterHandler(services))
                .add(
                        ApiKeys.DESCRIBE_TOPIC_PARTITIONS,
                        0,
                        new DescribeTopicPartitionsHandler(services));
        addGroups(apis, services, groups);
        return apis;
    }

    private static void addGroups(ApiTable apis, Services services, GroupCoordinators groups) {
        apis.add(ApiKeys.OFFSET_COMMIT, 10, new OffsetCommitHandler(services, groups))
                .add(ApiKeys.OFFSET_FETCH, 10, new OffsetFetchHandler(services, groups))
                .add(ApiKeys.FIND_COORDINATOR, 6, new FindCoordinatorHandler(services, groups))
                .add(ApiKeys.JOIN_GROUP, 9, new JoinGroupHandler(groups))
                .add(ApiKeys.HEARTBEAT, 4, new HeartbeatHandler(groups))
                .add(ApiKeys.LEAVE_GROUP, 5, new LeaveGroupHandler(groups))
                .add(ApiKeys.SYNC_GROUP, 5, new SyncGroupHandler(groups))
                .add(ApiKeys.DESCRIBE_GROUPS, 6, new DescribeGroupsHandler(groups))
                .add(ApiKeys.LIST_GROUPS, 5, new ListGroupsHandler(groups))
                .add(ApiKeys.DELETE_GROUPS, 2, new DeleteGroupsHandler(groups))
                .add(ApiKeys.OFFSET_DELETE, 0, new OffsetDeleteHandler(services, groups))
                .add(ApiKeys.CONSUMER_GROUP_HEARTBEAT, 1, new ConsumerGroupHeartbeatHandler(groups))
                .add(ApiKeys.CONSUMER_GROUP_DESCRIBE, 1, new ConsumerGroupDescribeHandler(groups));
    }
}
