// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.session;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mortise.kernel.delivery.DeliveryServices;
import io.mortise.kernel.routing.Murmur2;
import io.mortise.spi.Reason;
import io.mortise.spi.Refusal;
import io.mortise.spi.Remedy;
import io.mortise.spi.TenantId;
import io.mortise.spi.broker.AckLevel;
import io.mortise.spi.broker.Partition;
import io.mortise.spi.broker.Partition.AppendCallback;
import io.mortise.spi.broker.Partition.AppendResult;
import io.mortise.spi.broker.Topic;
import io.mortise.spi.broker.Topics.TopicSpec;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Small authoritative state under keys: an internal topic with one partition per shard holds its
 * events, always on DISK, and memory holds what they add up to. Replay at start. The topic is
 * compacted by key: a record is a whole state, which says all, or a change in a slot of its own
 * ({@link FoldedState}), which the next whole state makes void. Any thread.
 *
 * @param <V> the state under one key, guarded by its shard's lock
 */
final class StateLog<V> {
    /** How many shards there are; never changes. */
    static final int SHARDS = 16;

    private static final Logger LOG = LoggerFactory.getLogger(StateLog.class);
    private static final long RETRY_NANOS = 20_000_000L;

    /** An epoch that no log has: appends are refused while states are being read. */
    private static final int NO_EPOCH = Integer.MAX_VALUE;

    /** Changes of a session at rest that are left in the log: the next ones take their slots. */
    private static final int KEPT_SLOTS = 4;

    private static final int FOLD_BYTES = 256 * 1024;
    private static final int MOST_FADED = 1_000;

    private final String name;
    private final StateCodec<V> codec;
    private final DeliveryServices services;
    private final SessionCounters counters;
    private final @Nullable SleepingStates<V> sleeping;
    private final List<Shard<V>> shards = new ArrayList<>();
    private volatile @Nullable Topic topic;
    private volatile Consumer<Shard<V>> onReload = shard -> {};
    private volatile Consumer<Shard<V>> afterReload = shard -> {};

    /** One shard: its lock, and under it the state. */
    static final class Shard<V> {
        final int index;
        final ReentrantLock lock = new ReentrantLock();
        final Map<String, V> states = new HashMap<>();

        /** Keys whose changes are to be written whole. */
        final Set<String> unfolded = new LinkedHashSet<>();

        /** Keys whose states may be deleted after a while. */
        final ArrayDeque<String> fading = new ArrayDeque<>();

        /** Where the log ended when the states changed last. */
        long end;

        /** Epoch that the states were read under, or -1 while they are being read. */
        int epoch = -1;

        Shard(int index) {
            this.index = index;
        }
    }

    /**
     * @param name of the internal topic
     */
    StateLog(
            String name, StateCodec<V> codec, DeliveryServices services, SessionCounters counters) {
        this(name, codec, services, counters, null);
    }

    /**
     * @param index where states that nobody uses are kept; null: in memory
     */
    StateLog(
            String name,
            StateCodec<V> codec,
            DeliveryServices services,
            SessionCounters counters,
            @Nullable StateIndex index) {
        this.sleeping = index == null ? null : new SleepingStates<>(index, codec, services);
        this.counters = counters;
        this.name = name;
        this.codec = codec;
        this.services = services;
        for (int i = 0; i < SHARDS; i++) {
            shards.add(new Shard<>(i));
        }
    }

    static String key(TenantId tenant, String id) {
        return tenant.name() + "/" + id;
    }

    DeliveryServices services() {
        return services;
    }

    StateCodec<V> codec() {
        return codec;
    }

    /** The shard of a key. */
    Shard<V> shard(String key) {
        byte[] bytes = key.getBytes(UTF_8);
        return shards.get(Murmur2.partition(bytes, 0, bytes.length, SHARDS));
    }

    List<Shard<V>> shards() {
        return shards;
    }

    @Nullable Partition partition(Shard<V> shard) {
        Topic known = topic;
        return known == null ? null : known.partition(shard.index);
    }

