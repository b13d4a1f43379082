// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.protocol.kafka.handler;

import io.mortise.protocol.kafka.mapping.RefusalErrors;
import io.mortise.protocol.kafka.session.Request;
import io.mortise.protocol.kafka.session.RequestHandler;
import io.mortise.spi.broker.Partition;
import io.mortise.spi.broker.Topic;
import io.mortise.spi.security.Operation;

import org.apache.kafka.common.message.DeleteRecordsRequestData;
import org.apache.kafka.common.message.DeleteRecordsRequestData.DeleteRecordsPartition;
import org.apache.kafka.common.message.DeleteRecordsRequestData.DeleteRecordsTopic;
import org.apache.kafka.common.message.DeleteRecordsResponseData;
import org.apache.kafka.common.message.DeleteRecordsResponseData.DeleteRecordsPartitionResult;
import org.apache.kafka.common.message.DeleteRecordsResponseData.DeleteRecordsTopicResult;
import org.apache.kafka.common.protocol.Errors;

import java.util.concurrent.atomic.AtomicInteger;

/** Moves the start of logs. */
public final class DeleteRecordsHandler implements RequestHandler<DeleteRecordsRequestData> {
    private static final long HIGH_WATERMARK = -1;

    private final Services services;

    public DeleteRecordsHandler(Services services) {
        this.services = services;
    }

    @Override
    public void handle(Request<DeleteRecordsRequestData> request) {
        DeleteRecordsResponseData response = new DeleteRecordsResponseData();
        AtomicInteger pending = new AtomicInteger(1);
        Runnable done =
                () -> {
                    if (pending.decrementAndGet() == 0) {
                        request.respond(response);
                    }
                };
        for (DeleteRecordsTopic asked : request.message().topics()) {
            var result = new DeleteRecordsTopicResult().setName(asked.name());
            response.topics().add(result);
            Topic topic = services.find(request.connection(), asked.name());
            boolean allowed =
                    Access.topic(request.connection().identity(), Operation.DELETE, asked.name())
                            && (topic == null || !topic.internal());
            for (DeleteRecordsPartition partition : asked.partitions()) {
                var answer =
                        new DeleteRecordsPartitionResult()
                                .setPartitionIndex(partition.partitionIndex())
                                .setLowWatermark(-1);
                result.partitions().add(answer);
                PartitionLookup lookup = PartitionLookup.of(topic, partition.partitionIndex());
                if (!allowed) {
                    answer.setErrorCode(Errors.TOPIC_AUTHORIZATION_FAILED.code());
                } else if (lookup.partition() == null) {
                    answer.setErrorCode(lookup.error().code());
                } else {
                    pending.incrementAndGet();
                    delete(request, lookup.partition(), partition.offset(), answer, done);
                }
            }
        }
        done.run();
    }

    private static void delete(
            Request<DeleteRecordsRequestData> request,
            Partition log,
            long before,
            DeleteRecordsPartitionResult answer,
            Runnable done) {
        long offset = before == HIGH_WATERMARK ? log.highWatermark() : before;
        if (offset < 0 || offset > log.highWatermark()) {
            answer.setErrorCode(Errors.OFFSET_OUT_OF_RANGE.code());
            done.run();
            return;
        }
        log.advanceStart(
                offset,
                request.connection().loop(),
                refusal -> {
                    if (refusal == null) {
                        answer.setLowWatermark(log.logStartOffset());
                    } else {
                        answer.setErrorCode(RefusalErrors.of(refusal).code());
                    }
                    done.run();
                });
    }
}
