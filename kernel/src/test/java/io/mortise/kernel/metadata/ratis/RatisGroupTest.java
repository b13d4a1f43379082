// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.metadata.ratis;

import static io.mortise.kernel.metadata.MetadataLogSuite.await;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.kernel.metadata.DataDirectory;
import io.mortise.kernel.metadata.LocalMetadataLog;
import io.mortise.kernel.metadata.Metadata;
import io.mortise.kernel.metadata.PartitionEntry;
import io.mortise.kernel.runtime.SystemClock;
import io.mortise.kernel.runtime.VirtualThreadScheduler;
import io.mortise.kernel.topic.BrokerTopic;
import io.mortise.kernel.topic.BrokerTopics;
import io.mortise.kernel.topic.PartitionHost;
import io.mortise.kernel.topic.TopicPolicy;
import io.mortise.spi.Durability;
import io.mortise.spi.Reason;
import io.mortise.spi.RefusedException;
import io.mortise.spi.TenantId;
import io.mortise.spi.broker.Topic;
import io.mortise.spi.broker.Topics.TopicSpec;
import io.mortise.spi.testing.VolatileFileLayer;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/** Three nodes in one JVM. */
final class RatisGroupTest {
    private static final String CLUSTER = DataDirectory.newClusterId(new Random(7));

    @TempDir Path folder;

    private final VirtualThreadScheduler scheduler = new VirtualThreadScheduler("group-test");
    private final List<RatisSettings.Peer> peers = new ArrayList<>();
    private final Node[] nodes = new Node[3];

    private static final class Node implements PartitionHost {
        final RatisMetadataLog log;
        final Metadata metadata;
        final BrokerTopics topics;

        Node(RatisMetadataLog log, Metadata metadata, int id) {
            this.log = log;
            this.metadata = metadata;
            this.topics =
                    new BrokerTopics(
                            metadata,
                            TopicPolicy.DEFAULT,
                            () -> Map.of("segment", EnumSet.allOf(Durability.class)),
                            this,
                            id,
                            new Random());
        }

        @Override
        public CompletionStage<Void> open(BrokerTopic topic, PartitionEntry partition) {
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public void assigned(BrokerTopic topic, PartitionEntry partition) {}

        @Override
        public void reconfigured(BrokerTopic topic) {}

        @Override
        public void close(BrokerTopic topic, PartitionEntry partition) {}

        @Override
        public void delete(BrokerTopic topic, PartitionEntry partition) {}

        void close() throws IOException {
            topics.close();
            metadata.close();
        }

        boolean knows(String name) {
            return metadata.image().topic(TenantId.DEFAULT, name) != null;
        }
    }

    private void startAll(List<byte[]> seed) throws Exception {
        for (int i = 0; i < 3; i++) {
            peers.add(new RatisSettings.Peer(i, "127.0.0.1", RatisMetadataLogTest.freePort()));
        }
        List<CompletableFuture<Void>> starting = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            int id = i;
            starting.add(
                    CompletableFuture.runAsync(
                            () -> start(id, id == 0 ? seed : List.of()), scheduler::execute));
        }
        for (CompletableFuture<Void> one : starting) {
            one.get(120, TimeUnit.SECONDS);
        }
    }

