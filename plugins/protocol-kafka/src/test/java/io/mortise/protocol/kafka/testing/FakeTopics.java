// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.protocol.kafka.testing;

import io.mortise.spi.Durability;
import io.mortise.spi.Reason;
import io.mortise.spi.RefusedException;
import io.mortise.spi.Registration;
import io.mortise.spi.TenantId;
import io.mortise.spi.TopicId;
import io.mortise.spi.broker.Partition;
import io.mortise.spi.broker.Topic;
import io.mortise.spi.broker.Topics;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;

/** Topics in memory. */
public final class FakeTopics implements Topics {
    private static final int DEFAULT_PARTITIONS = 2;
    private static final List<ConfigKey> KEYS =
            List.of(
                    new ConfigKey("durability", "string", "DISK", "when a record is safe"),
                    new ConfigKey("cleanup.policy", "list", "delete", "what happens to old ones"),
                    new ConfigKey("retention.ms", "long", "604800000", "how long records stay"),
                    new ConfigKey("retention.bytes", "long", "-1", "how many bytes stay"));

    private record Watch(Executor executor, TopicListener listener) {}

    private final Map<String, FakeTopic> byName = new ConcurrentHashMap<>();
    private final List<Watch> watches = new CopyOnWriteArrayList<>();

    /** A partition by name and index. */
    public FakePartition partition(String topic, int index) {
        FakeTopic found = byName.get(topic);
        if (found == null) {
            throw new IllegalArgumentException("no topic " + topic);
        }
        return found.partitions.get(index);
    }

    @Override
    public @Nullable Topic find(TenantId tenant, String name) {
        return byName.get(name);
    }

    @Override
    public @Nullable Topic find(TopicId id) {
        return byName.values().stream().filter(t -> t.id.equals(id)).findAny().orElse(null);
    }

    @Override
    public Collection<Topic> all(TenantId tenant) {
        return List.copyOf(byName.values());
    }

    @Override
    public synchronized CompletionStage<Topic> create(TopicSpec spec) {
        RefusedException refused = refusal(spec);
        if (refused != null) {
            return CompletableFuture.failedFuture(refused);
        }
        FakeTopic topic = new FakeTopic(spec.name(), spec.internal(), spec.configs());
        topic.grow(spec.partitions() == -1 ? DEFAULT_PARTITIONS : spec.partitions());
        byName.put(spec.name(), topic);
        changed(topic);
        return CompletableFuture.completedFuture(topic);
    }

    private @Nullable RefusedException refusal(TopicSpec spec) {
        if (byName.containsKey(spec.name())) {
            return new RefusedException(Reason.TOPIC_EXISTS, "topic " + spec.name() + " exists");
        }
        for (String key : spec.configs().keySet()) {
            if (KEYS.stream().noneMatch(known -> known.name().equals(key))) {
                return new RefusedException(Reason.INVALID_CONFIG, "no topic config " + key);
            }
        }
        return null;
    }

    private void changed(Topic topic) {
        watches.forEach(watch -> watch.executor.execute(() -> watch.listener.changed(topic)));
    }

    @Override
    public CompletionStage<Void> validate(TopicSpec spec) {
        RefusedException refused = refusal(spec);
        return refused == null
                ? CompletableFuture.completedFuture(null)
                : CompletableFuture.failedFuture(refused);
    }

    @Override
    public synchronized CompletionStage<Topic> createAutomatically(TenantId tenant, String name) {
        Topic known = byName.get(name);
        return known != null
                ? CompletableFuture.completedFuture(known)
                : create(new TopicSpec(tenant, name, -1, Map.of(), false));
    }

    @Override
    public synchronized CompletionStage<Void> delete(TopicId id) {
        Topic topic = find(id);
        if (topic != null) {
            byName.remove(topic.name());
            watches.forEach(watch -> watch.executor.execute(() -> watch.listener.deleted(topic)));
        }
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public synchronized CompletionStage<Void> addPartitions(TopicId id, int total) {
        if (find(id) instanceof FakeTopic topic) {
            topic.grow(total);
            changed(topic);
        }
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public synchronized CompletionStage<Void> alterConfig(
            TopicId id, Map<String, @Nullable String> changes) {
        if (find(id) instanceof FakeTopic topic) {
            changes.forEach(
                    (key, value) -> {
                        if (value == null) {
                            topic.configs.remove(key);
                        } else {
                            topic.configs.put(key, value);
                        }
                    });
        }
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public List<ConfigKey> configKeys() {
        return KEYS;
    }

    @Override
    public Registration onChange(Executor executor, TopicListener listener) {
        Watch watch = new Watch(executor, listener);
        watches.add(watch);
        byName.values().forEach(topic -> executor.execute(() -> listener.changed(topic)));
        return () -> watches.remove(watch);
    }

    private static final class FakeTopic implements Topic {
        private final TopicId id = new TopicId(UUID.randomUUID());
        private final String name;
        private final boolean internal;
        private final Map<String, String> configs;
        private final List<FakePartition> partitions = new CopyOnWriteArrayList<>();

        FakeTopic(String name, boolean internal, Map<String, String> configs) {
            this.name = name;
            this.internal = internal;
            this.configs = new HashMap<>(configs);
        }

        void grow(int total) {
            List<FakePartition> more = new ArrayList<>();
            for (int i = partitions.size(); i < total; i++) {
                more.add(new FakePartition(this, i));
            }
            partitions.addAll(more);
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
        public Partition partition(int index) {
            return partitions.get(index);
        }

        @Override
        public Durability durability() {
            return Durability.valueOf(config("durability"));
        }

        @Override
        public Map<String, String> configs() {
            return Map.copyOf(configs);
        }

        @Override
        public String config(String key) {
            String set = configs.get(key);
            if (set != null) {
                return set;
            }
            return KEYS.stream()
                    .filter(known -> known.name().equals(key))
                    .map(ConfigKey::defaultValue)
                    .findAny()
                    .orElseThrow();
        }
    }
}
