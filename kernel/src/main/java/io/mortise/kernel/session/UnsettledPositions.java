// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.session;

import io.mortise.kernel.delivery.Feeds;
import io.mortise.kernel.delivery.LoopTurn;
import io.mortise.kernel.delivery.PartitionKey;
import io.mortise.spi.Registration;
import io.mortise.spi.broker.Partition;
import io.mortise.spi.broker.Topic;
import io.mortise.spi.broker.Topics;

import org.jspecify.annotations.Nullable;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;

/**
 * Kept sessions that subscribed while a partition had no leader: nobody could tell its end. Nothing
 * is published to it until it is led again, so where that leadership begins is where they read on,
 * whether they are connected then or not. Used in the background but for {@link #noted}.
 */
final class UnsettledPositions implements Topics.TopicListener {
    private static final long RETRY_NANOS = 100_000_000L;

    private final StateLog<StoredSession> log;
    private final LoopTurn turn;
    private final StateWriter<StoredSession> notes;
    private final Map<PartitionKey, Set<String>> sessions = new HashMap<>();
    private @Nullable Registration changes;

    /**
     * @param background runs one task after the other
     */
    UnsettledPositions(StateLog<StoredSession> log, Executor background) {
        this.log = log;
        this.turn = new LoopTurn(background, log.services().buffers());
        this.notes = new StateWriter<>(log, turn);
    }

    /** Finds what earlier runs left. */
    void start() {
        for (StateLog.Shard<StoredSession> shard : log.shards()) {
            log.each(
                    shard,
                    (key, stored) ->
                            stored.positions.forEach(
                                    (partition, position) -> {
                                        if (position.offset == StoredSession.UNSETTLED) {
                                            of(partition).add(key);
                                        }
                                    }));
        }
        changes = log.services().topics().onChange(turn.loop(), this);
    }

    private Set<String> of(PartitionKey partition) {
        return sessions.computeIfAbsent(partition, p -> new HashSet<>());
    }

    /** A session has noted where it reads on; some of that it may not know. */
    void noted(String session, Map<PartitionKey, Long> positions) {
        positions.forEach(
                (partition, offset) -> {
                    if (offset == StoredSession.UNSETTLED) {
                        turn.execute(() -> add(partition, session));
                    }
                });
    }

    private void add(PartitionKey partition, String session) {
        of(partition).add(session);
        Topic topic = log.services().topics().find(partition.topic());
        if (topic != null) {
            settle(topic, partition.index()); // it may be led by now
        }
    }

    @Override
    public void changed(Topic topic) {
        if (!sessions.isEmpty()) {
            for (int i = 0; i < topic.partitionCount(); i++) {
                settle(topic, i);
            }
        }
    }

    @Override
    public void deleted(Topic topic) {
        sessions.keySet().removeIf(partition -> partition.topic().equals(topic.id()));
    }

    private void settle(Topic topic, int index) {
        PartitionKey key = new PartitionKey(topic.id(), index);
        Partition partition = topic.partition(index);
        Set<String> waiting = partition == null ? null : sessions.remove(key);
        if (waiting == null) {
            return;
        }
        long from = Feeds.leadershipStart(partition);
        for (String session : waiting) {
            settle(session, key, from);
        }
        turn.run();
    }

    private void settle(String session, PartitionKey key, long from) {
        notes.append(
                session,
                SessionEvents.settled(key, from),
                refusal -> {
                    if (refusal != null) {
                        Runnable again = () -> settle(session, key, from);
                        log.services().scheduler().schedule(() -> turn.execute(again), RETRY_NANOS);
                    }
                });
    }

    void close() {
        if (changes != null) {
            changes.close();
        }
    }
}
