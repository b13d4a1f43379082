// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.delivery;

import io.mortise.spi.Reason;
import io.mortise.spi.Refusal;
import io.mortise.spi.broker.FetchedBatches;
import io.mortise.spi.broker.Partition.Visibility;

import org.jspecify.annotations.Nullable;

/** Finds one record again, for a session that had it in flight. Used on the feed's loop. */
public final class RecordLookup {
    private RecordLookup() {}

    /** Told of the record. */
    @FunctionalInterface
    public interface Found {
        /**
         * @param record null if it is gone; borrowed
         * @param target what the subscriber's present subscriptions make of it, or null
         */
        void record(@Nullable RecordView record, @Nullable Target target);
    }

    /** Looks the record at {@code offset} up; {@code found} is told once, perhaps at once. */
    public static void find(Feed feed, long offset, Subscriber subscriber, Found found) {
        LogReader reader = feed.owner().reader();
        FetchedBatches cached =
                offset < feed.partition().logStartOffset()
                        ? null
                        : reader.poll(feed.partition(), offset, 1, Visibility.COMMITTED);
        if (cached != null) {
            show(cached, feed, offset, subscriber, found);
            return;
        }
        reader.read(
                feed.partition(),
                offset,
                1,
                Visibility.COMMITTED,
                (batches, refusal) -> completed(batches, refusal, feed, offset, subscriber, found));
    }

    private static void completed(
            @Nullable FetchedBatches batches,
            @Nullable Refusal refusal,
            Feed feed,
            long offset,
            Subscriber subscriber,
            Found found) {
        if (batches == null) {
            feed.owner().readFailed(feed, refusal);
            if (refusal != null && refusal.reason() == Reason.OFFSET_OUT_OF_RANGE) {
                found.record(null, null);
            } else {
                feed.owner().later(() -> find(feed, offset, subscriber, found));
            }
        } else {
            show(batches, feed, offset, subscriber, found);
        }
    }

    private static void show(
            FetchedBatches batches, Feed feed, long offset, Subscriber subscriber, Found found) {
        boolean[] seen = new boolean[1];
        DeliveryLoop owner = feed.owner();
        owner.beginRun();
        try (batches) {
            BatchWalk.Visitor visitor =
                    record -> {
                        if (record.offset() == offset) {
                            seen[0] = true;
                            found.record(record, owner.match(record).targetOf(subscriber));
                        }
                        return false;
                    };
            owner.walk().walk(batches, feed, offset, owner.nowMillis(), null, visitor);
        }
        owner.endRun();
        if (!seen[0]) {
            found.record(null, null);
        }
    }
}
