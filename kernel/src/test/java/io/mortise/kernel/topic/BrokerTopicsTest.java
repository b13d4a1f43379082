// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.topic;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.kernel.metadata.LocalMetadataLog;
import io.mortise.kernel.metadata.Metadata;
import io.mortise.kernel.runtime.VirtualThreadScheduler;
import io.mortise.spi.Durability;
import io.mortise.spi.Reason;
import io.mortise.spi.Refusal;
import io.mortise.spi.RefusedException;
import io.mortise.spi.TenantId;
import io.mortise.spi.TopicId;
import io.mortise.spi.broker.Topic;
import io.mortise.spi.broker.Topics.ConfigKey;
import io.mortise.spi.broker.Topics.TopicListener;
import io.mortise.spi.broker.Topics.TopicSpec;
import io.mortise.spi.testing.VolatileFileLayer;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

final class BrokerTopicsTest {
    private static final TenantId TENANT = TenantId.DEFAULT;
    private static final Map<String, Set<Durability>> ENGINES =
            Map.of(
                    "segment", EnumSet.of(Durability.MEMORY, Durability.OS, Durability.DISK),
                    "memory", EnumSet.of(Durability.NONE, Durability.MEMORY));

    private final VolatileFileLayer files = new VolatileFileLayer(5);
    private final VirtualThreadScheduler scheduler = new VirtualThreadScheduler("topics-test");
    private RecordingHost host = new RecordingHost();
    private long seed;
    private Metadata metadata;
    private BrokerTopics topics;

    @BeforeEach
    void open() throws Exception {
        open(new TopicPolicy(2, Map.of("retention.ms", "1000"), true, 3));
    }

    private void open(TopicPolicy policy) throws Exception {
        host = new RecordingHost();
        metadata =
                Metadata.open(
                        new LocalMetadataLog(files, "metadata", 1 << 20), scheduler, new Random(3));
        topics = new BrokerTopics(metadata, policy, () -> ENGINES, host, 7, new Random(++seed));
    }

    @AfterEach
    void close() throws Exception {
        topics.close();
        metadata.close();
        scheduler.close();
    }

    @Test
    void createsWithDefaults() throws Exception {
        Topic topic = await(topics.create(spec("factory", -1, Map.of())));
        assertThat(topic.partitionCount()).isEqualTo(2);
        assertThat(topic.durability()).isEqualTo(Durability.DISK);
        assertThat(topic.configs()).isEmpty();
        assertThat(topic.config("retention.ms")).isEqualTo("1000");
        assertThat(topic.config("storage.engine")).isEqualTo("segment");
        assertThat(topics.find(TENANT, "factory")).isSameAs(topic);
        assertThat(topics.find(topic.id())).isSameAs(topic);
        assertThat(topics.all(TENANT)).containsExactly(topic);
        assertThat(host.told).containsExactly("open factory-0 epoch 0", "open factory-1 epoch 0");
        assertThat(topic.id().uuid().version()).isEqualTo(4);
    }

    @Test
    void idsAreNotDrawnOnTheCallersThread() throws Exception {
        Thread caller = Thread.currentThread();
        List<Thread> drawn = new CopyOnWriteArrayList<>();
        topics.close();
        TopicPolicy policy = new TopicPolicy(1, Map.of(), true, 3);
        topics =
                new BrokerTopics(
                        metadata,
                        policy,
                        () -> ENGINES,
                        host,
                        7,
                        () -> {
                            drawn.add(Thread.currentThread());
                            return drawn.size();
                        });
        await(topics.validate(spec("asked", 1, Map.of())));
        assertThat(drawn).isEmpty();
        await(topics.create(spec("made", 1, Map.of())));
        await(topics.createAutomatically(TENANT, "used"));
        assertThat(drawn).hasSize(4).doesNotContain(caller);
    }

    @Test
    void opensThePartitionsAgainAfterARestart() throws Exception {
        Topic before = await(topics.create(spec("factory", 3, Map.of("durability", "os"))));
        topics.close();
        metadata.close();
        open();
        BrokerTopic after = topics.find(TENANT, "factory");
        assertThat(after).isNotNull();
        assertThat(after.id()).isEqualTo(before.id());
        assertThat(after.durability()).isEqualTo(Durability.OS);
        assertThat(after.configs()).containsExactly(Map.entry("durability", "OS"));
        assertThat(host.told).hasSize(3);
        assertThat(after.logId(2).shard()).isEqualTo(Shards.of(before.id(), 2));
    }

