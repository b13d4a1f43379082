// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.simulation;

import io.mortise.spi.Reason;
import io.mortise.spi.Refusal;
import io.mortise.spi.broker.FetchedBatches;
import io.mortise.spi.broker.Partition;
import io.mortise.spi.broker.Partition.Visibility;

import org.jspecify.annotations.Nullable;

/** A reader that keeps its position, one read at a time. */
final class Reader {
    private final World world;
    private final PartitionHistory history;
    private final int id;
    private long position;
    private boolean reading;

    Reader(World world, PartitionHistory history, int id) {
        this.world = world;
        this.history = history;
        this.id = id;
    }

    void disconnected() {
        reading = false;
        if (history.promised() == 0) {
            position = 0; // all may be gone
        }
    }

    void read(Partition partition, int maxBytes) {
        if (!reading) {
            reading = true;
            position = Math.min(position, history.promised()); // the end may be gone as damaged
            read(partition, position, maxBytes, Visibility.COMMITTED);
        }
    }

    /** Reads without keeping a position. */
    void peek(Partition partition, long from, int maxBytes) {
        read(partition, from, maxBytes, Visibility.SEQUENCED);
    }

    private void read(Partition partition, long from, int maxBytes, Visibility visibility) {
        int life = world.lives();
        partition.read(
                from,
                maxBytes,
                visibility,
                world.loop(id),
                (batches, refusal) -> {
                    world.guarded(life, () -> told(partition, from, visibility, batches, refusal));
                    if (batches != null) {
                        batches.close();
                    }
                });
    }

    private void told(
            Partition partition,
            long from,
            Visibility visibility,
            @Nullable FetchedBatches batches,
            @Nullable Refusal refusal) {
        long next = from;
        if (batches != null) {
            next = history.read(from, visibility, batches);
        } else if (refusal != null) {
            history.refused(from, partition.logStartOffset(), refusal.reason());
            next =
                    refusal.reason() == Reason.CORRUPT
                            ? history.behindDamage(from)
                            : Math.max(from, partition.logStartOffset());
        }
        world.trace(refusal == null ? "read" : "read refused", from, next, history.name);
        if (visibility == Visibility.COMMITTED) {
            reading = false;
            position = next;
        }
    }
}
