// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.tests.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;

import io.mortise.kernel.broker.EmbeddedBroker;
import io.mortise.spi.RefusedException;
import io.mortise.tests.mqtt.Clients.Inbox;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;

/** Sessions in RocksDB while nobody uses them. */
class SessionIndexTest {
    private static final int COUNT = 15;
    private static final String ROCKSDB = "state:\n  index: rocksdb\n";

    @TempDir private Path data;

    private static EmbeddedBroker start(Path data, String config, String... plugins)
            throws Exception {
        return EmbeddedBroker.builder(data).config(config).plugins(plugins).start();
    }

    private EmbeddedBroker start(String config) throws Exception {
        return start(data, config, "protocol-mqtt", "storage-segment", "storage-rocksdb");
    }

    @Test
    void theyOutliveRestartsAndTheirIndex() throws Exception {
        try (var broker = start(ROCKSDB)) {
            int port = broker.port("mqtt");
            for (int i = 0; i < COUNT; i++) {
                Mqtt5BlockingClient client = Clients.v5(port, "sleeper-" + i);
                client.connectWith().cleanStart(true).sessionExpiryInterval(6000).send();
                Clients.subscribe(client, "sleep/#", 1);
                client.disconnect();
            }
            Mqtt5BlockingClient sender = Clients.connected(port, "sender");
            Clients.publish(sender, "sleep/a", 1, "one");
            sender.disconnect();
            awaitAsleep(broker);
        }
        try (var broker = start(ROCKSDB)) {
            gets(broker, 0, "one");
        }
        try (var broker = start("")) { // not in the index, which is older then
            gets(broker, 1, "one");
            Mqtt5BlockingClient sender = Clients.connected(broker.port("mqtt"), "sender");
            Clients.publish(sender, "sleep/a", 1, "two");
            sender.disconnect();
        }
        try (var broker = start(ROCKSDB)) {
            gets(broker, 0, "two");
            gets(broker, 1, "two");
            gets(broker, 2, "one", "two");
        }
        delete(data.resolve("logs/rocksdb"));
        try (var broker = start(ROCKSDB)) {
            gets(broker, 3, "one", "two");
            gets(broker, 0);
        }
    }

    /** They are written every two seconds. */
    private static void awaitAsleep(EmbeddedBroker broker) throws InterruptedException {
        long deadline = System.nanoTime() + 30_000_000_000L;
        while (!broker.administration().metrics().contains("mortise_session_states_in_memory 0")) {
            assertThat(System.nanoTime()).as("no session sleeps").isLessThan(deadline);
            Thread.sleep(20);
        }
    }

    private static void gets(EmbeddedBroker broker, int number, String... texts) throws Exception {
        Mqtt5BlockingClient client = Clients.v5(broker.port("mqtt"), "sleeper-" + number);
        try (Inbox inbox = Clients.inbox(client)) {
            boolean present =
                    client.connectWith()
                            .cleanStart(false)
                            .sessionExpiryInterval(6000)
                            .send()
                            .isSessionPresent();
            assertThat(present).as("session %d", number).isTrue();
            assertThat(inbox.texts(texts.length)).containsExactly(texts);
        }
        client.disconnect();
    }

    private static void delete(Path directory) throws Exception {
        try (var all = Files.walk(directory)) {
            for (Path path : all.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    @Test
    void anEngineThatIsNotThereIsRefused() {
        assertThatThrownBy(() -> start(data, ROCKSDB, "protocol-mqtt", "storage-segment"))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("mortise.yaml line 2")
                .hasMessageContaining("state.index is 'rocksdb'")
                .hasMessageContaining("write 'index: memory'");
        assertThatThrownBy(() -> start(data, "state:\n  index: segment\n", "storage-segment"))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("keeps no ordered keys");
    }

    @Test
    void itsPluginIsInUse() throws Exception {
        try (var broker = start(ROCKSDB)) {
            assertThatThrownBy(() -> broker.plugins().stop("storage-rocksdb"))
                    .hasMessageContaining("the sessions (state.index in mortise.yaml)");
        }
    }
}
