// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.protocol.kafka.handler;

import io.mortise.protocol.kafka.mapping.RefusalErrors;
import io.mortise.protocol.kafka.session.Request;
import io.mortise.protocol.kafka.session.RequestHandler;
import io.mortise.spi.broker.Partition;
import io.mortise.spi.broker.Topic;

import org.apache.kafka.common.message.ListOffsetsRequestData;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsPartition;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsTopic;
import org.apache.kafka.common.message.ListOffsetsResponseData;
import org.apache.kafka.common.message.ListOffsetsResponseData.ListOffsetsPartitionResponse;
import org.apache.kafka.common.message.ListOffsetsResponseData.ListOffsetsTopicResponse;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.ListOffsetsRequest;

import java.util.concurrent.atomic.AtomicInteger;

/** Offsets by timestamp, and of the ends of a log. */
public final class ListOffsetsHandler implements RequestHandler<ListOffsetsRequestData> {
    private static final int CONSUMER = -1;
    private static final short WITH_EPOCH = 4;

    private final Services services;

    public ListOffsetsHandler(Services services) {
        this.services = services;
    }

    @Override
    public void handle(Request<ListOffsetsRequestData> request) {
        ListOffsetsResponseData response = new ListOffsetsResponseData();
        AtomicInteger pending = new AtomicInteger(1);
        Runnable done =
                () -> {
                    if (pending.decrementAndGet() == 0) {
                        request.respond(response);
                    }
                };
        for (ListOffsetsTopic asked : request.message().topics()) {
            ListOffsetsTopicResponse topic = new ListOffsetsTopicResponse().setName(asked.name());
            response.topics().add(topic);
            Topic found = services.find(request.connection(), asked.name());
            boolean allowed = Access.describeTopic(request.connection().identity(), asked.name());
            for (ListOffsetsPartition partition : asked.partitions()) {
                ListOffsetsPartitionResponse answer = answer(partition);
                topic.partitions().add(answer);
                PartitionLookup lookup = PartitionLookup.of(found, partition.partitionIndex());
                if (!allowed) {
                    answer.setErrorCode(Errors.TOPIC_AUTHORIZATION_FAILED.code());
                } else if (lookup.partition() == null) {
                    answer.setErrorCode(lookup.error().code());
                } else {
                    pending.incrementAndGet();
                    look(request, lookup.partition(), partition, answer, done);
                }
            }
        }
        done.run();
    }

    private static ListOffsetsPartitionResponse answer(ListOffsetsPartition asked) {
        return new ListOffsetsPartitionResponse()
                .setPartitionIndex(asked.partitionIndex())
                .setOffset(-1)
                .setTimestamp(-1);
    }

    private static void look(
            Request<ListOffsetsRequestData> request,
            Partition log,
            ListOffsetsPartition asked,
            ListOffsetsPartitionResponse answer,
            Runnable done) {
        Errors epoch = PartitionLookup.epochError(log, asked.currentLeaderEpoch());
        if (epoch != Errors.NONE || request.message().replicaId() != CONSUMER) {
            answer.setErrorCode((epoch == Errors.NONE ? Errors.INVALID_REQUEST : epoch).code());
            done.run();
            return;
        }
        Partition.TimestampCallback found =
                (offset, timestamp, leaderEpoch, refusal) -> {
                    if (refusal != null) {
                        answer.setErrorCode(RefusalErrors.of(refusal).code());
                    } else {
                        answer.setOffset(offset).setTimestamp(timestamp);
                        setEpoch(request, answer, leaderEpoch);
                    }
                    done.run();
                };
        long timestamp = asked.timestamp();
        if (timestamp == ListOffsetsRequest.MAX_TIMESTAMP) {
            log.offsetOfMaxTimestamp(request.connection().loop(), found);
        } else if (timestamp >= 0) {
            log.offsetForTimestamp(timestamp, request.connection().loop(), found);
        } else {
            answerEnd(request, log, timestamp, answer);
            done.run();
        }
    }

    private static void setEpoch(
            Request<?> request, ListOffsetsPartitionResponse answer, int leaderEpoch) {
        if (request.version() >= WITH_EPOCH) {
            answer.setLeaderEpoch(leaderEpoch);
        }
    }

    private static void answerEnd(
            Request<?> request, Partition log, long which, ListOffsetsPartitionResponse answer) {
        if (which == ListOffsetsRequest.LATEST_TIMESTAMP) {
            answer.setOffset(log.highWatermark());
            setEpoch(request, answer, log.leaderEpoch());
        } else if (which == ListOffsetsRequest.EARLIEST_TIMESTAMP
                || which == ListOffsetsRequest.EARLIEST_LOCAL_TIMESTAMP) {
            answer.setOffset(log.logStartOffset());
            setEpoch(request, answer, log.leaderEpoch());
        } else if (which != ListOffsetsRequest.LATEST_TIERED_TIMESTAMP
                && which != ListOffsetsRequest.EARLIEST_PENDING_UPLOAD_TIMESTAMP) {
            answer.setErrorCode(Errors.UNSUPPORTED_VERSION.code());
        }
    }
}
