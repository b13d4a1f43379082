// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.session;

import io.mortise.kernel.delivery.DeliveryServices;
import io.mortise.spi.broker.Partition;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * Keeps states of a {@link StateLog} that nobody uses in a {@link StateIndex} and out of memory. A
 * state is changed only while it is in memory: who may change one pins it first. What was changed
 * is written every few seconds, together with how far the log had come, and only once the log is
 * durable up to there; so a start replays from there on.
 *
 * @param <V> the state under one key, a {@link FoldedState}
 */
final class SleepingStates<V> {
    private static final Logger LOG = LoggerFactory.getLogger(SleepingStates.class);
    private static final long WAIT_NANOS = 10_000_000L;

    /** Half of what tombstones stay for: an index that is older may miss one. */
    private static final long OLDEST_MILLIS = 12 * 3_600_000L;

    private final StateIndex index;
    private final StateCodec<V> codec;
    private final DeliveryServices services;
    private final List<Shelf> shelves = new ArrayList<>();
    private volatile boolean closed;

    /** What is known of one shard. Guarded by its lock. */
    private static final class Shelf {
        /** Changed since they were written last, and how they lie in the index. */
        Map<String, StateIndex.Row> dirty = new HashMap<>();

        /** Brought back and not changed. */
        final Set<String> woken = new HashSet<>();

        /** Who may change a state. */
        final Map<String, Object> pinned = new HashMap<>();

        /** Gone from memory, and on their way out of the index. */
        final Set<String> deleting = new HashSet<>();

        long writes;
        boolean writing;
    }

    SleepingStates(StateIndex index, StateCodec<V> codec, DeliveryServices services) {
        this.index = index;
        this.codec = codec;
        this.services = services;
        for (int i = 0; i < StateLog.SHARDS; i++) {
            shelves.add(new Shelf());
        }
    }

    private static FoldedState folded(Object state) {
        return (FoldedState) state;
    }

    private Shelf shelf(StateLog.Shard<V> shard) {
        return shelves.get(shard.index);
    }

    // What the log tells. Under the shard's lock.

    /** A state is about to change, or to go. */
    void changing(StateLog.Shard<V> shard, String key, @Nullable V before) {
        Map<String, StateIndex.Row> dirty = shelf(shard).dirty;
        if (!dirty.containsKey(key)) {
            dirty.put(key, before == null ? StateIndex.Row.ABSENT : folded(before).row);
        }
    }

    /** Everything is read again. */
    void cleared(StateLog.Shard<V> shard) {
        Shelf shelf = shelf(shard);
        shelf.dirty = new HashMap<>();
        shelf.woken.clear();
        shelf.pinned.clear();
        shelf.writes++;
    }

    /** Whether a write is under way, which {@link #begin} must not meet. */
    boolean writing(StateLog.Shard<V> shard) {
        shard.lock.lock();
        try {
            return shelf(shard).writing;
        } finally {
            shard.lock.unlock();
        }
    }

    // Bringing states back. May block.

    /**
     * Begins to follow the log of a shard: what has to be in memory is brought back.
     *
     * @return where replay begins
     */
    long begin(StateLog.Shard<V> shard, Partition partition) throws IOException {
        StateIndex.Checkpoint at = index.checkpoint(shard.index);
        if (at == null || !fits(at, partition)) {
            if (at != null) {
                LOG.warn(
                        "{}: the index does not fit the log and is made anew: it is of epoch {},"
                                + " offset {}",
                        partition.logId(),
                        at.epoch(),
                        at.offset());
            }
            index.clear(shard.index);
            return partition.logStartOffset();
        }
        for (String key : index.awake(shard.index)) {
            with(shard, key, state -> state);
        }
        return at.offset();
    }