    private void start(int id, List<byte[]> seed) {
        try {
            RatisMetadataLog log =
                    new RatisMetadataLog(
                            new RatisSettings(
                                    folder.resolve("raft" + id),
                                    CLUSTER,
                                    id,
                                    peers,
                                    300,
                                    600,
                                    12_000),
                            seed,
                            new Random(),
                            new SystemClock());
            nodes[id] = new Node(log, Metadata.open(log, scheduler, new Random()), id);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private void stop(int id) throws IOException {
        nodes[id].close();
        nodes[id] = null;
    }

    @AfterEach
    void closeAll() throws Exception {
        for (Node node : nodes) {
            if (node != null) {
                node.close();
            }
        }
        scheduler.close();
    }

    private static CompletionStage<Topic> create(Node node, String name) {
        return node.topics.create(new TopicSpec(TenantId.DEFAULT, name, 1, Map.of(), false));
    }

    private int leader() throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (System.nanoTime() < deadline) {
            for (int i = 0; i < nodes.length; i++) {
                if (nodes[i] != null && nodes[i].log.leads()) {
                    return i;
                }
            }
            Thread.sleep(20);
        }
        throw new AssertionError("no leader");
    }

    private static void poll(BooleanSupplier condition) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            Thread.sleep(10);
        }
    }

    @Test
    void keepsItsStateWhenTheLeaderIsClosed() throws Exception {
        startAll(List.of());
        for (int i = 0; i < 3; i++) {
            await(create(nodes[i], "by-" + i));
        }
        int leader = leader();
        nodes[leader].metadata.snapshot();
        assertThat(snapshots(leader)).isNotEmpty();
        stop(leader);
        Node survivor = nodes[(leader + 1) % 3];
        await(create(survivor, "after"));
        for (Node node : nodes) {
            if (node != null) {
                poll(() -> node.knows("after"));
                assertThat(node.knows("by-0") && node.knows("by-1") && node.knows("by-2")).isTrue();
            }
        }
        start(leader, List.of());
        Node back = nodes[leader];
        poll(() -> back.knows("after"));
        assertThat(back.knows("by-2")).isTrue();
        assertThat(back.metadata.image().version()).isEqualTo(survivor.metadata.image().version());
    }

    /**
     * RATIS-2523: in an idle group such a follower never caught up in earlier versions. With 3.3.0
     * it does, after seconds in which the leader sends it the same entries again and again.
     */
    @Test
    @EnabledIfSystemProperty(named = "mortise.deep", matches = "true")
    void aFollowerThatLostItsDiskCatchesUp() throws Exception {
        startAll(List.of());
        for (int i = 0; i < 20; i++) {
            await(create(nodes[0], "t" + i));
        }
        int leader = leader();
        nodes[leader].metadata.snapshot();
        assertThat(snapshots(leader)).isNotEmpty();
        int follower = (leader + 1) % 3;
        stop(follower);
        try (Stream<Path> files = Files.walk(folder.resolve("raft" + follower))) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
        start(follower, List.of());
        Node back = nodes[follower];
        poll(() -> back.knows("t19"));
        await(create(back, "after"));
        assertThat(back.metadata.image().topics().size()).isEqualTo(21);
    }

    private List<Path> snapshots(int id) throws IOException {
        try (Stream<Path> files = Files.walk(folder.resolve("raft" + id))) {
            return files.filter(it -> it.getFileName().toString().startsWith("snapshot.")).toList();
        }
    }

    @Test
    void nodesThatDecideAtOnceAgree() throws Exception {
        startAll(List.of());
        List<CompletionStage<Topic>> uses = new ArrayList<>();
        for (int round = 0; round < 10; round++) {
            for (Node node : nodes) {
                uses.add(node.topics.createAutomatically(TenantId.DEFAULT, "t" + round));
            }
        }
        for (int i = 0; i < uses.size(); i += 3) {
            Topic topic = await(uses.get(i));
            assertThat(await(uses.get(i + 1)).id()).isEqualTo(topic.id());
            assertThat(await(uses.get(i + 2)).id()).isEqualTo(topic.id());
        }
        long block = await(nodes[0].metadata.allocateProducerIds()).first();
        assertThat(await(nodes[1].metadata.allocateProducerIds()).first()).isNotEqualTo(block);
    }

    @Test
    void withoutAMajorityReadsGoOnAndChangesAreRefused() throws Exception {
        startAll(List.of());
        await(create(nodes[0], "known"));
        stop(1);
        stop(2);
        assertThatThrownBy(() -> await(create(nodes[0], "unknown")))
                .cause()
                .isInstanceOfSatisfying(
                        RefusedException.class,
                        e ->
                                assertThat(e.refusal().reason())
                                        .isEqualTo(Reason.METADATA_UNAVAILABLE));
        assertThat(nodes[0].topics.find(TenantId.DEFAULT, "known")).isNotNull();
        start(1, List.of());
        Metadata back = nodes[0].metadata;
        poll(() -> changes(back));
    }

    private static boolean changes(Metadata metadata) {
        try {
            await(metadata.allocateProducerIds());
            return true;
        } catch (Exception refused) {
            return false;
        }
    }

    @Test
    void aSingleNodeBecomesACluster() throws Exception {
        VolatileFileLayer files = new VolatileFileLayer(3);
        LocalMetadataLog local = new LocalMetadataLog(files, "metadata", 1 << 20);
        List<byte[]> seed;
        try (Metadata alone = Metadata.open(local, scheduler, new Random(1))) {
            await(alone.nameCluster(CLUSTER));
            await(alone.allocateProducerIds());
            Node single = new Node(null, alone, 0);
            await(create(single, "from-before"));
            single.topics.close();
            seed = alone.snapshotChunks();
        }
        startAll(seed);
        for (Node node : nodes) {
            assertThat(node.knows("from-before")).isTrue();
            assertThat(node.metadata.image().clusterId()).isEqualTo(CLUSTER);
        }
        assertThat(await(nodes[2].metadata.allocateProducerIds()).first()).isEqualTo(1_000);
        stop(0);
        start(0, seed);
        assertThat(nodes[0].metadata.image().nextProducerId()).isEqualTo(2_000);
    }
}
