// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.session;

import io.mortise.kernel.delivery.DeliveryServices;
import io.mortise.kernel.delivery.LoopTurn;
import io.mortise.kernel.delivery.PartitionKey;
import io.mortise.kernel.record.HeaderCursor;
import io.mortise.kernel.record.RecordCursor;
import io.mortise.kernel.session.StoredSession.Place;
import io.mortise.spi.Refusal;
import io.mortise.spi.Remedy;
import io.mortise.spi.TopicId;
import io.mortise.spi.broker.Partition;
import io.mortise.spi.broker.Topic;
import io.netty.buffer.ByteBuf;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Predicate;

/**
 * Makes the sessions' notes of exactly-once publishes agree with the logs, after a start or a
 * failure: a record whose note was lost is noted again, and a note whose record was lost is
 * forgotten, so the client's repeat is taken for what it is. Looks only behind the marks of {@link
 * ExactlyOnceMarks}. Nothing is under way of the sessions that it looks at.
 */
final class ExactlyOnceRecovery {
    private static final long RETRY_NANOS = 20_000_000L;
    private static final int MOST_TRIES = 500;

    private final StateLog<StoredSession> sessions;
    private final Predicate<StateLog.Shard<StoredSession>> wanted;
    private final StateLog<Long> marks;
    private final DeliveryServices services;
    private final LoopTurn turn;
    private final StateWriter<StoredSession> notes;
    private final StateWriter<Long> newMarks;
    private final Set<String> pinned = ConcurrentHashMap.newKeySet();

    /**
     * @param wanted which sessions are looked at
     */
    ExactlyOnceRecovery(
            StateLog<StoredSession> sessions,
            Predicate<StateLog.Shard<StoredSession>> wanted,
            StateLog<Long> marks,
            DeliveryServices services,
            Executor background) {
        this.sessions = sessions;
        this.wanted = wanted;
        this.marks = marks;
        this.services = services;
        this.turn = new LoopTurn(background, services.buffers());
        this.notes = new StateWriter<>(sessions, turn);
        this.newMarks = new StateWriter<>(marks, turn);
    }

    /** Completes when all is agreed, durably. */
    CompletionStage<Void> run() {
        CompletableFuture<Void> all = new CompletableFuture<>();
        begin(all);
        return all;
    }

    private void begin(CompletableFuture<Void> all) {
        if (!marks.readable()) {
            later(() -> begin(all));
            return;
        }
        Map<String, Long> found = new HashMap<>();
        for (StateLog.Shard<Long> shard : marks.shards()) {
            marks.each(shard, found::put);
        }
        CompletableFuture<?>[] scans =
                found.entrySet().stream()
                        .map(mark -> scan(mark.getKey(), mark.getValue()))
                        .toArray(CompletableFuture[]::new);
        CompletableFuture.allOf(scans)
                .whenComplete(
                        (done, failed) -> {
                            pinned.forEach(key -> sessions.unpin(key, this));
                            if (failed == null) {
                                all.complete(null);
                            } else {
                                all.completeExceptionally(failed);
                            }
                        });
    }

    private void later(Runnable task) {
        services.scheduler().schedule(task, RETRY_NANOS);
    }

    private CompletableFuture<Void> scan(String mark, long from) {
        int slash = mark.indexOf('/');
        Topic topic =
                services.topics().find(new TopicId(UUID.fromString(mark.substring(0, slash))));
        CompletableFuture<Void> done = new CompletableFuture<>();
        if (topic == null) {
            turn.loop().execute(() -> forget(mark, done));
        } else {
            int index = Integer.parseInt(mark.substring(slash + 1));
            new Scan(topic, index, from, done).begin();
        }
        return done;
    }

    private void forget(String mark, CompletableFuture<Void> done) {
        newMarks.append(mark, null, null);
        turn.run();
        done.complete(null);
    }

    /** A session's identifier, and the record that it stands for. */
    private record Known(String session, int identifier, long offset) {}

    /** A record that its session does not know of. */
    private record Missing(String session, ExactlyOnceId id, long offset) {}

    /** One partition, from its mark on. */
    private final class Scan {
        private final Topic topic;
        private final int index;
        private final long mark;
        private final CompletableFuture<Void> done;
        private final List<Missing> missing = new ArrayList<>();
        private final Set<Known> known = new HashSet<>();

        /** Offsets of notes in a compacted topic, and those of them where another record stands. */
        private Set<Long> noted = Set.of();

        private final Set<Long> taken = new HashSet<>();
        private final DamagedOffsets damaged = new DamagedOffsets();
        private long end;
        private long from;
        private int absences;

        Scan(Topic topic, int index, long mark, CompletableFuture<Void> done) {
            this.topic = topic;
            this.index = index;
            this.mark = mark;
            this.done = done;
        }

