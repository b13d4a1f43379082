// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.topic;

import io.mortise.kernel.metadata.GenerationEntry;
import io.mortise.kernel.metadata.PartitionEntry;
import io.mortise.kernel.metadata.TopicEntry;
import io.mortise.spi.Durability;
import io.mortise.spi.LogId;
import io.mortise.spi.TenantId;
import io.mortise.spi.TopicId;
import io.mortise.spi.broker.Partition;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/** A topic that follows its entry in the metadata. Reads take no lock. */
public final class BrokerTopic implements GenerationalTopic {
    private final TopicId id;
    private final TenantId tenant;
    private final String name;
    private final boolean internal;
    private final Map<String, String> defaults;
    private final Consumer<BrokerTopic> announce;
    private volatile TopicEntry entry;
    private volatile TopicConfigs configs;
    private volatile TopicSettings settings;
    private volatile @Nullable Partition[] led = new Partition[0];
    private volatile CompletableFuture<Void> opened = CompletableFuture.completedFuture(null);

    BrokerTopic(TopicEntry entry, Map<String, String> defaults, Consumer<BrokerTopic> announce) {
        this.id = entry.id();
        this.tenant = entry.tenant();
        this.name = entry.name();
        this.internal = entry.internal();
        this.defaults = defaults;
        this.announce = announce;
        this.entry = entry;
        this.configs = new TopicConfigs(entry.configs(), defaults);
        this.settings = TopicSettings.parse(configs);
    }

    @Override
    public TenantId tenant() {
        return tenant;
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

    /** Whether it was created because someone used it. */
    public boolean autoCreated() {
        return entry.autoCreated();
    }

    @Override
    public int partitionCount() {
        return entry.partitions().size();
    }

    @Override
    public @Nullable Partition partition(int index) {
        Partition[] now = led;
        if (index >= 0 && index < now.length) {
            return now[index];
        }
        Objects.checkIndex(index, partitionCount());
        return null;
    }

    @Override
    public Durability durability() {
        return settings.durability();
    }

    @Override
    public Map<String, String> configs() {
        return configs.own();
    }

    /** The storage engine is the one that the topic has: a default is asked for at creation. */
    @Override
    public String config(String key) {
        TopicConfigKey known = TopicConfigKey.of(key);
        return known == TopicConfigKey.STORAGE_ENGINE
                ? engineOf(generation())
                : configs.inForce(known);
    }

    @Override
    public int generation() {
        return Math.max(0, entry.generations().size() - 1);
    }

    @Override
    public int firstGeneration(int partition) {
        List<GenerationEntry> all = entry.generations();
        int first = generation();
        while (first > 0 && all.get(first).partitions() > partition) {
            first--;
        }
        return first;
    }

    @Override
    public String engineOf(int generation) {
        List<GenerationEntry> all = entry.generations();
        return all.isEmpty()
                ? configs.inForce(TopicConfigKey.STORAGE_ENGINE)
                : all.get(generation).engine();
    }

    /** The configs in force, parsed. */
    public TopicSettings settings() {
        return settings;
    }

    /** The row of the partition map. */
    public PartitionEntry assignment(int index) {
        return entry.partitions().get(index);
    }

    /** Names the log of a partition. */
    public LogId logId(int index) {
        return new LogId(tenant, id, index, assignment(index).shard());
    }

    /**
     * This node leads the partition and serves it; listeners are told that the topic changed. For
     * the partition host.
     */
    public void lead(int index, Partition partition) {
        set(index, partition);
        announce.accept(this);
    }

    /** This node leads the partition no more, or its log failed. For the partition host. */
    public void unlead(int index) {
        set(index, null);
        announce.accept(this);
    }

    private synchronized void set(int index, @Nullable Partition partition) {
        Partition[] changed = Arrays.copyOf(led, Math.max(led.length, index + 1));
        changed[index] = partition;
        led = changed;
    }

    /** Whether the settings changed. */
    boolean follow(TopicEntry changed) {
        boolean sameEngine = entry.generations().equals(changed.generations());
        entry = changed;
        if (sameEngine && configs.own().equals(changed.configs())) {
            return false;
        }
        configs = new TopicConfigs(changed.configs(), defaults);
        settings = TopicSettings.parse(configs);
        return true;
    }

    TopicEntry entry() {
        return entry;
    }

    /** Remembers what creation waits for. */
    void opening(CompletionStage<Void> partition) {
        CompletableFuture<Void> settled =
                partition.handle((Void _, Throwable _) -> (Void) null).toCompletableFuture();
        opened = CompletableFuture.allOf(opened, settled);
    }

    /** Completes when every partition that this node leads serves, or has failed to. */
    CompletableFuture<Void> opened() {
        return opened;
    }

    @Override
    public String toString() {
        return "Topic[" + tenant + ", " + name + "]";
    }
}
