// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.simulation;

import io.mortise.simulation.PartitionHistory.Placed;
import io.mortise.spi.Reason;
import io.mortise.spi.Refusal;
import io.mortise.spi.broker.AckLevel;
import io.mortise.spi.broker.Partition;
import io.mortise.spi.broker.Partition.AppendResult;
import io.mortise.spi.broker.Partition.Origin;
import io.netty.buffer.ByteBuf;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/**
 * An idempotent producer of one partition, as Kafka's is: at most five batches in flight; what was
 * not answered is sent again, in order, before anything new.
 */
final class Producer {
    private static final int MOST_IN_FLIGHT = 5;

    private static final class Sent {
        final ByteBuf batch;
        boolean waiting;

        /** Answers to earlier sendings do not count. */
        int sending;

        Sent(ByteBuf batch) {
            this.batch = batch;
        }
    }

    private final World world;
    private final PartitionHistory history;
    private final int id;
    private final List<Sent> inFlight = new ArrayList<>();
    private int epoch;
    private int sequence;

    Producer(World world, PartitionHistory history, int id) {
        this.world = world;
        this.history = history;
        this.id = id;
    }

    /** The connection is gone, and with it the answers. */
    void disconnected() {
        inFlight.forEach(it -> it.waiting = false);
    }

    /** Sends what it would send now. */
    void send(Partition partition, int records, int valueBytes) {
        if (!inFlight.isEmpty() && inFlight.stream().noneMatch(it -> it.waiting)) {
            sendAgain(partition);
        } else if (inFlight.stream().allMatch(it -> it.waiting)) {
            if (inFlight.size() < MOST_IN_FLIGHT) {
                ByteBuf batch = history.batch(records, valueBytes);
                var sent = new Sent(Batches.by(batch, id, epoch, sequence));
                sequence += records;
                inFlight.add(sent);
                send(partition, sent);
            } else {
                send(partition, inFlight.getLast()); // it grew impatient
            }
        }
    }

    private void sendAgain(Partition partition) {
        for (Sent sent : List.copyOf(inFlight)) {
            if (!inFlight.contains(sent) || !send(partition, sent)) {
                return;
            }
        }
    }

    private boolean send(Partition partition, Sent sent) {
        int sending = ++sent.sending;
        int life = world.lives();
        Placed[] place = new Placed[1];
        AppendResult result =
                partition.append(
                        sent.batch,
                        -1,
                        Origin.CLIENT,
                        AckLevel.DURABLE,
                        world.loop(id),
                        refusal ->
                                world.guarded(
                                        life, () -> answered(sent, sending, place[0], refusal)));
        Refusal refusal = result.refusal();
        world.trace(
                refusal == null ? "send" : "send refused", id, result.baseOffset(), history.name);
        if (refusal != null) {
            sent.waiting = false;
            refused(sent, refusal.reason());
            return false;
        }
        sent.waiting = true;
        place[0] = history.appended(result, sent.batch.nioBuffer());
        return true;
    }

    private void refused(Sent sent, Reason reason) {
        if (reason == Reason.DUPLICATE_SEQUENCE && history.compacted()) {
            placedLongAgo(sent);
            return;
        }
        switch (reason) {
            case BUSY, STORAGE_UNAVAILABLE, NOT_LEADER, UNKNOWN_TOPIC, STORAGE_FAILED -> {}
            case UNKNOWN_PRODUCER, OUT_OF_ORDER_SEQUENCE, DUPLICATE_SEQUENCE, FENCED_PRODUCER ->
                    forgotten(sent, reason);
            default -> throw new Violation(history + " refuses a batch: " + reason);
        }
    }

    /** All that was known of the batch's place is compacted away: it is there, as Kafka says. */
    private void placedLongAgo(Sent sent) {
        history.wasPlaced(sent.batch.nioBuffer());
        inFlight.remove(sent);
    }

    /**
     * If it was the first that is not answered: what is in flight may or may not be there; it goes
     * on under another epoch. Others may only have lost those before them.
     */
    private void forgotten(Sent sent, Reason reason) {
        if (sent != inFlight.getFirst()) {
            return;
        }
        if (!history.forgetful()) {
            throw new Violation(history + " has forgotten producer " + id + ": " + reason);
        }
        inFlight.clear();
        epoch++;
        sequence = 0;
    }

    private void answered(
            Sent sent, int sending, @Nullable Placed place, @Nullable Refusal refusal) {
        world.trace(refusal == null ? "acknowledged" : "failed", id, sending, history.name);
        if (refusal == null && place != null) {
            history.acknowledged(place);
            inFlight.remove(sent);
        } else if (sent.sending == sending) {
            sent.waiting = false;
        }
    }
}