    /** Not so if power loss took what it stands on, or compaction may have taken a tombstone. */
    private boolean fits(StateIndex.Checkpoint at, Partition partition) {
        return at.topic().equals(partition.topic().id())
                && at.offset() <= partition.logEndOffset()
                && partition.endOffsetOf(at.epoch()).endOffset() >= at.offset()
                && services.clock().wallMillis() - at.atMillis() < OLDEST_MILLIS;
    }

    /** Shows a state, or null, under the shard's lock. */
    <T extends @Nullable Object> T with(
            StateLog.Shard<V> shard, String key, Function<@Nullable V, T> look) {
        Shelf shelf = shelf(shard);
        StateIndex.@Nullable Found found = null;
        long readAt = -1;
        while (true) {
            shard.lock.lock();
            try {
                V state = shard.states.get(key);
                if (state != null || shelf.dirty.containsKey(key) || shelf.deleting.contains(key)) {
                    return look.apply(state);
                }
                if (readAt == shelf.writes) {
                    return look.apply(found == null ? null : wake(shard, key, found));
                }
                readAt = shelf.writes;
            } finally {
                shard.lock.unlock();
            }
            found = read(shard, key);
        }
    }

    private StateIndex.@Nullable Found read(StateLog.Shard<V> shard, String key) {
        try {
            return index.get(shard.index, key);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private @Nullable V wake(StateLog.Shard<V> shard, String key, StateIndex.Found found) {
        V state = codec.apply(key, null, Unpooled.wrappedBuffer(found.state()));
        if (state != null) {
            folded(state).row = found.row();
            folded(state).resume(found.nextSlot());
            shard.states.put(key, state);
            shelf(shard).woken.add(key);
        }
        return state;
    }

    /** Keeps a state in memory until {@link #unpin} by the same holder. */
    void pin(StateLog.Shard<V> shard, String key, Object holder) {
        with(shard, key, state -> shelf(shard).pinned.put(key, holder));
    }

    void unpin(StateLog.Shard<V> shard, String key, Object holder) {
        shard.lock.lock();
        try {
            shelf(shard).pinned.remove(key, holder);
            shelf(shard).woken.add(key);
        } finally {
            shard.lock.unlock();
        }
    }

    /** False if the shard was read again since. */
    boolean pinned(StateLog.Shard<V> shard, String key, Object holder) {
        shard.lock.lock();
        try {
            return holder.equals(shelf(shard).pinned.get(key));
        } finally {
            shard.lock.unlock();
        }
    }

    /** Shows the states that want to be looked at before a time. */
    void due(long beforeMillis, StateIndex.DeadlineVisitor visitor) {
        try {
            for (int i = 0; i < StateLog.SHARDS; i++) {
                index.due(i, beforeMillis, visitor);
            }
        } catch (IOException | IllegalStateException e) {
            failed(e);
        }
    }

    private void failed(Exception e) {
        if (!closed) {
            LOG.error("The index of sessions fails; they are not let out of memory", e);
        }
    }

    // Letting states go.

    /** States as they were when the log had come to a checkpoint. */
    private final class Picture {
        final StateLog.Shard<V> shard;
        final Map<String, StateIndex.Row> before;
        final Map<String, StateIndex.Row> after = new HashMap<>();
        final StateIndex.Changes changes;
        final StateIndex.Checkpoint at;
        final Partition partition;
        final long writes;

        Picture(StateLog.Shard<V> shard, Partition partition, long end) {
            Shelf shelf = shelf(shard);
            this.shard = shard;
            this.partition = partition;
            this.before = shelf.dirty;
            this.changes = index.new Changes(shard.index);
            this.writes = shelf.writes;
            long now = services.clock().wallMillis();
            this.at = new StateIndex.Checkpoint(partition.topic().id(), shard.epoch, end, now);
            shelf.dirty = new HashMap<>();
            before.forEach(this::add);
        }

        private void add(String key, StateIndex.Row was) {
            V state = shard.states.get(key);
            if (state == null) {
                after.put(key, StateIndex.Row.ABSENT);
                shelf(shard).deleting.add(key);
                changes.delete(key, was);
                return;
            }
            var row = new StateIndex.Row(true, codec.awake(state), codec.deadlineMillis(state));
            ByteBuf whole = Unpooled.buffer();
            codec.encode(state, whole);
            after.put(key, row);
            changes.put(key, was, row, folded(state).nextSlot(), ByteBufUtil.getBytes(whole));
        }
    }

    /** Writes what was changed, and lets go of what nobody uses. Aside; one call at a time. */
    void flush(StateLog.Shard<V> shard, @Nullable Partition partition) {
        Picture picture;
        shard.lock.lock();
        try {
            Shelf shelf = shelf(shard);
            if (partition == null || shelf.writing || shard.epoch == -1 || closed) {
                return;
            }
            if (shelf.dirty.isEmpty()) {
                letGo(shard, List.copyOf(shelf.woken));
                return;
            }
            shelf.writing = true;
            picture = new Picture(shard, partition, shard.end);
        } finally {
            shard.lock.unlock();
        }
        writeOnceDurable(picture);
    }

    private void writeOnceDurable(Picture picture) {
        boolean gone = stale(picture);
        if (!gone && picture.partition.highWatermark() < picture.at.offset()) {
            services.scheduler().schedule(() -> writeOnceDurable(picture), WAIT_NANOS);
            return;
        }
        boolean written = false;
        try {
            if (!gone) {
                picture.changes.write(picture.at);
                written = true;
            }
        } catch (IOException | IllegalStateException e) {
            failed(e);
        }
        finish(picture, written);
    }

    private boolean stale(Picture picture) {
        picture.shard.lock.lock();
        try {
            return closed
                    || picture.shard.epoch != picture.at.epoch()
                    || shelf(picture.shard).writes != picture.writes;
        } finally {
            picture.shard.lock.unlock();
        }
    }

    private void finish(Picture picture, boolean written) {
        StateLog.Shard<V> shard = picture.shard;
        shard.lock.lock();
        try {
            Shelf shelf = shelf(shard);
            shelf.writing = false;
            shelf.deleting.clear();
            if (shelf.writes != picture.writes) {
                return; // read again meanwhile, from what the index holds
            }
            Map<String, StateIndex.Row> rows = written ? picture.after : picture.before;
            rows.forEach((key, row) -> noted(shard, shelf, key, row, written));
            if (written) {
                shelf.writes++;
                letGo(shard, List.copyOf(picture.after.keySet()));
                letGo(shard, List.copyOf(shelf.woken));
            }
        } finally {
            shard.lock.unlock();
        }
    }

    private void noted(
            StateLog.Shard<V> shard, Shelf shelf, String key, StateIndex.Row row, boolean written) {
        if (!written) {
            shelf.dirty.put(key, row); // as before: what came since knew the picture's at best
            return;
        }
        if (shelf.dirty.containsKey(key)) {
            shelf.dirty.put(key, row);
        }
        V state = shard.states.get(key);
        if (state != null) {
            folded(state).row = row;
        }
    }

    private void letGo(StateLog.Shard<V> shard, List<String> keys) {
        Shelf shelf = shelf(shard);
        for (String key : keys) {
            V state = shard.states.get(key);
            boolean used =
                    shelf.pinned.containsKey(key)
                            || shelf.dirty.containsKey(key)
                            || shard.unfolded.contains(key)
                            || state != null && codec.awake(state);
            if (!used) {
                shard.states.remove(key);
                shelf.woken.remove(key);
            } else if (state != null) {
                shelf.woken.add(key); // looked at again
            }
        }
        shelf.writes++; // who reads the index now reads again
    }

    /** Nothing is written any more. */
    void close() {
        closed = true;
        try {
            index.close();
        } catch (IOException e) {
            LOG.warn("The index of sessions did not close well", e);
        }
    }
}
