// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.session;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mortise.kernel.delivery.DeliveryServices;
import io.mortise.kernel.delivery.LoopTurn;
import io.mortise.kernel.delivery.PartitionWriter;
import io.mortise.kernel.delivery.WriteGuard;
import io.mortise.kernel.routing.Murmur2;
import io.mortise.spi.Refusal;
import io.mortise.spi.Remedy;
import io.mortise.spi.TenantId;
import io.mortise.spi.broker.Partition;
import io.mortise.spi.broker.Topic;
import io.mortise.spi.broker.Topics.TopicSpec;
import io.netty.buffer.ByteBuf;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * Small authoritative state under keys: an internal topic with one partition per shard holds its
 * events, always on DISK, and memory holds what they add up to. Replay at start; a snapshot of a
 * shard writes every key's state again and deletes what lies before. Any thread.
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

    private final String name;
    private final StateCodec<V> codec;
    private final DeliveryServices services;
    private final SessionCounters counters;
    private final List<Shard<V>> shards = new ArrayList<>();
    private volatile @Nullable Topic topic;
    private volatile Consumer<Shard<V>> onReload = shard -> {};
    private volatile Consumer<Shard<V>> afterReload = shard -> {};

    /** One shard: its lock, and under it the state. */
    static final class Shard<V> {
        final int index;
        final ReentrantLock lock = new ReentrantLock();
        final Map<String, V> states = new HashMap<>();
        long appendedBytes;
        long snapshotBytes;
        boolean snapshotting;

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
                        "retention.ms",
                        "-1",
                        "max.message.bytes",
                        "104857600"),
                true);
    }

    private CompletableFuture<Void> load(Shard<V> shard) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        load(shard, done);
        return done;
    }

    private void load(Shard<V> shard, CompletableFuture<Void> done) {
        Partition partition = partition(shard);
        if (partition == null) {
            services.scheduler().schedule(() -> load(shard, done), RETRY_NANOS);
            return;
        }
        int epoch = partition.leaderEpoch();
        ReplayLosses losses = new ReplayLosses();
        new LogScan(
                        partition,
                        services.scheduler(),
                        partition.logStartOffset(),
                        (key, value, header, offset) -> replay(shard, losses, key, value),
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
        if (failure == null) {
            report(shard, losses);
            shard.lock.lock();
            try {
                shard.epoch = epoch;
            } finally {
                shard.lock.unlock();
            }
            done.complete(null);
        } else if (failure.remedy() == Remedy.RETRY_LATER) {
            clear(shard);
            services.scheduler().schedule(() -> load(shard, done), RETRY_NANOS);
        } else {
            LOG.error("Shard {} of {} cannot be read: {}", shard.index, name, failure);
            done.completeExceptionally(failure.asException());
        }
    }

    private void report(Shard<V> shard, ReplayLosses losses) {
        if (losses.any()) {
            counters.lostStates.add(losses.lost());
            counters.doubtfulStates.add(losses.doubtful());
            LOG.error(
                    "Shard {} of {}: {}. {}",
                    shard.index,
                    name,
                    losses.describe(),
                    codec.afterDamage());
        }
    }

    private void replay(
            Shard<V> shard, ReplayLosses losses, @Nullable String key, @Nullable ByteBuf value) {
        if (key == null) {
            return;
        }
        shard.lock.lock();
        try {
            apply(shard, key, value);
            losses.applied(key, value == null || codec.whole(value), shard.states.containsKey(key));
        } finally {
            shard.lock.unlock();
        }
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
                codec.apply(key, shard.states.remove(key), null);
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

    /** Changes the state under the shard's lock, which is held. */
    void apply(Shard<V> shard, String key, @Nullable ByteBuf event) {
        shard.appendedBytes += event == null ? 0 : event.readableBytes();
        V state = codec.apply(key, shard.states.get(key), event);
        if (state == null) {
            shard.states.remove(key);
        } else {
            shard.states.put(key, state);
        }
    }

    /** A writer for one loop to one shard. */
    PartitionWriter writer(LoopTurn turn, Shard<V> shard) {
        Topic known = topic;
        if (known == null) {
            throw new IllegalStateException(name + " is not open");
        }
        return new PartitionWriter(turn, known, shard.index, new Guard(shard));
    }

    /** Keeps a shard's states in step with its log. */
    private final class Guard implements WriteGuard {
        private final Shard<V> shard;

        Guard(Shard<V> shard) {
            this.shard = shard;
        }

        @Override
        public void lock() {
            shard.lock.lock();
        }

        @Override
        public void unlock() {
            shard.lock.unlock();
        }

        @Override
        public int expectedEpoch() {
            return shard.epoch == -1 ? NO_EPOCH : shard.epoch;
        }

        @Override
        public void fenced(Partition partition) {
            if (shard.epoch != -1) {
                reload(shard);
            }
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

    /** Shows a shard's states under its lock. */
    void each(Shard<V> shard, BiConsumer<String, V> visitor) {
        shard.lock.lock();
        try {
            shard.states.forEach(visitor);
        } finally {
            shard.lock.unlock();
        }
    }
}
