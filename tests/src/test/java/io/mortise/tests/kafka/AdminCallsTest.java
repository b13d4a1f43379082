// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.tests.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.LogDirDescription;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.ReplicaInfo;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionReplica;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** What Kafka's administration client asks of a broker about itself. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AdminCallsTest {
    private static final int VALUE_BYTES = 100_000;

    private Path data;
    private KafkaBroker broker;
    private Admin admin;

    @BeforeAll
    void start(@TempDir Path directory) throws Exception {
        data = directory;
        broker = new KafkaBroker(directory);
        admin = broker.admin();
        Map<String, String> inMemory = Map.of("storage.engine", "memory", "durability", "MEMORY");
        admin.createTopics(
                        List.of(
                                new NewTopic("kept", 2, (short) 1),
                                new NewTopic("passing", 1, (short) 1).configs(inMemory)))
                .all()
                .get();
        try (var producer = broker.producer()) {
            String value = "x".repeat(VALUE_BYTES);
            producer.send(new ProducerRecord<>("kept", 1, "k", value)).get();
            producer.send(new ProducerRecord<>("passing", 0, "k", value)).get();
        }
    }

    @AfterAll
    void stop() {
        admin.close();
        broker.close();
    }

    @Test
    void eachEngineIsALogDirectoryWithItsPartitions() throws Exception {
        Map<String, LogDirDescription> directories = directories();
        assertThat(directories).containsOnlyKeys(directory("segment"), directory("memory"));
        LogDirDescription segment = directories.get(directory("segment"));
        assertThat(segment.error()).isNull();
        assertThat(sizes(segment)).containsOnlyKeys(kept(0), kept(1));
        assertThat(sizes(segment).get(kept(0)).size()).isZero();
        assertThat(sizes(segment).get(kept(1)).size())
                .isCloseTo(VALUE_BYTES, within((long) VALUE_BYTES / 10));
        assertThat(sizes(segment).get(kept(1)).offsetLag()).isZero();
        assertThat(sizes(segment).get(kept(1)).isFuture()).isFalse();
        assertThat(segment.totalBytes().getAsLong())
                .isEqualTo(Files.getFileStore(data).getTotalSpace());
        assertThat(segment.usableBytes().getAsLong())
                .isPositive()
                .isLessThanOrEqualTo(segment.totalBytes().getAsLong());
        LogDirDescription memory = directories.get(directory("memory"));
        assertThat(sizes(memory).get(new TopicPartition("passing", 0)).size())
                .isCloseTo(VALUE_BYTES, within((long) VALUE_BYTES / 10));
        assertThat(memory.totalBytes()).as("it keeps nothing on the disk").isEmpty();
    }

    @Test
    void onlyThePartitionsThatAreAskedForAreDescribed() throws Exception {
        var replica = new TopicPartitionReplica("kept", 1, 0);
        assertThat(
                        admin.describeReplicaLogDirs(List.of(replica))
                                .all()
                                .get()
                                .get(replica)
                                .getCurrentReplicaLogDir())
                .isEqualTo(directory("segment"));
    }

    private String directory(String engine) {
        return data.toAbsolutePath().resolve("logs").resolve(engine).toString();
    }

    private Map<String, LogDirDescription> directories() throws Exception {
        int node = admin.describeCluster().nodes().get().iterator().next().id();
        return admin.describeLogDirs(List.of(node)).allDescriptions().get().get(node);
    }

    private static Map<TopicPartition, ReplicaInfo> sizes(LogDirDescription directory) {
        return directory.replicaInfos();
    }

    private static TopicPartition kept(int partition) {
        return new TopicPartition("kept", partition);
    }
}
