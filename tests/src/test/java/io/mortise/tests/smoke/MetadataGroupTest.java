// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.tests.smoke;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.kernel.broker.EmbeddedBroker;
import io.mortise.spi.TenantId;
import io.mortise.spi.broker.AckLevel;
import io.mortise.spi.broker.Partition;
import io.mortise.spi.broker.Partition.AppendResult;
import io.mortise.spi.broker.Partition.Origin;
import io.mortise.spi.broker.Topic;
import io.mortise.spi.broker.Topics.TopicSpec;
import io.mortise.spi.testing.Await;
import io.mortise.spi.testing.TestBatches;
import io.netty.buffer.Unpooled;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/**
 * A broker whose metadata moves from its own disk to a group of Apache Ratis, by configuration
 * alone.
 */
final class MetadataGroupTest {
    @TempDir Path data;

    @Test
    void aBrokerWithDataFoundsAGroup() throws Exception {
        String clusterId;
        try (EmbeddedBroker alone = start("")) {
            clusterId = alone.broker().clusterId();
            Topic topic = create(alone, "before");
            assertThat(append(topic)).isEqualTo(1);
        }
        String group =
                "metadata: {carrier: ratis, clusterId: '"
                        + clusterId
                        + "', peers: ['0@127.0.0.1:"
                        + freePort()
                        + "']}";
        for (int offset = 2; offset <= 3; offset++) {
            try (EmbeddedBroker grouped = start(group)) {
                assertThat(grouped.broker().clusterId()).isEqualTo(clusterId);
                Topic topic = grouped.broker().topics().find(TenantId.DEFAULT, "before");
                assertThat(topic).isNotNull();
                awaitLeader(topic);
                assertThat(append(topic)).isEqualTo(offset);
                create(grouped, "after-" + offset);
            }
        }
    }

    private EmbeddedBroker start(String yaml) throws Exception {
        return EmbeddedBroker.builder(data).config(yaml).plugins("storage-segment").start();
    }

    private static Topic create(EmbeddedBroker broker, String name) throws Exception {
        TopicSpec spec = new TopicSpec(TenantId.DEFAULT, name, 1, Map.of(), false);
        return await(broker.broker().topics().create(spec));
    }

    private static <T> T await(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(60, TimeUnit.SECONDS);
    }

    private static void awaitLeader(Topic topic) {
        Await.until("a leader of " + topic, () -> topic.partition(0) != null);
    }

    /** The end of the log after one more record. */
    private static long append(Topic topic) throws Exception {
        Partition partition = topic.partition(0);
        assertThat(partition).isNotNull();
        CompletableFuture<Boolean> done = new CompletableFuture<>();
        AppendResult result =
                partition.append(
                        Unpooled.wrappedBuffer(TestBatches.batch(0, 0, 1, 20, 1_000, 7)),
                        -1,
                        Origin.BROKER,
                        AckLevel.DURABLE,
                        Runnable::run,
                        refusal -> done.complete(refusal == null));
        assertThat(result.refusal()).isNull();
        assertThat(await(done)).isTrue();
        return result.endOffset();
    }

    private static int freePort() throws Exception {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
