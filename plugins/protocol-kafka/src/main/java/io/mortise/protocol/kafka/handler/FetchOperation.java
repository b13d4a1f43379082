// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.protocol.kafka.handler;

import io.mortise.protocol.kafka.codec.RecordSlices;
import io.mortise.protocol.kafka.mapping.RefusalErrors;
import io.mortise.protocol.kafka.session.KafkaConnection;
import io.mortise.protocol.kafka.session.Request;
import io.mortise.spi.Refusal;
import io.mortise.spi.Registration;
import io.mortise.spi.broker.FetchedBatches;
import io.mortise.spi.broker.Partition;
import io.mortise.spi.broker.Topic;
import io.mortise.spi.security.Operation;
import io.mortise.spi.security.ResourceType;
import io.netty.util.concurrent.ScheduledFuture;

import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchRequestData.FetchPartition;
import org.apache.kafka.common.message.FetchRequestData.FetchTopic;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FetchResponseData.FetchableTopicResponse;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * One fetch: reads partition after partition until the bytes asked for are there; if they are not,
 * waits until a log moves or the time is over, and reads again. On the connection's loop.
 */
final class FetchOperation {
    private static final Logger LOG = LoggerFactory.getLogger(FetchOperation.class);

    /** No response is larger, whatever is asked, but for one batch that is. */
    private static final int MAX_RESPONSE_BYTES = 32 << 20;

    private final Services services;
    private final Request<FetchRequestData> request;
    private final KafkaConnection connection;
    private final List<FetchSlot> slots = new ArrayList<>(4);
    private final List<Registration> watches = new ArrayList<>(0);
    private @Nullable ScheduledFuture<?> deadline;
    private long rulesVersion;
    private int next;
    private int bytes;
    private boolean settled;
    private boolean reading;
    private boolean timeOver;
    private boolean done;

    FetchOperation(Services services, Request<FetchRequestData> request) {
        this.services = services;
        this.request = request;
        this.connection = request.connection();
        this.timeOver = request.message().maxWaitMs() <= 0;
    }

    void run() {
        rulesVersion = connection.identity().rulesVersion();
        for (FetchTopic asked : request.message().topics()) {
            resolve(asked);
        }
        request.onCancel(this::cancel);
        startReading();
    }

    private void resolve(FetchTopic asked) {
        Topic topic = services.find(connection, asked.topicId(), asked.topic());
        Errors error = Errors.NONE;
        if (topic == null) {
            error =
                    asked.topic().isEmpty()
                            ? Errors.UNKNOWN_TOPIC_ID
                            : Errors.UNKNOWN_TOPIC_OR_PARTITION;
        } else if (!connection.identity().may(Operation.READ, ResourceType.TOPIC, topic.name())) {
            error = Errors.TOPIC_AUTHORIZATION_FAILED;
        }
        for (FetchPartition partition : asked.partitions()) {
            slots.add(slot(partition, topic, error));
        }
    }

    private static FetchSlot slot(FetchPartition asked, @Nullable Topic topic, Errors error) {
        if (error != Errors.NONE || topic == null) {
            return new FetchSlot(asked, null, error);
        }
        if (asked.partition() < 0 || asked.partition() >= topic.partitionCount()) {
            return new FetchSlot(asked, null, Errors.UNKNOWN_TOPIC_OR_PARTITION);
        }
        Partition partition = topic.partition(asked.partition());
        return partition == null
                ? new FetchSlot(asked, null, Errors.NOT_LEADER_OR_FOLLOWER)
                : new FetchSlot(asked, partition, Errors.NONE);
    }

    private void startReading() {
        reading = true;
        settled = false;
        bytes = 0;
        next = 0;
        readOn();
    }

    private void readOn() {
        int limit = Math.min(Math.max(0, request.message().maxBytes()), MAX_RESPONSE_BYTES);
        while (next < slots.size()) {
            FetchSlot slot = slots.get(next++);
            slot.check();
            Partition log = slot.readable();
            if (log == null) {
                settled = true;
            } else if ((bytes == 0 || bytes < limit)
                    && slot.asked().fetchOffset() < log.highWatermark()
                    && !read(
                            slot, log, Math.min(slot.asked().partitionMaxBytes(), limit - bytes))) {
                return;
            }
        }
        reading = false;
        decide();
    }

