// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.protocol.kafka.handler;

import io.mortise.protocol.kafka.session.Request;
import io.mortise.protocol.kafka.session.RequestHandler;
import io.mortise.spi.broker.Partition;
import io.mortise.spi.broker.Topic;

import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData.OffsetForLeaderPartition;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData.OffsetForLeaderTopic;
import org.apache.kafka.common.message.OffsetForLeaderEpochResponseData;
import org.apache.kafka.common.message.OffsetForLeaderEpochResponseData.EpochEndOffset;
import org.apache.kafka.common.message.OffsetForLeaderEpochResponseData.OffsetForLeaderTopicResult;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/** Where epochs ended, by which consumers notice truncation (KIP-320). */
public final class OffsetForLeaderEpochHandler
        implements RequestHandler<OffsetForLeaderEpochRequestData> {
    private final Services services;

    public OffsetForLeaderEpochHandler(Services services) {
        this.services = services;
    }

    @Override
    public void handle(Request<OffsetForLeaderEpochRequestData> request) {
        var response = new OffsetForLeaderEpochResponseData();
        for (OffsetForLeaderTopic asked : request.message().topics()) {
            var result = new OffsetForLeaderTopicResult().setTopic(asked.topic());
            response.topics().add(result);
            Topic topic = services.find(request.connection(), asked.topic());
            boolean allowed = Access.describeTopic(request.connection().identity(), asked.topic());
            for (OffsetForLeaderPartition partition : asked.partitions()) {
                result.partitions()
                        .add(
                                allowed
                                        ? end(topic, partition)
                                        : answer(partition, Errors.TOPIC_AUTHORIZATION_FAILED));
            }
        }
        request.respond(response);
    }

    private static EpochEndOffset end(@Nullable Topic topic, OffsetForLeaderPartition asked) {
        PartitionLookup lookup = PartitionLookup.of(topic, asked.partition());
        Partition log = lookup.partition();
        if (log == null) {
            return answer(asked, lookup.error());
        }
        Errors epoch = PartitionLookup.epochError(log, asked.currentLeaderEpoch());
        if (epoch != Errors.NONE) {
            return answer(asked, epoch);
        }
        Partition.EpochEnd end = log.endOffsetOf(asked.leaderEpoch());
        return answer(asked, Errors.NONE)
                .setLeaderEpoch(end.leaderEpoch())
                .setEndOffset(end.endOffset());
    }

    private static EpochEndOffset answer(OffsetForLeaderPartition asked, Errors error) {
        return new EpochEndOffset().setPartition(asked.partition()).setErrorCode(error.code());
    }
}
