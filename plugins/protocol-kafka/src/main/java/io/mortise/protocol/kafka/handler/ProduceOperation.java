// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.protocol.kafka.handler;

import io.mortise.protocol.kafka.mapping.ProducedBatch;
import io.mortise.protocol.kafka.mapping.RefusalErrors;
import io.mortise.protocol.kafka.session.KafkaConnection;
import io.mortise.protocol.kafka.session.Request;
import io.mortise.spi.Reason;
import io.mortise.spi.Refusal;
import io.mortise.spi.broker.AckLevel;
import io.mortise.spi.broker.Partition;
import io.mortise.spi.broker.Placement;
import io.mortise.spi.broker.Topic;
import io.mortise.spi.security.Operation;
import io.netty.buffer.Unpooled;

import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceRequestData.PartitionProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.message.ProduceResponseData.PartitionProduceResponse;
import org.apache.kafka.common.message.ProduceResponseData.TopicProduceResponse;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.List;

/**
 * One produce request: its batches are sequenced one after the other, answered when all of them
 * have reached what {@code acks} asks. A full log halts the connection in the middle, so that
 * nothing overtakes.
 */
final class ProduceOperation {
    private static final short ACKS_NONE = 0;
    private static final short ACKS_LEADER = 1;
    private static final short ACKS_ALL = -1;

    private final Services services;
    private final Request<ProduceRequestData> request;
    private final KafkaConnection connection;
    private final @Nullable AckLevel level;
    private final ProduceResponseData response = new ProduceResponseData();
    private final Placement placement = new Placement();
    private final Iterator<TopicProduceData> topics;
    private Iterator<PartitionProduceData> partitions = List.<PartitionProduceData>of().iterator();
    private TopicProduceResponse topicResponse = new TopicProduceResponse();
    private @Nullable Topic topic;
    private Errors topicError = Errors.NONE;
    private int pending = 1;
    private boolean failed;
    private boolean stalled;

    ProduceOperation(Services services, Request<ProduceRequestData> request) {
        this.services = services;
        this.request = request;
        this.connection = request.connection();
        this.level = level(request.message().acks());
        this.topics = request.message().topicData().iterator();
    }

    private static @Nullable AckLevel level(short acks) {
        return switch (acks) {
            case ACKS_NONE -> AckLevel.SEQUENCED;
            case ACKS_LEADER -> AckLevel.WRITTEN;
            case ACKS_ALL -> AckLevel.DURABLE;
            default -> null;
        };
    }

    void run() {
        while (nextTopic()) {
            if (!append(partitions.next())) {
                return;
            }
        }
        request.releaseFrame();
        if (stalled) {
            stalled = false;
            connection.resume();
        }
        finishOne();
    }

    private boolean nextTopic() {
        while (!partitions.hasNext()) {
            if (!topics.hasNext()) {
                return false;
            }
            TopicProduceData asked = topics.next();
            topicResponse =
                    new TopicProduceResponse().setName(asked.name()).setTopicId(asked.topicId());
            response.responses().add(topicResponse);
            partitions = asked.partitionData().iterator();
            topic = services.find(connection, asked.topicId(), asked.name());
            topicError = topicError(asked);
        }
        return true;
    }

    private Errors topicError(TopicProduceData asked) {
        if (level == null) {
            return Errors.INVALID_REQUIRED_ACKS;
        }
        Errors error =
                Access.topicError(connection.identity(), Operation.WRITE, topic, asked.name());
        boolean ours = error == Errors.NONE && topic != null && topic.internal();
        return ours ? Errors.INVALID_TOPIC_EXCEPTION : error;
    }

    /** Returns false if the log is full: {@link #run} goes on when there is room. */
    private boolean append(PartitionProduceData data) {
        PartitionProduceResponse answer = new PartitionProduceResponse().setIndex(data.index());
        Topic known = topic;
        AckLevel asked = level;
        if (topicError != Errors.NONE || known == null || asked == null) {
            return refuse(answer, topicError, null);
        }
        if (data.index() < 0 || data.index() >= known.partitionCount()) {
            return refuse(answer, Errors.UNKNOWN_TOPIC_OR_PARTITION, null);
        }
        Partition partition = known.partition(data.index());
        if (partition == null) {
            return refuse(answer, Errors.NOT_LEADER_OR_FOLLOWER, null);
        }
        ByteBuffer bytes = data.records() instanceof MemoryRecords r ? r.buffer() : null;
        boolean keyed = known.config("cleanup.policy").contains("compact");
        ProducedBatch.Fault fault = ProducedBatch.judge(bytes, request.version(), keyed);
        return fault == null && bytes != null
                ? append(partition, bytes, asked, answer)
                : refuse(
                        answer,
                        fault == null ? Errors.INVALID_RECORD : fault.error(),
                        fault == null ? null : fault.message());
    }

    private boolean append(
            Partition partition,
            ByteBuffer bytes,
            AckLevel asked,
            PartitionProduceResponse answer) {
        partition.append(
                Unpooled.wrappedBuffer(bytes),
                -1,
                Partition.Origin.CLIENT,
                asked,
                connection.loop(),
                asked == AckLevel.SEQUENCED ? null : refused -> onLevel(answer, refused),
                placement);
        Refusal refusal = placement.refusal();
        if (refusal == null) {
            answer.setBaseOffset(placement.baseOffset())
                    .setLogAppendTimeMs(placement.logAppendTimeMillis())
                    .setLogStartOffset(partition.logStartOffset());
            topicResponse.partitionResponses().add(answer);
            pending += asked == AckLevel.SEQUENCED ? 0 : 1;
            return true;
        }
        if (refusal.reason() == Reason.BUSY) {
            waitForRoom(partition, bytes, asked, answer);
            return false;
        }
        return refuse(answer, RefusalErrors.of(refusal), refusal.message());
    }

    private void waitForRoom(
            Partition partition,
            ByteBuffer bytes,
            AckLevel asked,
            PartitionProduceResponse answer) {
        if (!stalled) {
            stalled = true;
            connection.stall();
        }
        partition.onCapacity(
                connection.loop(),
                () -> {
                    if (!connection.closed() && append(partition, bytes, asked, answer)) {
                        run();
                    }
                });
    }

    private boolean refuse(
            PartitionProduceResponse answer, Errors error, @Nullable String message) {
        failed = true;
        topicResponse
                .partitionResponses()
                .add(
                        answer.setErrorCode(error.code())
                                .setErrorMessage(message)
                                .setBaseOffset(-1)
                                .setLogStartOffset(-1));
        return true;
    }

    private void onLevel(PartitionProduceResponse answer, @Nullable Refusal refusal) {
        if (refusal != null) {
            answer.setErrorCode(RefusalErrors.of(refusal).code())
                    .setErrorMessage(refusal.message())
                    .setBaseOffset(-1)
                    .setLogStartOffset(-1);
        }
        finishOne();
    }

    private void finishOne() {
        if (--pending > 0 || connection.closed()) {
            return;
        }
        if (request.message().acks() != ACKS_NONE) {
            request.respond(response);
            return;
        }
        request.respondNothing();
        if (failed) {
            // Nobody reads an answer: Kafka, too, disconnects to make the producer look again.
            connection.fail("a produce request with acks=0 was refused");
        }
    }
}