    @Test
    void creationWaitsForItsPartitions() throws Exception {
        host.opening = new CompletableFuture<>();
        CompletionStage<Topic> creation = topics.create(spec("slow", 1, Map.of()));
        poll(() -> !host.told.isEmpty());
        assertThat(creation.toCompletableFuture()).isNotDone();
        host.opening.completeExceptionally(new RefusedException(Reason.STORAGE_UNAVAILABLE, "no"));
        assertThat(await(creation).partition(0)).isNull();
    }

    @Test
    void refusesNames() {
        refused(topics.create(spec("", 1, Map.of())), Reason.INVALID_TOPIC_NAME, "1 to 249");
        refused(topics.create(spec("a b", 1, Map.of())), Reason.INVALID_TOPIC_NAME, "'a b'");
        refused(topics.create(spec("..", 1, Map.of())), Reason.INVALID_TOPIC_NAME, "'..'");
        refused(
                topics.create(spec("x".repeat(250), 1, Map.of())),
                Reason.INVALID_TOPIC_NAME,
                "249");
        refused(
                topics.create(spec("__consumer_offsets", 1, Map.of())),
                Reason.INVALID_TOPIC_NAME,
                "reserved");
    }

    @Test
    void refusesCollidingNamesUntilTheOtherIsGone() throws Exception {
        Topic first = await(topics.create(spec("a.b", 1, Map.of())));
        refused(
                topics.create(spec("a_b", 1, Map.of())),
                Reason.INVALID_TOPIC_NAME,
                "collides with 'a.b'");
        refused(topics.create(spec("a.b", 1, Map.of())), Reason.TOPIC_EXISTS, "'a.b'");
        await(topics.delete(first.id()));
        await(topics.create(spec("a_b", 1, Map.of())));
        assertThat(topics.find(TENANT, "a.b")).isNull();
        assertThat(host.told).contains("delete a.b-0");
    }

    @Test
    void listsAreKeptInOneOrder() {
        assertThat(TopicConfigKey.CLEANUP_POLICY.checked(" Compact ,delete"))
                .isEqualTo("delete,compact");
        assertThat(TopicConfigKey.CLEANUP_POLICY.checked("compact")).isEqualTo("compact");
    }

    @Test
    void refusesConfigsNamingKeyValueAndWhatIsAllowed() {
        refusedConfig(
                Map.of("cleanup.policy", "compact, tidy"),
                "'cleanup.policy'",
                "'compact, tidy'",
                "allowed: one or more of delete, compact");
        refusedConfig(Map.of("cleanup.policy", ""), "'cleanup.policy'", "''");
        refusedConfig(
                Map.of("min.cleanable.dirty.ratio", "1.5"),
                "'min.cleanable.dirty.ratio'",
                "'1.5'",
                "numbers from 0 to 1");
        refusedConfig(
                Map.of("min.compaction.lag.ms", "2", "max.compaction.lag.ms", "1"),
                "'min.compaction.lag.ms'",
                "'2'",
                "at most max.compaction.lag.ms, which is 1");
        refusedConfig(Map.of("retention.ms", "-2"), "'retention.ms'", "'-2'", "from -1");
        refusedConfig(Map.of("retention.ms", "soon"), "'retention.ms'", "'soon'", "whole numbers");
        refusedConfig(
                Map.of("min.insync.replicas", "2"), "'min.insync.replicas'", "'2'", "allowed: 1");
        refusedConfig(
                Map.of("durability", "QUORUM"),
                "'durability'",
                "'QUORUM'",
                "allowed: DISK, OS, MEMORY");
        refusedConfig(
                Map.of("segment.bytes", "1"), "'segment.bytes'", "'1'", "1048576 to 1073741824");
        refusedConfig(Map.of("colour", "red"), "'colour'", "retention.ms");
        refusedConfig(
                Map.of("storage.engine", "tape"), "'storage.engine'", "'tape'", "memory, segment");
        refusedConfig(
                Map.of("storage.engine", "memory"),
                "'durability'",
                "'DISK'",
                "'memory' can give: MEMORY, NONE");
    }

    private void refusedConfig(Map<String, String> configs, String... words) {
        Refusal refusal = refusal(topics.validate(spec("t", 1, configs)));
        assertThat(refusal.reason()).isEqualTo(Reason.INVALID_CONFIG);
        assertThat(refusal.message()).contains(words);
        assertThat(refusal(topics.create(spec("t", 1, configs)))).isEqualTo(refusal);
    }

