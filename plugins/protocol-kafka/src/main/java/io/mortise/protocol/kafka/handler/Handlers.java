// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.protocol.kafka.handler;

import io.mortise.protocol.kafka.session.ApiTable;

import org.apache.kafka.common.protocol.ApiKeys;

/** Every API that is served, with its newest version. */
public final class Handlers {
    private Handlers() {}

    /** The table that is advertised and dispatched by. */
    public static ApiTable table(Services services) {
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
        return apis;
    }
}
