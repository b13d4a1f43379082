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
import io.netty.util.concurrent.ScheduledFuture;

import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchResponseData;
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
    private final FetchTargets targets;
    private final @Nullable FetchSession session;
    private final boolean whole;
    private final List<Registration> watches = new ArrayList<>(0);
    private @Nullable ScheduledFuture<?> deadline;
    private long rulesVersion;
    private int next;
    private int afterRecords;
    private int bytes;
    private boolean settled;
    private boolean reading;
    private boolean timeOver;
    private boolean done;

    private FetchOperation(
            Services services,
            Request<FetchRequestData> request,
            FetchTargets targets,
            @Nullable FetchSession session,
            boolean whole) {
        this.services = services;
        this.request = request;
        this.connection = request.connection();
        this.targets = targets;
        this.session = session;
        this.whole = whole;
        this.timeOver = request.message().maxWaitMs() <= 0;
    }

    /** Of partitions that are named for once; each is answered. */
    static FetchOperation withoutSession(
            Services services, Request<FetchRequestData> request, FetchTargets targets) {
        return new FetchOperation(services, request, targets, null, true);
    }

    /** The first of a session: each partition is answered. */
    static FetchOperation ofNewSession(
            Services services, Request<FetchRequestData> request, FetchSession session) {
        return new FetchOperation(services, request, session.targets(), session, true);
    }

    /** A later one of a session: partitions with news are answered. */
    static FetchOperation inSession(
            Services services, Request<FetchRequestData> request, FetchSession session) {
        return new FetchOperation(services, request, session.targets(), session, false);
    }

    void run() {
        if (session != null) {
            session.acquire(this::endWait);
        }
        request.onCancel(this::cancel);
        startReading();
    }

    private void startReading() {
        reading = true;
        settled = false;
        bytes = 0;
        next = 0;
        afterRecords = 0;
        rulesVersion = connection.identity().rulesVersion();
        targets.refresh(services, connection);
        readOn();
    }

    private void readOn() {
        int limit = Math.min(Math.max(0, request.message().maxBytes()), MAX_RESPONSE_BYTES);
        while (next < targets.size()) {
            FetchSlot slot = targets.slot(next++);
            slot.check();
            settled |= slot.settled();
            Partition log = slot.readable();
            if (log != null
                    && (bytes == 0 || bytes < limit)
                    && slot.fetchOffset() < log.highWatermark()
                    && !read(slot, log, Math.min(slot.maxBytes(), limit - bytes))) {
                return;
            }
        }
        reading = false;
        decide();
    }

    /** Returns false if the answer comes later; then {@link #readOn} is called again. */
    private boolean read(FetchSlot slot, Partition log, int maxBytes) {
        long offset = slot.fetchOffset();
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
        if (batches != null && done) {
            batches.close();
        } else if (batches != null) {
            take(slot, batches);
        } else if (refusal != null && !done) {
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
            afterRecords = next;
        } catch (IOException e) {
            LOG.error("cannot read at offset {}", slot.fetchOffset(), e);
            slot.fail(Errors.KAFKA_STORAGE_ERROR);
            settled = true;
        }
    }

    private void decide() {
        if (settled || timeOver || bytes >= request.message().minBytes() || targets.size() == 0) {
            respond();
            return;
        }
        targets.releaseRecords();
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
        for (int i = 0; i < targets.size(); i++) {
            if (targets.slot(i).moved()) {
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
                                this::endWait,
                                request.message().maxWaitMs(),
                                TimeUnit.MILLISECONDS);
        for (int i = 0; i < targets.size(); i++) {
            Partition log = targets.slot(i).readable();
            if (log != null) {
                watches.add(log.onAdvance(connection.loop(), moved -> readIfMoved()));
            }
        }
    }

    private void endWait() {
        timeOver = true;
        readAgain();
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
        for (int i = 0; i < targets.size(); i++) {
            FetchSlot slot = targets.slot(i);
            if (whole || slot.isNews()) {
                slot.answer(response);
            }
        }
        targets.beginAt(afterRecords);
        targets.forgetAnswers();
        if (session != null) {
            response.setSessionId(session.id());
        }
        request.respond(response);
        leaveSession();
    }

    /** The rules changed while it read. */
    private void askAgain() {
        targets.refresh(services, connection);
        for (int i = 0; i < targets.size(); i++) {
            targets.slot(i).mindTopic();
        }
    }

    private void cancel() {
        stopWaiting();
        targets.releaseRecords();
        leaveSession();
    }

    private void leaveSession() {
        if (session != null) {
            session.release();
        }
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