    @Test
    void altersConfigsAllOrNothing() throws Exception {
        Topic topic = await(topics.create(spec("t", 1, Map.of("retention.bytes", "5"))));
        Map<String, @Nullable String> changes = new HashMap<>();
        changes.put("retention.ms", "77");
        changes.put("retention.bytes", null);
        await(topics.alterConfig(topic.id(), changes));
        assertThat(topic.configs()).containsExactly(Map.entry("retention.ms", "77"));
        assertThat(topic.config("retention.bytes")).isEqualTo("-1");
        assertThat(host.told).contains("reconfigured t 77");
        refused(
                topics.alterConfig(topic.id(), Map.of("retention.ms", "1", "durability", "NONE")),
                Reason.INVALID_CONFIG,
                "allowed: DISK, OS, MEMORY");
        refused(
                topics.alterConfig(topic.id(), Map.of("storage.engine", "memory")),
                Reason.INVALID_CONFIG,
                "what the storage engine 'memory' can give");
        assertThat(topic.config("retention.ms")).isEqualTo("77");
    }

    @Test
    void eachChangeOfTheEngineBeginsAGeneration() throws Exception {
        BrokerTopic topic = (BrokerTopic) await(topics.create(spec("t", 2, Map.of())));
        assertThat(topic.generation()).isZero();
        var memory = Map.of("storage.engine", "memory", "durability", "MEMORY");
        await(topics.alterConfig(topic.id(), new HashMap<>(memory)));
        await(topics.alterConfig(topic.id(), Map.of("retention.ms", "5")));
        assertThat(topic.generation()).isEqualTo(1);
        assertThat(topic.config("storage.engine")).isEqualTo("memory");
        await(topics.addPartitions(topic.id(), 3));
        Map<String, @Nullable String> back = new HashMap<>();
        back.put("storage.engine", null);
        await(topics.alterConfig(topic.id(), back));
        close();
        open(new TopicPolicy(2, Map.of("storage.engine", "memory"), true, 3));
        topic = topics.find(TENANT, "t");
        assertThat(topic).isNotNull();
        assertThat(topic.generation()).isEqualTo(2);
        assertThat(topic.engineOf(1)).isEqualTo("memory");
        assertThat(topic.firstGeneration(1)).isZero();
        assertThat(topic.firstGeneration(2)).isEqualTo(1);
        // A default is asked for when a topic is created or changed, not when it is opened.
        assertThat(topic.config("storage.engine")).isEqualTo("segment");
    }

    @Test
    void addsPartitionsAndNeverTakesOneAway() throws Exception {
        Topic topic = await(topics.create(spec("t", 2, Map.of())));
        await(topics.addPartitions(topic.id(), 4));
        assertThat(topic.partitionCount()).isEqualTo(4);
        assertThat(host.told).endsWith("open t-2 epoch 0", "open t-3 epoch 0");
        refused(topics.addPartitions(topic.id(), 3), Reason.INVALID_REQUEST, "never shrinks");
        refused(topics.addPartitions(topic.id(), 20_000), Reason.INVALID_REQUEST, "1 to 10000");
    }

