// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.session;

import io.mortise.kernel.delivery.DeliveryServices;
import io.mortise.kernel.delivery.LoopTurn;
import io.mortise.kernel.delivery.PartitionKey;
import io.mortise.kernel.record.HeaderCursor;
import io.mortise.kernel.record.RecordCursor;
import io.mortise.spi.Refusal;
import io.mortise.spi.TopicId;
import io.mortise.spi.broker.Partition;
import io.mortise.spi.broker.Topic;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/**
 * After a start, makes the sessions' notes of exactly-once publishes agree with the logs: a record
 * whose note was lost is noted again, and a note whose record was lost is forgotten, so the
 * client's repeat is taken for what it is. Looks only behind the marks of {@link ExactlyOnceMarks}.
 */
final class ExactlyOnceRecovery {
    private static final long RETRY_NANOS = 20_000_000L;
    private static final int MOST_TRIES = 500;

    private final StateLog<StoredSession> sessions;
    private final StateLog<Long> marks;
    private final DeliveryServices services;
    private final LoopTurn turn;
    private final StateWriter<StoredSession> notes;
    private final StateWriter<Long> newMarks;

    ExactlyOnceRecovery(
            StateLog<StoredSession> sessions,
            StateLog<Long> marks,
            DeliveryServices services,
            Executor background) {
        this.sessions = sessions;
        this.marks = marks;
        this.services = services;
        this.turn = new LoopTurn(background, services.buffers());
        this.notes = new StateWriter<>(sessions, turn);
        this.newMarks = new StateWriter<>(marks, turn);
    }

    /** Completes when all is agreed. */
    CompletionStage<Void> run() {
        Map<String, Long> found = new HashMap<>();
        for (StateLog.Shard<Long> shard : marks.shards()) {
            marks.each(shard, found::put);
        }
        CompletableFuture<?>[] scans =
                found.entrySet().stream()
                        .map(mark -> scan(mark.getKey(), mark.getValue()))
                        .toArray(CompletableFuture[]::new);
        return CompletableFuture.allOf(scans);
    }

    private CompletableFuture<Void> scan(String mark, long from) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        int slash = mark.indexOf('/');
        Topic topic =
                services.topics().find(new TopicId(UUID.fromString(mark.substring(0, slash))));
        if (topic == null) {
            turn.loop().execute(() -> forget(mark, done));
        } else {
            int index = Integer.parseInt(mark.substring(slash + 1));
            scan(topic, index, from, done, 0);
        }
        return done;
    }

    private void forget(String mark, CompletableFuture<Void> done) {
        newMarks.append(mark, null, null);
        turn.run();
        done.complete(null);
    }

    private void scan(Topic topic, int index, long from, CompletableFuture<Void> done, int tries) {
        Partition partition = topic.partition(index);
        if (partition == null && tries < MOST_TRIES) {
            services.scheduler()
                    .schedule(() -> scan(topic, index, from, done, tries + 1), RETRY_NANOS);
            return;
        }
        if (partition == null) {
            done.complete(null); // its publishes wait for a leader as well
            return;
        }
        List<Missing> missing = new ArrayList<>();
        new LogScan(
                        partition,
                        services.scheduler(),
                        from,
                        (key, value, record, offset) -> look(topic, record, offset, missing),
                        refusal ->
                                turn.loop().execute(() -> agree(partition, missing, refusal, done)))
                .start();
    }

    /** A record that its session does not know of. */
    private record Missing(String key, ExactlyOnceId id, long offset) {}

    private void look(Topic topic, RecordCursor record, long offset, List<Missing> missing) {
        if (record.headerCount() == 0) {
            return;
        }
        HeaderCursor each = new HeaderCursor();
        record.headers(each);
        ExactlyOnceId id = ExactlyOnceId.find(each);
        if (id == null) {
            return;
        }
        String key = StateLog.key(topic.tenant(), id.clientId());
        StateLog.Shard<StoredSession> shard = sessions.shard(key);
        shard.lock.lock();
        try {
            StoredSession stored = shard.states.get(key);
            boolean unknown =
                    stored != null
                            && stored.incarnation == id.incarnation()
                            && !stored.saw(id.sequence());
            if (unknown) {
                missing.add(new Missing(key, id, offset));
            }
        } finally {
            shard.lock.unlock();
        }
    }

    private void agree(
            Partition partition,
            List<Missing> missing,
            @Nullable Refusal refusal,
            CompletableFuture<Void> done) {
        if (refusal != null) {
            done.completeExceptionally(refusal.asException());
            return;
        }
        PartitionKey here = PartitionKey.of(partition);
        long end = partition.logEndOffset();
        for (Missing each : missing) {
            notes.append(
                    each.key(),
                    SessionEvents.inbound(
                            each.id().identifier(), each.id().sequence(), here, each.offset()),
                    null);
        }
        forgetLost(here, end);
        turn.run();
        done.complete(null);
    }

    private void forgetLost(PartitionKey here, long end) {
        for (StateLog.Shard<StoredSession> shard : sessions.shards()) {
            sessions.each(
                    shard,
                    (key, stored) ->
                            stored.inbound.forEach(
                                    (id, place) -> {
                                        boolean lost =
                                                place.partition().equals(here)
                                                        && place.offset() >= end;
                                        if (lost) {
                                            notes.append(key, SessionEvents.released(id), null);
                                        }
                                    }));
        }
    }
}
