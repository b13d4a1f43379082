// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.session;

import io.mortise.kernel.delivery.LoopTurn;
import io.mortise.spi.Reason;
import io.mortise.spi.Refusal;
import io.mortise.spi.broker.Partition;
import io.mortise.spi.broker.Partition.AppendResult;
import io.mortise.spi.broker.Session.PublishCallback;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * One loop's events for one shard. They become records, get their place and change the state at the
 * end of a turn, in one go under the shard's lock: what a record says depends on the state before
 * it. What a full partition refuses waits here, in order. Used on that loop.
 */
final class ShardWriter<V> {
    private static final int BATCH_EVENTS = 256;
    private static final int BATCH_BYTES = 256 * 1024;

    private final StateLog<V> log;
    private final StateLog.Shard<V> shard;
    private final LoopTurn turn;
    private final ArrayDeque<Event> waiting = new ArrayDeque<>();
    private final List<Runnable> whenOpen = new ArrayList<>(0);
    private boolean dirty;
    private boolean blocked;

    /** One event; a null one deletes. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Event(String key, byte @Nullable [] bytes, @Nullable PublishCallback callback) {
        int size() {
            return key.length() + (bytes == null ? 0 : bytes.length);
        }
    }

    ShardWriter(StateLog<V> log, StateLog.Shard<V> shard, LoopTurn turn) {
        this.log = log;
        this.shard = shard;
        this.turn = turn;
    }

    /** Whether events wait for room. */
    boolean blocked() {
        return blocked;
    }

    /** Runs {@code task} once on the loop when nothing waits any more. */
    void whenOpen(Runnable task) {
        whenOpen.add(task);
    }

    /** Appends an event; takes {@code bytes}. */
    void append(String key, byte @Nullable [] bytes, @Nullable PublishCallback callback) {
        waiting.add(new Event(key, bytes, callback));
        if (!dirty) {
            dirty = true;
            turn.atEnd(this::flush);
        }
    }

    private void flush() {
        dirty = false;
        if (!blocked) {
            place();
        }
    }

    private void place() {
        while (!waiting.isEmpty()) {
            List<Event> events = next();
            AppendResult result = log.append(shard, events, turn.loop(), told(events));
            Refusal refusal = result.refusal();
            if (refusal != null && refusal.reason() == Reason.BUSY) {
                waitForRoom();
                return;
            }
            for (int i = 0; i < events.size(); i++) {
                waiting.remove();
            }
            if (refusal != null) {
                turn.loop().execute(() -> tell(events, refusal));
            }
        }
    }

    /**
     * As many as one batch takes. Records of whole states are made from the state before; so two of
     * a key go in turn.
     */
    private List<Event> next() {
        List<Event> events = new ArrayList<>();
        Set<String> keys = new HashSet<>();
        boolean wholes = false;
        int bytes = 0;
        for (Event event : waiting) {
            boolean full = events.size() == BATCH_EVENTS || bytes + event.size() > BATCH_BYTES;
            boolean whole = log.whole(event);
            wholes |= whole;
            boolean again = !keys.add(event.key());
            if (!events.isEmpty() && (full || wholes && again)) {
                break;
            }
            events.add(event);
            bytes += event.size();
        }
        return events;
    }

    private static Partition.@Nullable AppendCallback told(List<Event> events) {
        for (Event event : events) {
            if (event.callback() != null) {
                return refusal -> tell(events, refusal);
            }
        }
        return null;
    }

    private static void tell(List<Event> events, @Nullable Refusal refusal) {
        for (Event event : events) {
            PublishCallback callback = event.callback();
            if (callback != null) {
                callback.completed(refusal);
            }
        }
    }

    private void waitForRoom() {
        blocked = true;
        Partition partition = log.partition(shard);
        if (partition == null) {
            turn.loop().execute(this::retry);
        } else {
            partition.onCapacity(turn.loop(), this::retry);
        }
    }

    private void retry() {
        blocked = false;
        place();
        if (!blocked) {
            List<Runnable> tasks = List.copyOf(whenOpen);
            whenOpen.clear();
            tasks.forEach(Runnable::run);
        }
    }
}