    @Test
    void concurrentUsersShareOneCreation() throws Exception {
        List<CompletionStage<Topic>> uses = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            uses.add(topics.createAutomatically(TENANT, "used"));
        }
        Topic first = await(uses.getFirst());
        for (CompletionStage<Topic> use : uses) {
            assertThat(await(use)).isSameAs(first);
        }
        assertThat(await(topics.createAutomatically(TENANT, "used"))).isSameAs(first);
    }

    @Test
    void boundsTopicsCreatedByUseAcrossRestarts() throws Exception {
        for (String name : List.of("a", "b", "c")) {
            await(topics.createAutomatically(TENANT, name));
        }
        refused(
                topics.createAutomatically(TENANT, "d"),
                Reason.QUOTA_EXCEEDED,
                "topics.autoCreate.limit is 3");
        topics.close();
        metadata.close();
        open();
        refused(
                topics.createAutomatically(TENANT, "d"),
                Reason.QUOTA_EXCEEDED,
                "tenant default has 3");
        await(topics.create(spec("explicit", 1, Map.of())));
        await(topics.createAutomatically(TENANT, "mqtt"));
        await(topics.createAutomatically(new TenantId("other"), "d"));
        await(topics.delete(topics.find(TENANT, "a").id()));
        await(topics.delete(topics.find(TENANT, "mqtt").id()));
        await(topics.createAutomatically(TENANT, "d"));
    }

    @Test
    void createsNothingByUseWhereThatIsOff() throws Exception {
        topics.close();
        metadata.close();
        open(new TopicPolicy(1, Map.of(), false, 10));
        refused(
                topics.createAutomatically(TENANT, "d"),
                Reason.UNKNOWN_TOPIC,
                "topics.autoCreate.enabled");
    }

    @Test
    void tellsListenersInOrder() throws Exception {
        Topic old = await(topics.create(spec("old", 1, Map.of())));
        List<String> heard = Collections.synchronizedList(new ArrayList<>());
        TopicListener listener =
                new TopicListener() {
                    @Override
                    public void changed(Topic topic) {
                        heard.add("changed " + topic.name() + " " + topic.partitionCount());
                    }

                    @Override
                    public void deleted(Topic topic) {
                        heard.add("deleted " + topic.name());
                    }
                };
        var registration = topics.onChange(Runnable::run, listener);
        Topic fresh = await(topics.create(spec("new", 1, Map.of())));
        await(topics.addPartitions(fresh.id(), 2));
        await(topics.delete(old.id()));
        registration.close();
        await(topics.delete(fresh.id()));
        assertThat(heard)
                .containsExactly("changed old 1", "changed new 1", "changed new 2", "deleted old");
    }

    /** A change costs the same among few topics and many, and a restart finds them all. */
    @Test
    void holdsManyTopics() throws Exception {
        int count = Boolean.getBoolean("mortise.deep") ? 100_000 : 5_000;
        List<CompletionStage<Topic>> creations = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            creations.add(topics.create(spec("t-" + i, 2, Map.of())));
            if (creations.size() == 5_000) {
                creations.forEach(BrokerTopicsTest::await);
                creations.clear();
            }
        }
        creations.forEach(BrokerTopicsTest::await);
        topics.close();
        metadata.close();
        open();
        assertThat(topics.all(TENANT)).hasSize(count);
        assertThat(topics.find(TENANT, "t-" + (count - 1)).partitionCount()).isEqualTo(2);
    }

    @Test
    void tellsTheHostOfANewEpoch() throws Exception {
        Topic topic = await(topics.create(spec("t", 2, Map.of())));
        await(metadata.nextLeaderEpoch(topic.id(), 1));
        assertThat(host.told).endsWith("assigned t-1 epoch 1");
    }

    @Test
    void everyKeyHasADefaultThatIsAllowed() {
        for (ConfigKey key : topics.configKeys()) {
            assertThat(TopicConfigKey.of(key.name()).checked(key.defaultValue()))
                    .isEqualTo(key.defaultValue());
        }
        assertThat(topics.configKeys())
                .extracting(ConfigKey::name)
                .contains("durability", "storage.engine");
    }

    @Test
    void shardsAreFixedAndSpread() {
        var id = new TopicId(new UUID(1, 2));
        Integer[] seen = new Integer[Shards.COUNT];
        Arrays.fill(seen, 0);
        for (int i = 0; i < 1_600; i++) {
            seen[Shards.of(id, i)]++;
        }
        assertThat(seen).allMatch(count -> count > 50);
        assertThat(Shards.of(id, 0)).isEqualTo(Shards.of(id, 0));
    }

    private static TopicSpec spec(String name, int partitions, Map<String, String> configs) {
        return new TopicSpec(TENANT, name, partitions, configs, false);
    }

    private static void refused(CompletionStage<?> stage, Reason reason, String words) {
        Refusal refusal = refusal(stage);
        assertThat(refusal.reason()).isEqualTo(reason);
        assertThat(refusal.message()).contains(words);
    }

    private static Refusal refusal(CompletionStage<?> stage) {
        try {
            await(stage);
        } catch (CompletionException e) {
            if (e.getCause() instanceof RefusedException refused) {
                return refused.refusal();
            }
            throw e;
        }
        throw new AssertionError("not refused");
    }

    private static <T> T await(CompletionStage<T> stage) {
        return stage.toCompletableFuture().orTimeout(30, TimeUnit.SECONDS).join();
    }

    private static void poll(BooleanSupplier condition) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            Thread.sleep(1);
        }
    }
}