        void begin() {
            Partition partition = topic.partition(index);
            if (partition == null && absences++ < MOST_TRIES) {
                later(this::begin);
            } else if (partition == null) {
                done.complete(null); // its publishes wait for a leader as well
            } else {
                missing.clear();
                known.clear();
                taken.clear();
                damaged.clear();
                noted = noted(partition);
                end = partition.logEndOffset();
                from = Math.max(mark, partition.logStartOffset());
                new LogScan(
                                partition,
                                services.scheduler(),
                                from,
                                (key, value, record, offset) -> look(partition, record, offset),
                                damaged::range,
                                refusal -> turn.loop().execute(() -> read(partition, refusal)))
                        .start();
            }
        }

        /** Compaction takes records whose notes still count. */
        private Set<Long> noted(Partition partition) {
            Set<Long> offsets = new HashSet<>();
            if (topic.config("cleanup.policy").contains("compact")) {
                eachNote(
                        PartitionKey.of(partition),
                        (session, identifier, place) -> offsets.add(place.offset()));
            }
            return offsets;
        }

        private void look(Partition partition, RecordCursor record, long offset) {
            if (noted.contains(offset)) {
                taken.add(offset);
            }
            if (record.headerCount() == 0) {
                return;
            }
            HeaderCursor each = new HeaderCursor();
            record.headers(each);
            ExactlyOnceId id = ExactlyOnceId.find(each);
            if (id != null) {
                look(StateLog.key(topic.tenant(), id.clientId()), id, partition, offset);
            }
        }

        private void look(String key, ExactlyOnceId id, Partition partition, long offset) {
            if (!wanted.test(sessions.shard(key))) {
                return;
            }
            boolean unknown =
                    sessions.with(key, stored -> !knows(stored, key, id, partition, offset));
            if (unknown) {
                sessions.pin(key, ExactlyOnceRecovery.this);
                pinned.add(key);
                missing.add(new Missing(key, id, offset));
            }
        }

        private boolean knows(
                @Nullable StoredSession stored,
                String key,
                ExactlyOnceId id,
                Partition partition,
                long offset) {
            if (stored == null || stored.incarnation != id.incarnation()) {
                return true; // nobody will repeat it
            }
            Place here = new Place(PartitionKey.of(partition), offset);
            if (here.equals(stored.inbound.get(id.identifier()))) {
                known.add(new Known(key, id.identifier(), offset));
            }
            return stored.saw(id.sequence());
        }

        private void read(Partition partition, @Nullable Refusal refusal) {
            if (refusal == null) {
                damaged.report(partition);
                agree(PartitionKey.of(partition));
            } else if (refusal.remedy() == Remedy.RETRY_LATER) {
                later(this::begin);
            } else {
                done.completeExceptionally(refusal.asException());
            }
        }

        private void agree(PartitionKey here) {
            List<Known> lost = lost(here);
            Confirmations all =
                    new Confirmations(turn.loop(), missing.size() + lost.size(), this::agreed);
            for (Missing each : missing) {
                ExactlyOnceId id = each.id();
                ByteBuf note =
                        SessionEvents.inbound(id.identifier(), id.sequence(), here, each.offset());
                notes.append(each.session(), note, all::completed);
            }
            for (Known each : lost) {
                ByteBuf note = SessionEvents.released(each.identifier());
                notes.append(each.session(), note, all::completed);
            }
            turn.run();
        }

        /** Notes whose record is not where it was. */
        private List<Known> lost(PartitionKey here) {
            List<Known> lost = new ArrayList<>();
            eachNote(
                    here,
                    (session, identifier, place) -> {
                        Known each = new Known(session, identifier, place.offset());
                        boolean unread = compacted(place) || damaged.has(place.offset());
                        if (place.offset() >= from && !known.contains(each) && !unread) {
                            lost.add(each);
                        }
                    });
            return lost;
        }

        /** Nothing stands there any more, and nothing else does instead. */
        private boolean compacted(Place place) {
            long offset = place.offset();
            return noted.contains(offset) && offset < end && !taken.contains(offset);
        }

        private void eachNote(PartitionKey here, NoteVisitor visitor) {
            for (StateLog.Shard<StoredSession> shard : sessions.shards()) {
                if (wanted.test(shard)) {
                    sessions.each(
                            shard,
                            (key, stored) ->
                                    stored.inbound.forEach(
                                            (id, place) -> {
                                                if (place.partition().equals(here)) {
                                                    visitor.note(key, id, place);
                                                }
                                            }));
                }
            }
        }

        /** A mark may move past what is noted durably alone. */
        private void agreed(@Nullable Refusal refusal) {
            if (refusal == null) {
                done.complete(null);
            } else {
                later(this::begin);
            }
        }
    }

    private interface NoteVisitor {
        void note(String session, int identifier, Place place);
    }
}
