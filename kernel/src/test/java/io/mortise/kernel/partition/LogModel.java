// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.spi.Reason;
import io.mortise.spi.Refusal;
import io.mortise.spi.broker.FetchedBatches;
import io.mortise.spi.broker.Partition.AppendResult;
import io.mortise.spi.broker.Partition.Visibility;
import io.mortise.spi.record.BatchHeader;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** What one partition should hold and answer, kept as plainly as possible. */
final class LogModel {
    /** A batch that was placed. */
    record Entry(
            long base, long end, int crc, int epoch, long producer, int producerEpoch, int first) {
        int records() {
            return (int) (end - base);
        }
    }

    private final List<Entry> entries = new ArrayList<>();
    private final Deque<Long> waiting = new ArrayDeque<>();
    private long nextTicket;
    private int epoch = -1;

    /** Everything below was acknowledged as durable. */
    private long acknowledged;

    /** Everything below was acknowledged while the topic asked for what outlives power loss. */
    private long forced;

    private long end() {
        return entries.isEmpty() ? 0 : entries.getLast().end();
    }

    /**
     * Follows a log that was opened again: what it still has must be a prefix that keeps promises.
     */
    void reopened(PartitionLog log) {
        assertThat(log.leaderEpoch()).as("epoch").isGreaterThan(epoch);
        epoch = log.leaderEpoch();
        assertThat(log.logEndOffset()).as("nothing is invented").isLessThanOrEqualTo(end());
        assertThat(log.logEndOffset()).as("promises").isGreaterThanOrEqualTo(acknowledged);
        while (end() > log.logEndOffset()) {
            entries.removeLast();
        }
        assertThat(end()).as("whole batches").isEqualTo(log.logEndOffset());
    }

    boolean knows(PartitionLog log) {
        return log.leaderEpoch() == epoch;
    }

    /** Power is lost: whoever waited is gone, and any weaker promise. */
    void powerLost() {
        restarted(false);
    }

    /** The process ended; whoever waited is gone, and perhaps any weaker promise. */
    void restarted(boolean promisesHold) {
        waiting.clear();
        acknowledged = promisesHold ? acknowledged : forced;
    }

    // Appending.

    void placed(AppendResult result, int crc, long producer, int producerEpoch, int first) {
        assertThat(result.baseOffset()).isEqualTo(end());
        entries.add(
                new Entry(
                        result.baseOffset(),
                        result.endOffset(),
                        crc,
                        epoch,
                        producer,
                        producerEpoch,
                        first));
    }

    long waits() {
        waiting.add(nextTicket);
        return nextTicket++;
    }

    /**
     * @param outlivesPower whether the topic asked for that from the append until now
     */
    void told(
            long ticket,
            long endOffset,
            boolean durable,
            boolean outlivesPower,
            @Nullable Refusal refusal) {
        assertThat(waiting.poll()).as("callbacks keep the order").isEqualTo(ticket);
        if (refusal == null && durable) {
            acknowledged = Math.max(acknowledged, endOffset);
            forced = outlivesPower ? Math.max(forced, endOffset) : forced;
        } else if (refusal != null) {
            // Closed while a failed round waits to be tried again: the closing is what it hears.
            assertThat(refusal.reason()).isIn(Reason.STORAGE_UNAVAILABLE, Reason.NOT_LEADER);
        }
    }

    void nobodyWaits() {
        assertThat(waiting).as("all were told").isEmpty();
    }

    // Idempotence.

    /** Null if the batch is to be placed, itself if it is a duplicate of that, else the reason. */
    Object verdict(long producer, int producerEpoch, int first, int records) {
        List<Entry> all = entries.stream().filter(it -> it.producer() == producer).toList();
        if (all.isEmpty()) {
            return first == 0 ? "place" : Reason.UNKNOWN_PRODUCER;
        }
        int known = all.getLast().producerEpoch();
        if (producerEpoch < known) {
            return Reason.FENCED_PRODUCER;
        }
        if (producerEpoch > known) {
            return first == 0 ? "place" : Reason.OUT_OF_ORDER_SEQUENCE;
        }
        List<Entry> same = all.stream().filter(it -> it.producerEpoch() == known).toList();
        List<Entry> five = same.subList(Math.max(0, same.size() - 5), same.size());
        for (Entry entry : five) {
            if (entry.first() == first && entry.records() == records) {
                return entry;
            }
        }
        Entry newest = five.getLast();
        if (first == newest.first() + newest.records()) {
            return "place";
        }
        boolean older = first + records - 1 < five.getFirst().first();
        return older ? Reason.DUPLICATE_SEQUENCE : Reason.OUT_OF_ORDER_SEQUENCE;
    }

    /** The sequence number that a producer would use next. */
    int nextSequence(long producer, int producerEpoch) {
        for (Entry entry : entries.reversed()) {
            if (entry.producer() == producer) {
                return entry.producerEpoch() == producerEpoch ? entry.first() + entry.records() : 0;
            }
        }
        return 0;
    }

    // Reading.

    void check(HandDriven world, PartitionLog log, long from, int maxBytes, Visibility visibility) {
        long limit = visibility == Visibility.SEQUENCED ? log.logEndOffset() : log.highWatermark();
        List<Entry> expected =
                entries.stream().filter(it -> it.end() > from && it.base() < limit).toList();
        FetchedBatches fetched = world.fetch(log, from, maxBytes, visibility);
        long next = fetched.nextOffset();
        List<ByteBuffer> batches = Batches.split(fetched);
        assertThat(batches.isEmpty()).isEqualTo(expected.isEmpty());
        for (int i = 0; i < batches.size(); i++) {
            check(expected.get(i), batches.get(i));
            next = expected.get(i).end();
        }
        assertThat(fetched.nextOffset()).isEqualTo(next);
    }

    private static void check(Entry expected, ByteBuffer batch) {
        assertThat(BatchHeader.baseOffset(batch, 0)).isEqualTo(expected.base());
        assertThat(BatchHeader.crc(batch, 0)).isEqualTo(expected.crc());
        assertThat(BatchHeader.leaderEpoch(batch, 0)).isEqualTo(expected.epoch());
    }

    /** Everything, and where each epoch ended. */
    void checkAll(HandDriven world, PartitionLog log) {
        long next = 0;
        while (next < log.highWatermark()) {
            check(world, log, next, 3_000, Visibility.COMMITTED);
            FetchedBatches fetched = world.fetch(log, next, 3_000, Visibility.COMMITTED);
            next = fetched.nextOffset();
            fetched.close();
        }
        for (int asked = 0; asked < epoch; asked++) {
            checkEpoch(log, asked);
        }
    }

    private void checkEpoch(PartitionLog log, int asked) {
        long end = -1;
        for (Entry entry : entries) {
            if (entry.epoch() <= asked) {
                end = entry.end();
            }
        }
        if (end >= 0) {
            assertThat(log.endOffsetOf(asked).endOffset()).isEqualTo(end);
        }
    }
}
