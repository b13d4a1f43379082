// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.session;

import io.mortise.kernel.delivery.DeliveryServices;
import io.mortise.kernel.delivery.LoopTurn;
import io.mortise.kernel.delivery.PartitionKey;
import io.mortise.kernel.routing.TopicNames;
import io.mortise.spi.Refusal;
import io.mortise.spi.broker.Partition;
import io.mortise.spi.broker.Topic;
import io.netty.buffer.ByteBuf;

import org.jspecify.annotations.Nullable;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;

/**
 * On a compacted topic a record without value deletes what its key holds, and so the retained
 * message of its address, too, if that is a record before it in the same partition. Looks through
 * what such partitions got since the last look; after a start, from their oldest retained message
 * on. Used in the background.
 */
final class RetainedTombstones {
    private final RetainedStore store;
    private final DeliveryServices services;
    private final LoopTurn turn;
    private final Map<PartitionKey, Long> positions = new HashMap<>();
    private final Set<PartitionKey> reading = new HashSet<>();

    /**
     * @param background runs one task after the other
     */
    RetainedTombstones(RetainedStore store, DeliveryServices services, Executor background) {
        this.store = store;
        this.services = services;
        this.turn = new LoopTurn(background, services.buffers());
    }

    /** Any thread. */
    void look() {
        turn.execute(this::lookNow);
    }

    private void lookNow() {
        Map<PartitionKey, Long> oldest = new HashMap<>();
        boolean known = positions.keySet().containsAll(store.partitions());
        if (!known) {
            store.oldest(oldest);
        }
        for (PartitionKey key : store.partitions()) {
            Topic topic = services.topics().find(key.topic());
            if (topic == null || !topic.config("cleanup.policy").contains("compact")) {
                positions.remove(key);
            } else {
                look(topic, key, oldest);
            }
        }
    }

    private void look(Topic topic, PartitionKey key, Map<PartitionKey, Long> oldest) {
        Partition partition = topic.partition(key.index());
        Long from = positions.getOrDefault(key, oldest.get(key));
        if (from == null || partition == null || reading.contains(key)) {
            return;
        }
        long end = partition.highWatermark();
        positions.put(key, Math.min(from, end)); // a log that failed may be shorter now
        if (from < end) {
            reading.add(key);
            LogScan.ofClients(
                            partition,
                            services.scheduler(),
                            from,
                            (record, value, cursor, offset) ->
                                    see(topic, partition, record, value, offset),
                            refusal -> turn.execute(() -> looked(key, end, refusal)))
                    .start();
        }
    }

    private void looked(PartitionKey key, long end, @Nullable Refusal refusal) {
        reading.remove(key);
        if (refusal == null) {
            positions.put(key, end);
        }
    }

    private void see(
            Topic topic,
            Partition partition,
            @Nullable String record,
            @Nullable ByteBuf value,
            long offset) {
        if (value == null && record != null) {
            boolean catchAll = topic.name().equals(TopicNames.CATCH_ALL);
            String address = catchAll ? record : topic.name() + "/" + record;
            int epoch = InboundPublishes.epochOf(partition, offset);
            turn.execute(() -> store.clear(turn, partition, address, epoch, offset));
        }
    }
}
