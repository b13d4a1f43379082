// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.topic;

import io.mortise.kernel.metadata.Metadata;
import io.mortise.kernel.metadata.Metadata.Decision;
import io.mortise.kernel.metadata.MetadataImage;
import io.mortise.kernel.metadata.MetadataRecord;
import io.mortise.kernel.metadata.MetadataRecord.GenerationPut;
import io.mortise.kernel.metadata.MetadataRecord.PartitionPut;
import io.mortise.kernel.metadata.MetadataRecord.TopicConfigured;
import io.mortise.kernel.metadata.MetadataRecord.TopicCreated;
import io.mortise.kernel.metadata.MetadataRecord.TopicDeleted;
import io.mortise.kernel.metadata.PartitionEntry;
import io.mortise.kernel.metadata.TopicEntry;
import io.mortise.spi.Reason;
import io.mortise.spi.RefusedException;
import io.mortise.spi.Registration;
import io.mortise.spi.TenantId;
import io.mortise.spi.TopicId;
import io.mortise.spi.broker.Topic;
import io.mortise.spi.broker.Topics;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;

/** The topics of this broker: objects that follow the metadata, and the commands that change it. */
public final class BrokerTopics implements Topics, AutoCloseable {
    /** Of a topic that is only asked about. */
    private static final TopicId NO_ID = new TopicId(new UUID(0, 0));

    private record Key(TenantId tenant, String name) {}

    private final Metadata metadata;
    private final TopicPolicy policy;
    private final TopicDecisions decisions;
    private final PartitionHost host;
    private final int nodeId;
    private final RandomGenerator random;
    private final TopicListeners listeners = new TopicListeners();
    private final Map<TenantId, Map<String, BrokerTopic>> byName = new ConcurrentHashMap<>();
    private final Map<TopicId, BrokerTopic> byId = new ConcurrentHashMap<>();
    private final Map<Key, CompletableFuture<Topic>> creating = new ConcurrentHashMap<>();
    private final Registration following;

    /**
     * Follows {@code metadata} from now on; {@code host} is told at once of every partition that
     * this node leads.
     *
     * @param nodeId of this node
     * @param random for topic ids
     */
    public BrokerTopics(
            Metadata metadata,
            TopicPolicy policy,
            EngineCatalog engines,
            PartitionHost host,
            int nodeId,
            RandomGenerator random) {
        this.metadata = metadata;
        this.policy = policy;
        this.decisions = new TopicDecisions(policy, engines, nodeId);
        this.host = host;
        this.nodeId = nodeId;
        this.random = random;
        this.following = metadata.onChange(this::follow);
    }

    @Override
    public @Nullable BrokerTopic find(TenantId tenant, String name) {
        Map<String, BrokerTopic> topics = byName.get(tenant);
        return topics == null ? null : topics.get(name);
    }

    @Override
    public @Nullable BrokerTopic find(TopicId id) {
        return byId.get(id);
    }

    @Override
    public Collection<Topic> all(TenantId tenant) {
        return List.copyOf(byName.getOrDefault(tenant, Map.of()).values());
    }

    @Override
    public CompletionStage<Topic> create(TopicSpec spec) {
        return opened(image -> decisions.create(image, newId(), spec));
    }

