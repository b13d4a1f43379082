// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.session;

import io.mortise.spi.Durability;
import io.mortise.spi.Reason;
import io.mortise.spi.RefusedException;
import io.mortise.spi.Registration;
import io.mortise.spi.TenantId;
import io.mortise.spi.TopicId;
import io.mortise.spi.broker.Partition;
import io.mortise.spi.broker.Topic;
import io.mortise.spi.broker.Topics;
import io.mortise.spi.runtime.Scheduler;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/** Topics in memory, for one thread. */
final class MemoryTopics implements Topics, SessionStorage {
    private final Scheduler scheduler;
    private final Map<String, MemoryTopic> topics = new LinkedHashMap<>();
    private final List<Listening> listeners = new ArrayList<>();
    private long lastId;
    int mostTopics = Integer.MAX_VALUE;

    /** Why no topic can be created, or null. */
    @Nullable Reason refusing;

    private record Listening(Executor executor, TopicListener listener) {}

    MemoryTopics(Scheduler scheduler) {
        this.scheduler = scheduler;
    }

    /** One topic. */
    final class MemoryTopic implements Topic {
        private final String name;
        private final TopicId id = new TopicId(new UUID(7, ++lastId));
        private final boolean internal;
        private final List<MemoryPartition> partitions = new ArrayList<>();
        private boolean led = true;
        String cleanup = "delete";

        MemoryTopic(String name, int count, boolean internal) {
            this.name = name;
            this.internal = internal;
            for (int i = 0; i < count; i++) {
                partitions.add(new MemoryPartition(this, i, scheduler, () -> announce(this)));
            }
        }

        @Override
        public TenantId tenant() {
            return TenantId.DEFAULT;
        }

        @Override
        public TopicId id() {
            return id;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public boolean internal() {
            return internal;
        }

        @Override
        public int partitionCount() {
            return partitions.size();
        }

        @Override
        public @Nullable Partition partition(int index) {
            MemoryPartition partition = partitions.get(index);
            return led && partition.led() ? partition : null;
        }

        @Override
        public Durability durability() {
            return Durability.DISK;
        }

        @Override
        public Map<String, String> configs() {
            return Map.of();
        }

        @Override
        public String config(String key) {
            return switch (key) {
                case "max.message.bytes" -> "1048588";
                case "cleanup.policy" -> cleanup;
                default -> "";
            };
        }

        List<MemoryPartition> partitions() {
            return partitions;
        }

        /** Nobody leads it until {@link #lead}. */
        void unlead() {
            led = false;
            announce(this);
        }

        /** It is led, and whoever is quick finds that before it is announced. */
        void lead() {
            led = true;
            partitions.forEach(MemoryPartition::lead);
            scheduler.schedule(() -> announce(this), 3_000_000);
        }
    }

    @Override
    public Topics topics() {
        return this;
    }

    @Override
    public void addTopic(String name, int partitions) {
        add(name, partitions);
    }

    @Override
    public void disturb(Random random) {
        for (MemoryTopic topic : topics.values()) {
            for (MemoryPartition partition : topic.partitions()) {
                partition.forceNanos = random.nextLong(100_000, 5_000_000);
                if (topic.internal() && random.nextInt(4) == 0) {
                    partition.compactKeys();
                }
                if (!topic.internal()) {
                    partition.cold = random.nextInt(3) == 0;
                    if (partition.full) {
                        partition.makeRoom();
                    } else {
                        partition.full = random.nextInt(6) == 0;
                    }
                }
            }
        }
    }

    /** One partition alone, more often one of the broker's own. */
    @Override
    public void failSoon(Random random) {
        List<MemoryPartition> internal = new ArrayList<>();
        List<MemoryPartition> others = new ArrayList<>();
        for (MemoryTopic topic : topics.values()) {
            for (MemoryPartition each : topic.partitions()) {
                if (each.batchCount() > 0) {
                    (topic.internal() ? internal : others).add(each);
                }
            }
        }
        List<MemoryPartition> from =
                others.isEmpty() || !internal.isEmpty() && random.nextInt(4) > 0
                        ? internal
                        : others;
        if (!from.isEmpty()) {
            MemoryPartition victim = from.get(random.nextInt(from.size()));
            victim.failing = true;
            victim.reopenNanos = random.nextLong(30_000_000);
        }
    }

    @Override
    public void heal() {
        for (MemoryTopic topic : topics.values()) {
            for (MemoryPartition each : topic.partitions()) {
                each.makeRoom();
                each.failing = false;
            }
        }
    }

    @Override
    public void crash() {
        listeners.clear();
        topics.values().forEach(topic -> topic.partitions().forEach(MemoryPartition::crash));
    }

    MemoryTopic add(String name, int partitions) {
        return add(name, partitions, false);
    }

    private MemoryTopic add(String name, int partitions, boolean internal) {
        MemoryTopic topic = new MemoryTopic(name, partitions, internal);
        topics.put(name, topic);
        announce(topic);
        return topic;
    }

    private void announce(MemoryTopic topic) {
        for (Listening each : List.copyOf(listeners)) {
            each.executor.execute(() -> each.listener.changed(topic));
        }
    }

    Collection<MemoryTopic> every() {
        return topics.values();
    }

    @Nullable MemoryTopic named(String name) {
        return topics.get(name);
    }

    @Override
    public @Nullable Topic find(TenantId tenant, String name) {
        return topics.get(name);
    }

    @Override
    public @Nullable Topic find(TopicId id) {
        for (MemoryTopic topic : topics.values()) {
            if (topic.id().equals(id)) {
                return topic;
            }
        }
        return null;
    }

    @Override
    public Collection<Topic> all(TenantId tenant) {
        return List.copyOf(topics.values());
    }

    @Override
    public CompletionStage<Topic> create(TopicSpec spec) {
        return later(spec.name(), spec.partitions(), spec.internal());
    }

    private CompletionStage<Topic> later(String name, int partitions, boolean internal) {
        CompletableFuture<Topic> created = new CompletableFuture<>();
        scheduler.schedule(
                () -> {
                    MemoryTopic known = topics.get(name);
                    Reason reason = refusing;
                    if (known == null && reason != null) {
                        created.completeExceptionally(
                                new RefusedException(reason, "refused on purpose"));
                    } else if (known == null && topics.size() >= mostTopics) {
                        created.completeExceptionally(
                                new RefusedException(Reason.QUOTA_EXCEEDED, "too many topics"));
                    } else {
                        created.complete(known == null ? add(name, partitions, internal) : known);
                    }
                },
                5_000_000);
        return created;
    }

    @Override
    public CompletionStage<Void> validate(TopicSpec spec) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletionStage<Topic> createAutomatically(TenantId tenant, String name) {
        return later(name, 4, false);
    }

    @Override
    public CompletionStage<Void> delete(TopicId id) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletionStage<Void> addPartitions(TopicId id, int total) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletionStage<Void> alterConfig(TopicId id, Map<String, @Nullable String> changes) {
        throw new UnsupportedOperationException();
    }

    @Override
    public List<ConfigKey> configKeys() {
        return List.of();
    }

    @Override
    public Registration onChange(Executor executor, TopicListener listener) {
        Listening each = new Listening(executor, listener);
        listeners.add(each);
        for (MemoryTopic topic : List.copyOf(topics.values())) {
            executor.execute(() -> listener.changed(topic));
        }
        return () -> listeners.remove(each);
    }
}
