// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import io.mortise.kernel.topic.GenerationalTopic;
import io.mortise.spi.Durability;
import io.mortise.spi.TenantId;
import io.mortise.spi.TopicId;
import io.mortise.spi.broker.Partition;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** A topic whose configs a test sets. */
final class FakeTopic implements GenerationalTopic {
    private static final Map<String, String> DEFAULTS =
            Map.ofEntries(
                    Map.entry("storage.engine", "fake"),
                    Map.entry("max.message.bytes", "1048588"),
                    Map.entry("message.timestamp.type", "CreateTime"),
                    Map.entry("retention.ms", "-1"),
                    Map.entry("retention.bytes", "-1"),
                    Map.entry("retention.records", "-1"),
                    Map.entry("segment.bytes", "1048576"),
                    Map.entry("cleanup.policy", "delete"),
                    Map.entry("min.cleanable.dirty.ratio", "0.5"),
                    Map.entry("min.compaction.lag.ms", "0"),
                    Map.entry("max.compaction.lag.ms", "9223372036854775807"),
                    Map.entry("delete.retention.ms", "86400000"));

    private final Map<String, String> configs = new ConcurrentHashMap<>();
    volatile Durability durability = Durability.DISK;

    /** Engines after the first. */
    private final List<String> engines = new CopyOnWriteArrayList<>();

    FakeTopic with(String key, String value) {
        configs.put(key, value);
        return this;
    }

    FakeTopic with(Durability level) {
        durability = level;
        return this;
    }

    /** Begins a generation on that engine. */
    FakeTopic movesTo(String engine) {
        engines.add(engine);
        return this;
    }

    @Override
    public int generation() {
        return engines.size();
    }

    @Override
    public int firstGeneration(int partition) {
        return 0;
    }

    @Override
    public String engineOf(int generation) {
        return generation == 0 ? config("storage.engine") : engines.get(generation - 1);
    }

    @Override
    public TenantId tenant() {
        return TenantId.DEFAULT;
    }

    @Override
    public TopicId id() {
        return new TopicId(new UUID(0, 7));
    }

    @Override
    public String name() {
        return "factory";
    }

    @Override
    public boolean internal() {
        return false;
    }

    @Override
    public int partitionCount() {
        return 16;
    }

    @Override
    public @Nullable Partition partition(int index) {
        return null;
    }

    @Override
    public Durability durability() {
        return durability;
    }

    @Override
    public Map<String, String> configs() {
        return configs;
    }

    @Override
    public String config(String key) {
        String value = configs.get(key);
        if (value == null) {
            value = DEFAULTS.get(key);
        }
        if (value == null) {
            throw new IllegalArgumentException(key);
        }
        return value;
    }
}