    /** Finds or creates the topic and replays it; the stage completes when all state is there. */
    CompletionStage<Void> open() {
        Topic found = services.topics().find(TenantId.DEFAULT, name);
        CompletionStage<Topic> ready =
                found != null
                        ? CompletableFuture.completedFuture(found)
                        : services.topics().create(spec());
        return ready.thenCompose(
                created -> {
                    topic = created;
                    CompletableFuture<?>[] loads =
                            shards.stream().map(this::load).toArray(CompletableFuture[]::new);
                    return CompletableFuture.allOf(loads);
                });
    }

    private TopicSpec spec() {
        return new TopicSpec(
                TenantId.DEFAULT,
                name,
                SHARDS,
                Map.of(
                        "durability",
                        "DISK",
                        "cleanup.policy",
                        "compact",
                        "segment.bytes",
                        "16777216",
                        "max.message.bytes",
                        "104857600"),
                true);
    }

    private CompletableFuture<Void> load(Shard<V> shard) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        if (sleeping == null) {
            load(shard, done);
        } else {
            services.scheduler().execute(() -> load(shard, done));
        }
        return done;
    }

    private void load(Shard<V> shard, CompletableFuture<Void> done) {
        Partition partition = partition(shard);
        if (partition == null || sleeping != null && sleeping.writing(shard)) {
            services.scheduler().schedule(() -> load(shard, done), RETRY_NANOS);
            return;
        }
        int epoch = partition.leaderEpoch();
        try {
            shard.end =
                    sleeping == null
                            ? partition.logStartOffset()
                            : sleeping.begin(shard, partition);
        } catch (IOException | UncheckedIOException | IllegalStateException e) {
            LOG.error("The index of shard {} of {} cannot be read", shard.index, name, e);
            done.completeExceptionally(e);
            return;
        }
        ReplayLosses losses = new ReplayLosses();
        new LogScan(
                        partition,
                        services.scheduler(),
                        shard.end,
                        (key, value, header, offset) -> {
                            replay(shard, losses, key, value);
                            shard.end = offset + 1;
                        },
                        (from, to) -> lost(shard, losses, from, to),
                        failure -> loaded(shard, epoch, losses, done, failure))
                .start();
    }

    private void lost(Shard<V> shard, ReplayLosses losses, long from, long to) {
        shard.lock.lock();
        try {
            losses.range(from, to, shard.states.keySet());
        } finally {
            shard.lock.unlock();
        }
    }

    private void loaded(
            Shard<V> shard,
            int epoch,
            ReplayLosses losses,
            CompletableFuture<Void> done,
            @Nullable Refusal failure) {
        Refusal refusal = failure == null ? losses.unreadable() : failure;
        if (refusal == null) {
            opened(shard, epoch, losses);
            done.complete(null);
        } else if (refusal.remedy() == Remedy.RETRY_LATER) {
            clear(shard);
            services.scheduler().schedule(() -> load(shard, done), RETRY_NANOS);
        } else {
            LOG.error("Shard {} of {} cannot be read: {}", shard.index, name, refusal);
            done.completeExceptionally(refusal.asException());
        }
    }

    private void opened(Shard<V> shard, int epoch, ReplayLosses losses) {
        shard.lock.lock();
        try {
            shard.epoch = epoch;
            bury(shard, losses.lost());
        } finally {
            shard.lock.unlock();
        }
        if (losses.any()) {
            counters.lostStates.add(losses.lost().size());
            counters.doubtfulStates.add(losses.doubtful());
            LOG.error(
                    "Shard {} of {}: {}. {}",
                    shard.index,
                    name,
                    losses.describe(),
                    codec.afterDamage());
        }
    }

    /** What lacks a part begins anew, here as in the log. */
    private void bury(Shard<V> shard, Collection<String> lost) {
        for (String key : lost) {
            StateRecords records = records();
            records.delete(key, 0);
            append(shard, records, Runnable::run, null);
        }
    }

    private void replay(
            Shard<V> shard, ReplayLosses losses, @Nullable String key, @Nullable ByteBuf value) {
        if (key == null) {
            return;
        }
        if (value != null && !StateRecords.readable(value)) {
            losses.foreign(name, value.isReadable() ? value.getByte(value.readerIndex()) : 0);
            return;
        }
        counters.replayed.add(1);
        String name = StateRecords.name(key);
        if (sleeping != null) {
            sleeping.with(shard, name, state -> state); // it is about to change
        }
        shard.lock.lock();
        try {
            replay(shard, losses, name, StateRecords.slot(key), value);
        } finally {
            shard.lock.unlock();
        }
    }

    private void replay(
            Shard<V> shard, ReplayLosses losses, String key, int slot, @Nullable ByteBuf value) {
        if (slot < 0) {
            apply(shard, key, value == null ? null : StateRecords.whole(value), 0, slot);
            losses.sound(key);
        } else if (value != null) {
            replayChange(shard, losses, key, slot, value);
        }
    }

    /** A change is only believed behind the one before it. */
    private void replayChange(
            Shard<V> shard, ReplayLosses losses, String key, int slot, ByteBuf value) {
        long number = StateRecords.number(value);
        ByteBuf change = StateRecords.change(value);
        if (number == 1 && codec.begins(change)) {
            remove(shard, key);
        } else if (numberOf(shard.states.get(key)) + 1 != number
                || !shard.states.containsKey(key)) {
            remove(shard, key);
            losses.missing(key);
            return;
        }
        apply(shard, key, change, number, slot);
        losses.sound(key);
    }

    private long numberOf(@Nullable V state) {
        return state instanceof FoldedState folded ? folded.number : 0;
    }

    private void remove(Shard<V> shard, String key) {
        if (sleeping != null) {
            sleeping.changing(shard, key, shard.states.get(key));
        }
        codec.apply(key, shard.states.remove(key), null);
    }

    /**
     * The log was truncated to its durable end and reopened: the states may hold what it lost, and
     * are read again.
     */
    private void reload(Shard<V> shard) {
        shard.epoch = -1;
        clear(shard);
        LOG.warn("Shard {} of {} is read again: its log failed", shard.index, name);
        services.scheduler()
                .execute(
                        () -> {
                            onReload.accept(shard);
                            load(shard).whenComplete((read, failed) -> afterReload.accept(shard));
                        });
    }

    private void clear(Shard<V> shard) {
        shard.lock.lock();
        try {
            for (String key : List.copyOf(shard.states.keySet())) {
                remove(shard, key);
            }
            shard.unfolded.clear();
            shard.fading.clear();
            if (sleeping != null) {
                sleeping.cleared(shard);
            }
        } finally {
            shard.lock.unlock();
        }
    }

    /** Has hooks told when a shard has to be read again, and when it was. */
    void onReload(Consumer<Shard<V>> before, Consumer<Shard<V>> after) {
        onReload = before;
        afterReload = after;
    }

    // Appending.

    /** Whether an event says all there is to say. */
    boolean whole(ShardWriter.Event event) {
        return event.bytes() == null || codec.whole(Unpooled.wrappedBuffer(event.bytes()));
    }

    /**
     * Gives events their place, and applies them.
     *
     * @param callback told when they are durable; null: nobody waits
     */
    AppendResult append(
            Shard<V> shard,
            List<ShardWriter.Event> events,
            Executor executor,
            @Nullable AppendCallback callback) {
        shard.lock.lock();
        try {
            StateRecords records = records();
            Map<String, Integer> before = new HashMap<>();
            List<Applied> applied = new ArrayList<>(events.size());
            for (ShardWriter.Event event : events) {
                Applied next = record(shard, records, event, before);
                if (next != null) {
                    applied.add(next);
                }
            }
            AppendResult result = append(shard, records, executor, callback);
            if (result.refusal() == null) {
                for (Applied each : applied) {
                    apply(shard, each.key, each.event, each.number, each.slot);
                }
                fold(shard);
            }
            return result;
        } finally {
            shard.lock.unlock();
        }
    }

    /** An event and what it is noted as. */
    private record Applied(String key, @Nullable ByteBuf event, long number, int slot) {}

    private @Nullable Applied record(
            Shard<V> shard,
            StateRecords records,
            ShardWriter.Event event,
            Map<String, Integer> before) {
        String key = event.key();
        V state = shard.states.get(key);
        FoldedState folded = state instanceof FoldedState known ? known : null;
        byte[] bytes = event.bytes();
        if (bytes == null) {
            records.delete(key, folded == null ? 0 : folded.slots);
            return new Applied(key, null, 0, -1);
        }
        ByteBuf given = Unpooled.wrappedBuffer(bytes);
        if (codec.whole(given)) {
            ByteBuf whole = codec.instead(state, given);
            records.whole(key, whole);
            return new Applied(key, whole, 0, -1);
        }
        int count = before.getOrDefault(key, 0);
        if (state == null && count == 0 && !codec.begins(given)) {
            return null; // of something that is gone
        }
        before.put(key, count + 1);
        long number = (folded == null ? 0 : folded.number) + count + 1;
        int slot = (folded == null ? 0 : folded.nextSlot()) + count;
        records.change(key, slot, number, given);
        return new Applied(key, given, number, slot);
    }

    private StateRecords records() {
        return new StateRecords(Unpooled.buffer(512), services.clock().wallMillis());
    }

    private AppendResult append(
            Shard<V> shard,
            StateRecords records,
            Executor executor,
            @Nullable AppendCallback callback) {
        if (records.count() == 0) {
            if (callback != null) {
                executor.execute(() -> callback.completed(null));
            }
            return new AppendResult(-1, -1, -1, false, null);
        }
        Partition partition = partition(shard);
        if (partition == null) {
            return AppendResult.refused(
                    new Refusal(
                            Reason.NOT_LEADER,
                            "shard " + shard.index + " of " + name + " has no leader here"));
        }
        AppendResult result =
                partition.append(
                        records.finish(),
                        shard.epoch == -1 ? NO_EPOCH : shard.epoch,
                        Partition.Origin.BROKER,
                        callback == null ? AckLevel.SEQUENCED : AckLevel.DURABLE,
                        executor,
                        callback);
        Refusal refusal = result.refusal();
        if (refusal == null) {
            shard.end = result.endOffset();
        } else if (refusal.reason() == Reason.FENCED_EPOCH && shard.epoch != -1) {
            reload(shard);
        }
        return result;
    }

    /** Changes the state under the shard's lock, which is held. */
    private void apply(Shard<V> shard, String key, @Nullable ByteBuf event, long number, int slot) {
        V before = shard.states.get(key);
        if (sleeping != null) {
            sleeping.changing(shard, key, before);
        }
        V state = codec.apply(key, before, event);
        if (state == null) {
            shard.states.remove(key);
            return;
        }
        shard.states.put(key, state);
        if (codec.fades(state)) {
            shard.fading.add(key);
        }
        if (state instanceof FoldedState folded) {
            if (slot < 0) {
                shard.unfolded.remove(key);
                folded.folded(event == null ? 0 : event.readableBytes());
            } else {
                folded.changed(number, slot, event == null ? 0 : event.readableBytes());
                if (folded.foldDue() || codec.resting(state)) {
                    shard.unfolded.add(key);
                }
            }
        }
    }

    // Keeping the log short.

    /** Writes whole what is due, and deletes what has faded. What is refused is due later. */
    void tidy() {
        long now = services.clock().wallMillis();
        for (Shard<V> shard : shards) {
            shard.lock.lock();
            try {
                if (shard.epoch != -1) {
                    fold(shard);
                    deleteFaded(shard, now);
                }
            } finally {
                shard.lock.unlock();
            }
        }
    }

    private void fold(Shard<V> shard) {
        while (!shard.unfolded.isEmpty()) {
            StateRecords records = records();
            List<Whole> written = new ArrayList<>();
            for (String key : shard.unfolded) {
                if (records.sizeBytes() > FOLD_BYTES) {
                    break;
                }
                written.add(write(records, key, shard.states.get(key)));
            }
            if (append(shard, records, Runnable::run, null).refusal() != null) {
                return;
            }
            for (Whole each : written) {
                shard.unfolded.remove(each.key);
                each.done();
            }
        }
    }

    /** A state that was written whole. */
    private record Whole(String key, @Nullable FoldedState state, int bytes, int slots) {
        void done() {
            if (state != null) {
                state.folded(bytes);
                state.slots = slots;
            }
        }
    }

    private Whole write(StateRecords records, String key, @Nullable V state) {
        if (!(state instanceof FoldedState folded) || !folded.changed()) {
            return new Whole(key, null, 0, 0);
        }
        int before = folded.slots;
        boolean sweep = before > KEPT_SLOTS && codec.resting(state);
        folded.slots = sweep ? 0 : before;
        ByteBuf whole = Unpooled.buffer();
        codec.encode(state, whole);
        int slots = folded.slots;
        folded.slots = before;
        records.whole(key, whole);
        if (sweep) {
            records.deleteChanges(key, before);
        }
        return new Whole(key, folded, whole.readableBytes(), slots);
    }

    private void deleteFaded(Shard<V> shard, long now) {
        StateRecords records = records();
        List<String> gone = new ArrayList<>();
        while (!shard.fading.isEmpty() && gone.size() < MOST_FADED) {
            String key = shard.fading.element();
            V state = shard.states.get(key);
            if (state != null && codec.fades(state)) {
                if (!codec.obsolete(state, now)) {
                    break;
                }
                gone.add(key);
                records.delete(key, 0);
            }
            shard.fading.remove();
        }
        if (append(shard, records, Runnable::run, null).refusal() == null) {
            gone.forEach(key -> remove(shard, key));
        } else {
            shard.fading.addAll(gone);
        }
    }

    /** Whether the states under a key are all there. */
    boolean readable(String key) {
        return readable(shard(key));
    }

    /** Whether all states are there. */
    boolean readable() {
        return shards.stream().allMatch(this::readable);
    }

    private boolean readable(Shard<V> shard) {
        shard.lock.lock();
        try {
            return shard.epoch != -1;
        } finally {
            shard.lock.unlock();
        }
    }

    // Sleeping.

    /** Whether states that nobody uses are not in memory. */
    boolean sleeps() {
        return sleeping != null;
    }

    /** Shows a state, or null, under its shard's lock. May block where states sleep. */
    <T extends @Nullable Object> T with(String key, Function<@Nullable V, T> look) {
        Shard<V> shard = shard(key);
        if (sleeping != null) {
            return sleeping.with(shard, key, look);
        }
        shard.lock.lock();
        try {
            return look.apply(shard.states.get(key));
        } finally {
            shard.lock.unlock();
        }
    }

    /** Has a state in memory until {@link #unpin} by the same holder. May block likewise. */
    void pin(String key, Object holder) {
        if (sleeping != null) {
            sleeping.pin(shard(key), key, holder);
        }
    }

    /** Whether a state is in memory for its holder: not if the shard was read again. */
    boolean pinned(String key, Object holder) {
        return sleeping == null || sleeping.pinned(shard(key), key, holder);
    }

    /** Ends {@link #pin}. */
    void unpin(String key, Object holder) {
        if (sleeping != null) {
            sleeping.unpin(shard(key), key, holder);
        }
    }

    /** Writes what was changed, and lets states sleep. May block. */
    void flush() {
        if (sleeping != null) {
            for (Shard<V> shard : shards) {
                sleeping.flush(shard, partition(shard));
            }
        }
    }

    /** Shows sleeping states that want to be looked at before a time. May block. */
    void due(long beforeMillis, StateIndex.DeadlineVisitor visitor) {
        if (sleeping != null) {
            sleeping.due(beforeMillis, visitor);
        }
    }

    /** Nothing sleeps or wakes any more. */
    void close() {
        if (sleeping != null) {
            sleeping.close();
        }
    }

    /** How many states are in memory. */
    int inMemory() {
        int count = 0;
        for (Shard<V> shard : shards) {
            shard.lock.lock();
            try {
                count += shard.states.size();
            } finally {
                shard.lock.unlock();
            }
        }
        return count;
    }

    /** Shows those of a shard's states that are in memory, under its lock. */
    void each(Shard<V> shard, BiConsumer<String, V> visitor) {
        shard.lock.lock();
        try {
            shard.states.forEach(visitor);
        } finally {
            shard.lock.unlock();
        }
    }
}