    @Override
    public CompletionStage<Void> validate(TopicSpec spec) {
        try {
            decisions.create(metadata.image(), NO_ID, spec);
            return CompletableFuture.completedFuture(null);
        } catch (RefusedException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    @Override
    public CompletionStage<Topic> createAutomatically(TenantId tenant, String name) {
        Key key = new Key(tenant, name);
        CompletableFuture<Topic> mine = new CompletableFuture<>();
        CompletableFuture<Topic> other = creating.putIfAbsent(key, mine);
        if (other != null) {
            return other;
        }
        opened(image -> decisions.createAutomatically(image, newId(), tenant, name))
                .whenComplete(
                        (topic, failure) -> {
                            creating.remove(key, mine);
                            settle(mine, topic, failure);
                        });
        return mine;
    }

    private static void settle(
            CompletableFuture<Topic> future, @Nullable Topic topic, @Nullable Throwable failure) {
        if (topic != null) {
            future.complete(topic);
        } else if (failure != null) {
            future.completeExceptionally(failure.getCause() == null ? failure : failure.getCause());
        }
    }

    @Override
    public CompletionStage<Void> delete(TopicId id) {
        return metadata.change(image -> decisions.delete(image, id)).thenAccept(_ -> {});
    }

    @Override
    public CompletionStage<Void> addPartitions(TopicId id, int total) {
        return opened(image -> decisions.addPartitions(image, id, total)).thenAccept(_ -> {});
    }

    @Override
    public CompletionStage<Void> alterConfig(TopicId id, Map<String, @Nullable String> changes) {
        Map<String, @Nullable String> copy = new HashMap<>(changes);
        return metadata.change(image -> decisions.alterConfig(image, id, copy)).thenAccept(_ -> {});
    }

    @Override
    public List<ConfigKey> configKeys() {
        TopicConfigs defaults = new TopicConfigs(Map.of(), policy.defaults());
        return Arrays.stream(TopicConfigKey.values())
                .map(key -> key.described(defaults.inForce(key)))
                .toList();
    }

    @Override
    public Registration onChange(Executor executor, TopicListener listener) {
        return listeners.add(executor, listener, byId.values());
    }

    /** Runs a command, then waits until the partitions that this node leads serve. */
    private CompletionStage<Topic> opened(Decision<TopicId> decision) {
        return metadata.change(decision).thenCompose(this::opened);
    }

    private CompletionStage<Topic> opened(TopicId id) {
        BrokerTopic topic = byId.get(id);
        if (topic == null) {
            return CompletableFuture.failedFuture(
                    new RefusedException(
                            Reason.UNKNOWN_TOPIC, "topic " + id + " was deleted meanwhile"));
        }
        return topic.opened().thenApply(_ -> topic);
    }

    /**
     * Only where a command is decided, which is on no event loop: the machine's randomness may make
     * its caller wait. A command that is decided again draws again; of the first id nothing is
     * left.
     */
    private TopicId newId() {
        // As a random UUID (RFC 9562, 5.4): clients of Kafka treat some others as reserved.
        long most = (random.nextLong() & ~0xF000L) | 0x4000L;
        long least = (random.nextLong() & 0x3FFF_FFFF_FFFF_FFFFL) | 0x8000_0000_0000_0000L;
        return new TopicId(new UUID(most, least));
    }

    // ---- following the metadata, on its thread

    private void follow(MetadataImage before, MetadataImage after, List<MetadataRecord> records) {
        Set<TopicId> touched = new LinkedHashSet<>();
        for (MetadataRecord record : records) {
            switch (record) {
                case TopicCreated it -> touched.add(new TopicId(it.id()));
                case TopicConfigured it -> touched.add(new TopicId(it.id()));
                case GenerationPut it -> touched.add(new TopicId(it.topic()));
                case PartitionPut it -> touched.add(new TopicId(it.topic()));
                case TopicDeleted it -> touched.add(new TopicId(it.id()));
                default -> {} // not about topics
            }
        }
        touched.forEach(id -> follow(id, after.topic(id)));
    }

    private void follow(TopicId id, @Nullable TopicEntry entry) {
        BrokerTopic topic = byId.get(id);
        if (entry == null) {
            if (topic != null) {
                deleted(topic);
            }
        } else if (topic == null) {
            created(entry);
        } else {
            changed(topic, entry);
        }
    }

    private void created(TopicEntry entry) {
        BrokerTopic topic = new BrokerTopic(entry, policy.defaults(), this::announce);
        byName.computeIfAbsent(entry.tenant(), _ -> new ConcurrentHashMap<>())
                .put(entry.name(), topic);
        entry.partitions().stream().filter(this::mine).forEach(it -> open(topic, it));
        listeners.add(topic, () -> byId.put(entry.id(), topic));
    }

    /**
     * A partition began or ended to serve: of no interest before the topic is known or after it is
     * gone.
     */
    private void announce(BrokerTopic topic) {
        listeners.changed(topic, () -> byId.get(topic.id()) == topic);
    }

    private void open(BrokerTopic topic, PartitionEntry partition) {
        topic.opening(host.open(topic, partition));
    }

    private void changed(BrokerTopic topic, TopicEntry entry) {
        List<PartitionEntry> before = topic.entry().partitions();
        if (topic.follow(entry)) {
            host.reconfigured(topic);
        }
        for (PartitionEntry now : entry.partitions()) {
            PartitionEntry old =
                    now.partition() < before.size() ? before.get(now.partition()) : null;
            moved(topic, old, now);
        }
        listeners.changed(topic);
    }

    private void moved(BrokerTopic topic, @Nullable PartitionEntry old, PartitionEntry now) {
        boolean wasMine = old != null && mine(old);
        if (mine(now) && !wasMine) {
            open(topic, now);
        } else if (wasMine && !mine(now)) {
            host.close(topic, now);
        } else if (wasMine && !now.equals(old)) {
            host.assigned(topic, now);
        }
    }

    private void deleted(BrokerTopic topic) {
        Map<String, BrokerTopic> names = byName.getOrDefault(topic.tenant(), Map.of());
        names.remove(topic.name(), topic);
        listeners.remove(topic, () -> byId.remove(topic.id()));
        for (PartitionEntry partition : topic.entry().partitions()) {
            if (mine(partition)) {
                host.delete(topic, partition);
            }
        }
    }

    private boolean mine(PartitionEntry partition) {
        return partition.leader() == nodeId;
    }

    /** All topics of all tenants. */
    public Collection<BrokerTopic> all() {
        return new ArrayList<>(byId.values());
    }

    @Override
    public void close() {
        following.close();
    }
}
