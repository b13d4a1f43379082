// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.protocol.kafka.handler;

import io.mortise.protocol.kafka.session.KafkaConnection;

import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.FetchRequestData.FetchPartition;
import org.apache.kafka.common.message.FetchRequestData.FetchTopic;
import org.apache.kafka.common.message.FetchRequestData.ForgottenTopic;
import org.apache.kafka.common.requests.FetchMetadata;
import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;

/**
 * The partitions that a client keeps fetching (KIP-227): it names them once, then only what
 * changes. Lives as long as its connection at most, on whose loop everything here happens but
 * {@link #lastUsedNanos}.
 */
final class FetchSession {
    /** A topic with the partitions asked for. */
    private record Topic(FetchedTopic fetched, Map<Integer, FetchSlot> slots) {}

    private final int id;
    private final KafkaConnection owner;
    private final boolean byId;
    private final long createdNanos;
    private final FetchTargets targets = new FetchTargets();

    /** By {@link Uuid}, or by name in versions before 13. */
    private final Map<Object, Topic> topics = new HashMap<>();

    private final Queue<Runnable> waiting = new ArrayDeque<>(0);
    private int epoch = FetchMetadata.nextEpoch(FetchMetadata.INITIAL_EPOCH);
    private @Nullable Runnable answerNow;
    private volatile long lastUsedNanos;

    FetchSession(int id, KafkaConnection owner, boolean byId, long nowNanos) {
        this.id = id;
        this.owner = owner;
        this.byId = byId;
        this.createdNanos = nowNanos;
        this.lastUsedNanos = nowNanos;
    }

    int id() {
        return id;
    }

    KafkaConnection owner() {
        return owner;
    }

    /** Whether its topics are named by id. */
    boolean byId() {
        return byId;
    }

    /** The epoch that the next request must carry. */
    int epoch() {
        return epoch;
    }

    long createdNanos() {
        return createdNanos;
    }

    long lastUsedNanos() {
        return lastUsedNanos;
    }

    FetchTargets targets() {
        return targets;
    }

    /** Partitions asked for. */
    int size() {
        return targets.size();
    }

    /** The next request was taken. */
    void advance(long nowNanos) {
        epoch = FetchMetadata.nextEpoch(epoch);
        lastUsedNanos = nowNanos;
    }

    /** Partitions named anew or differently, then those that are not wanted any more. */
    void update(List<FetchTopic> changed, List<ForgottenTopic> forgotten) {
        for (FetchTopic asked : changed) {
            if (!asked.partitions().isEmpty()) {
                ask(asked);
            }
        }
        if (!forgotten.isEmpty()) {
            forget(forgotten);
        }
    }

    private void ask(FetchTopic asked) {
        Object key = key(asked.topicId(), asked.topic());
        Topic topic = topics.get(key);
        if (topic == null) {
            topic = new Topic(targets.add(asked), new HashMap<>());
            topics.put(key, topic);
        }
        for (FetchPartition partition : asked.partitions()) {
            FetchSlot slot = topic.slots.get(partition.partition());
            if (slot == null) {
                topic.slots.put(partition.partition(), targets.add(topic.fetched, partition));
            } else {
                slot.ask(partition);
            }
        }
    }

    private void forget(List<ForgottenTopic> forgotten) {
        Set<FetchSlot> slots = Collections.newSetFromMap(new IdentityHashMap<>());
        Set<FetchedTopic> emptied = Collections.newSetFromMap(new IdentityHashMap<>());
        for (ForgottenTopic gone : forgotten) {
            Object key = key(gone.topicId(), gone.topic());
            Topic topic = topics.get(key);
            if (topic != null) {
                for (int partition : gone.partitions()) {
                    FetchSlot slot = topic.slots.remove(partition);
                    if (slot != null) {
                        slots.add(slot);
                    }
                }
                if (topic.slots.isEmpty()) {
                    topics.remove(key);
                    emptied.add(topic.fetched);
                }
            }
        }
        targets.remove(slots, emptied);
    }

    private Object key(Uuid topicId, String name) {
        return byId ? topicId : name;
    }

    /**
     * A fetch of this session is under way until {@link #release}.
     *
     * @param answer has it answered without waiting any longer
     */
    void acquire(Runnable answer) {
        answerNow = answer;
    }

    boolean busy() {
        return answerNow != null;
    }

    /** The fetch under way need not wait any longer: its client goes on to something else. */
    void hurry() {
        if (answerNow != null) {
            answerNow.run();
        }
    }

    /** What to do when the fetch under way is answered: requests of a session go in order. */
    void whenFree(Runnable next) {
        waiting.add(next);
    }

    void release() {
        answerNow = null;
        @Nullable Runnable next = waiting.poll();
        if (next != null) {
            next.run();
        }
    }
}
