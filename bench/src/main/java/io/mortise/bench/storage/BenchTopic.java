// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.bench.storage;

import io.mortise.kernel.topic.TopicPolicy;
import io.mortise.spi.Durability;
import io.mortise.spi.TenantId;
import io.mortise.spi.TopicId;
import io.mortise.spi.broker.Partition;
import io.mortise.spi.broker.Topic;

import org.jspecify.annotations.Nullable;

import java.util.Map;

/** A topic with the broker's default configs, but for engine and durability. */
record BenchTopic(TopicId id, String engine, Durability durability) implements Topic {
    @Override
    public TenantId tenant() {
        return TenantId.DEFAULT;
    }

    @Override
    public String name() {
        return "bench-" + id;
    }

    @Override
    public boolean internal() {
        return false;
    }

    @Override
    public int partitionCount() {
        return 1;
    }

    @Override
    public @Nullable Partition partition(int index) {
        return null;
    }

    @Override
    public Map<String, String> configs() {
        return Map.of("storage.engine", engine, "durability", durability.name());
    }

    @Override
    public String config(String key) {
        String own = configs().get(key);
        return own == null ? TopicPolicy.builtIn(key) : own;
    }
}
