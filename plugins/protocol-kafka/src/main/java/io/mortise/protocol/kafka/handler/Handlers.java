// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.protocol.kafka.handler;

import io.mortise.protocol.kafka.coordinator.GroupCoordinators;
import io.mortise.protocol.kafka.session.Api;
import io.mortise.protocol.kafka.session.ApiTable;

/** Every API that is served. */
public final class Handlers {
    private Handlers() {}

    /** The table that is advertised and dispatched by. */
    public static ApiTable table(
            Services services, FetchSessions sessions, GroupCoordinators groups) {
        ApiTable apis = new ApiTable();
        apis.add(Api.PRODUCE, new ProduceHandler(services))
                .add(Api.FETCH, new FetchHandler(services, sessions))
                .add(Api.LIST_OFFSETS, new ListOffsetsHandler(services))
                .add(Api.METADATA, new MetadataHandler(services))
                .add(Api.SASL_HANDSHAKE, new SaslHandshakeHandler())
                .add(Api.API_VERSIONS, new ApiVersionsHandler(apis))
                .add(Api.CREATE_TOPICS, new CreateTopicsHandler(services))
                .add(Api.DELETE_TOPICS, new DeleteTopicsHandler(services))
                .add(Api.DELETE_RECORDS, new DeleteRecordsHandler(services))
                .add(Api.INIT_PRODUCER_ID, new InitProducerIdHandler(services))
                .add(Api.OFFSET_FOR_LEADER_EPOCH, new OffsetForLeaderEpochHandler(services))
                .add(Api.DESCRIBE_CONFIGS, new DescribeConfigsHandler(services))
                .add(Api.DESCRIBE_LOG_DIRS, new DescribeLogDirsHandler(services))
                .add(Api.SASL_AUTHENTICATE, new SaslAuthenticateHandler())
                .add(Api.CREATE_PARTITIONS, new CreatePartitionsHandler(services))
                .add(Api.INCREMENTAL_ALTER_CONFIGS, new IncrementalAlterConfigsHandler(services))
                .add(Api.DESCRIBE_CLUSTER, new DescribeClusterHandler(services))
                .add(Api.DESCRIBE_TOPIC_PARTITIONS, new DescribeTopicPartitionsHandler(services));
        addGroups(apis, services, groups);
        return apis;
    }

    private static void addGroups(ApiTable apis, Services services, GroupCoordinators groups) {
        apis.add(Api.OFFSET_COMMIT, new OffsetCommitHandler(services, groups))
                .add(Api.OFFSET_FETCH, new OffsetFetchHandler(services, groups))
                .add(Api.FIND_COORDINATOR, new FindCoordinatorHandler(services, groups))
                .add(Api.JOIN_GROUP, new JoinGroupHandler(groups))
                .add(Api.HEARTBEAT, new HeartbeatHandler(groups))
                .add(Api.LEAVE_GROUP, new LeaveGroupHandler(groups))
                .add(Api.SYNC_GROUP, new SyncGroupHandler(groups))
                .add(Api.DESCRIBE_GROUPS, new DescribeGroupsHandler(groups))
                .add(Api.LIST_GROUPS, new ListGroupsHandler(groups))
                .add(Api.DELETE_GROUPS, new DeleteGroupsHandler(groups))
                .add(Api.OFFSET_DELETE, new OffsetDeleteHandler(services, groups))
                .add(Api.CONSUMER_GROUP_HEARTBEAT, new ConsumerGroupHeartbeatHandler(groups))
                .add(Api.CONSUMER_GROUP_DESCRIBE, new ConsumerGroupDescribeHandler(groups));
    }
}
