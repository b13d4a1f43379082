// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.tests.smoke;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.kernel.broker.EmbeddedBroker;
import io.mortise.spi.RefusedException;
import io.mortise.spi.TenantId;
import io.mortise.spi.broker.AckLevel;
import io.mortise.spi.broker.FetchedBatches;
import io.mortise.spi.broker.Partition;
import io.mortise.spi.broker.Partition.AppendResult;
import io.mortise.spi.broker.Partition.Origin;
import io.mortise.spi.broker.Partition.Visibility;
import io.mortise.spi.broker.Topic;
import io.mortise.spi.broker.Topics.TopicSpec;
import io.mortise.spi.testing.Await;
import io.mortise.spi.testing.TestBatches;
import io.netty.buffer.Unpooled;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

class EmbeddedBrokerTest {
    @TempDir Path data;

    @Test
    void keepsOverARestartWhatWasAcknowledged() throws Exception {
        try (var broker = start()) {
            Topic topic = create(broker, "orders");
            assertThat(append(topic, "one").endOffset()).isEqualTo(1);
        }
        try (var broker = start()) {
            Topic topic = broker.broker().topics().find(TenantId.DEFAULT, "orders");
            assertThat(topic).isNotNull();
            awaitLeader(topic);
            assertThat(append(topic, "two").endOffset()).isEqualTo(2);
            try (FetchedBatches read = read(topic)) {
                assertThat(read.nextOffset()).isEqualTo(2);
            }
        }
    }

    @Test
    void aSecondBrokerOnTheSameDataIsRefused() throws Exception {
        try (var broker = start()) {
            assertThat(broker.administration().health().ready()).isTrue();
            assertThatThrownBy(this::start).isInstanceOf(RefusedException.class);
        }
        start().close();
    }

    @Test
    void pluginsOfTheClassPathStopAndStartToo() throws Exception {
        try (var broker =
                EmbeddedBroker.builder(data)
                        .plugins("storage-segment", "storage-memory", "protocol-mqtt")
                        .start()) {
            assertThat(broker.port("mqtt")).isPositive();
            broker.plugins().stop("protocol-mqtt");
            assertThatThrownBy(() -> broker.port("mqtt"))
                    .isInstanceOf(IllegalArgumentException.class);
            broker.plugins().start("protocol-mqtt");
            assertThat(broker.port("mqtt")).isPositive();
            assertThat(broker.plugins().doctor()).isEmpty();
        }
    }

    @Test
    void doesNotStartWhereStrangersCouldReachIt() {
        String open = "listeners:\n  mqtt:\n    bind: [0.0.0.0]\n";
        assertThatThrownBy(() -> EmbeddedBroker.builder(data).config(open).plugins("x").start())
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("mqtt")
                .hasMessageContaining("0.0.0.0");
    }

    private EmbeddedBroker start() throws Exception {
        return EmbeddedBroker.builder(data).plugins("storage-segment", "storage-memory").start();
    }

    private static Topic create(EmbeddedBroker broker, String name) throws Exception {
        var spec = new TopicSpec(TenantId.DEFAULT, name, 1, Map.of(), false);
        return broker.broker()
                .topics()
                .create(spec)
                .toCompletableFuture()
                .get(10, TimeUnit.SECONDS);
    }

    private static void awaitLeader(Topic topic) {
        Await.until("a leader of " + topic, () -> topic.partition(0) != null);
    }

    private static AppendResult append(Topic topic, String value) throws Exception {
        Partition partition = topic.partition(0);
        assertThat(partition).isNotNull();
        var done = new CompletableFuture<Boolean>();
        AppendResult result =
                partition.append(
                        Unpooled.wrappedBuffer(
                                TestBatches.batch(0, 0, 1, 20, 1_000, value.hashCode())),
                        -1,
                        Origin.BROKER,
                        AckLevel.DURABLE,
                        Runnable::run,
                        refusal -> done.complete(refusal == null));
        assertThat(result.refusal()).isNull();
        assertThat(done.get(10, TimeUnit.SECONDS)).isTrue();
        return result;
    }

    private static FetchedBatches read(Topic topic) throws Exception {
        Partition partition = topic.partition(0);
        assertThat(partition).isNotNull();
        var read = new CompletableFuture<FetchedBatches>();
        partition.read(
                0,
                1 << 20,
                Visibility.COMMITTED,
                Runnable::run,
                (batches, refusal) -> {
                    assertThat(refusal).isNull();
                    read.complete(batches);
                });
        return read.get(10, TimeUnit.SECONDS);
    }
}