    /** Returns false if the answer comes later; then {@link #readOn} is called again. */
    private boolean read(FetchSlot slot, Partition log, int maxBytes) {
        long offset = slot.asked().fetchOffset();
        FetchedBatches cached =
                log.readCached(offset, Math.max(1, maxBytes), Partition.Visibility.COMMITTED);
        if (cached != null) {
            take(slot, cached);
            return true;
        }
        // The callback may come before read() returns: then this loop goes on instead of it.
        boolean[] turn = new boolean[2];
        log.read(
                offset,
                Math.max(1, maxBytes),
                Partition.Visibility.COMMITTED,
                connection.loop(),
                (batches, refusal) -> {
                    onRead(slot, batches, refusal);
                    turn[0] = true;
                    if (turn[1] && !done) {
                        readOn();
                    }
                });
        turn[1] = true;
        return turn[0];
    }

    private void onRead(
            FetchSlot slot, @Nullable FetchedBatches batches, @Nullable Refusal refusal) {
        if (batches != null) {
            if (done) {
                batches.close();
            } else {
                take(slot, batches);
            }
        } else if (refusal != null) {
            slot.fail(error(refusal));
            settled = true;
        }
    }

    /**
     * Only errors that consumers expect of a fetch; they ask again after NOT_LEADER_OR_FOLLOWER.
     */
    private static Errors error(Refusal refusal) {
        Errors error = RefusalErrors.of(refusal);
        return switch (error) {
            case OFFSET_OUT_OF_RANGE,
                    CORRUPT_MESSAGE,
                    KAFKA_STORAGE_ERROR,
                    FENCED_LEADER_EPOCH,
                    UNKNOWN_SERVER_ERROR ->
                    error;
            default -> Errors.NOT_LEADER_OR_FOLLOWER;
        };
    }

    private void take(FetchSlot slot, FetchedBatches batches) {
        if (batches.sizeInBytes() == 0) {
            batches.close();
            return;
        }
        try {
            RecordSlices records =
                    new RecordSlices(batches, connection.sendFile(), connection.allocator());
            slot.take(records);
            bytes += records.sizeInBytes();
        } catch (IOException e) {
            LOG.error("cannot read at offset {}", slot.asked().fetchOffset(), e);
            slot.fail(Errors.KAFKA_STORAGE_ERROR);
            settled = true;
        }
    }

    private void decide() {
        if (settled || timeOver || bytes >= request.message().minBytes() || slots.isEmpty()) {
            respond();
            return;
        }
        slots.forEach(FetchSlot::releaseRecords);
        if (deadline == null) {
            waitForMore();
        }
        if (moved()) {
            connection.loop().execute(this::readAgain);
        }
    }

    private void readIfMoved() {
        if (!done && moved()) {
            readAgain();
        }
    }

    private boolean moved() {
        for (FetchSlot slot : slots) {
            if (slot.moved()) {
                return true;
            }
        }
        return false;
    }

    private void waitForMore() {
        deadline =
                connection
                        .loop()
                        .schedule(
                                () -> {
                                    timeOver = true;
                                    readAgain();
                                },
                                request.message().maxWaitMs(),
                                TimeUnit.MILLISECONDS);
        for (FetchSlot slot : slots) {
            Partition log = slot.readable();
            if (log != null) {
                watches.add(log.onAdvance(connection.loop(), moved -> readIfMoved()));
            }
        }
    }

    private void readAgain() {
        if (!done && !reading) {
            startReading();
        }
    }

    private void respond() {
        stopWaiting();
        if (rulesVersion != connection.identity().rulesVersion()) {
            askAgain();
        }
        FetchResponseData response = new FetchResponseData();
        int slot = 0;
        for (FetchTopic asked : request.message().topics()) {
            FetchableTopicResponse topic =
                    new FetchableTopicResponse()
                            .setTopic(asked.topic())
                            .setTopicId(asked.topicId());
            for (int i = 0; i < asked.partitions().size(); i++) {
                topic.partitions().add(slots.get(slot++).answer());
            }
            response.responses().add(topic);
        }
        request.respond(response);
    }

    /** The rules changed while it waited. */
    private void askAgain() {
        int slot = 0;
        for (FetchTopic asked : request.message().topics()) {
            Topic topic = services.find(connection, asked.topicId(), asked.topic());
            boolean allowed =
                    topic == null
                            || connection
                                    .identity()
                                    .may(Operation.READ, ResourceType.TOPIC, topic.name());
            for (int i = 0; i < asked.partitions().size(); i++) {
                FetchSlot found = slots.get(slot++);
                if (!allowed) {
                    found.releaseRecords();
                    found.fail(Errors.TOPIC_AUTHORIZATION_FAILED);
                }
            }
        }
    }

    private void cancel() {
        stopWaiting();
        slots.forEach(FetchSlot::releaseRecords);
    }

    private void stopWaiting() {
        done = true;
        watches.forEach(Registration::close);
        watches.clear();
        if (deadline != null) {
            deadline.cancel(false);
        }
    }
}
