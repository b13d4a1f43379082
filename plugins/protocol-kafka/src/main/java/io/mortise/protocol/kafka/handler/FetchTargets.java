// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.protocol.kafka.handler;

import io.mortise.protocol.kafka.session.KafkaConnection;

import org.apache.kafka.common.message.FetchRequestData.FetchPartition;
import org.apache.kafka.common.message.FetchRequestData.FetchTopic;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The topics and partitions of one fetch, or of a session's fetches. Event loop. */
final class FetchTargets {
    private final List<FetchedTopic> topics = new ArrayList<>(4);
    private final List<FetchSlot> slots = new ArrayList<>(4);
    private int first;

    /** What one request names, in its order. */
    static FetchTargets of(List<FetchTopic> asked) {
        FetchTargets targets = new FetchTargets();
        for (FetchTopic topic : asked) {
            FetchedTopic fetched = targets.add(topic);
            for (FetchPartition partition : topic.partitions()) {
                targets.add(fetched, partition);
            }
        }
        return targets;
    }

    FetchedTopic add(FetchTopic asked) {
        FetchedTopic topic = new FetchedTopic(asked.topicId(), asked.topic());
        topics.add(topic);
        return topic;
    }

    FetchSlot add(FetchedTopic topic, FetchPartition asked) {
        FetchSlot slot = new FetchSlot(topic, asked);
        slots.add(slot);
        return slot;
    }

    void remove(Set<FetchSlot> goneSlots, Set<FetchedTopic> goneTopics) {
        slots.removeIf(goneSlots::contains);
        topics.removeIf(goneTopics::contains);
        first = 0;
    }

    int size() {
        return slots.size();
    }

    /** The partition that is read at that place of the order. */
    FetchSlot slot(int place) {
        int index = first + place;
        return slots.get(index < slots.size() ? index : index - slots.size());
    }

    /**
     * The next fetch begins at that place of the present order: after what was answered with
     * records, so that a busy partition does not keep the others from their turn.
     */
    void beginAt(int place) {
        first = slots.isEmpty() ? 0 : (first + place) % slots.size();
    }

    /** Looks at topics and rights as they are now. */
    void refresh(Services services, KafkaConnection connection) {
        for (FetchedTopic topic : topics) {
            topic.refresh(services, connection);
        }
    }

    void forgetAnswers() {
        topics.forEach(FetchedTopic::forgetAnswer);
    }

    void releaseRecords() {
        slots.forEach(FetchSlot::releaseRecords);
    }
}
