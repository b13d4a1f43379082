// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.tests.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * {@code mortise backup create | verify | restore} of the packaged broker, as an operator types.
 */
@Timeout(value = 300, unit = TimeUnit.SECONDS)
class BackupCommandsTest {
    private static final int RECORDS = 25;

    @TempDir private Path folder;

    @Test
    void createVerifyRestore() throws Exception {
        String file = folder.resolve("one.backup").toString();
        Path restored = Files.createDirectory(folder.resolve("second"));
        try (BrokerProcess broker =
                new BrokerProcess(Files.createDirectory(folder.resolve("first"))).start()) {
            produce(broker, "kept");
            assertThat(broker.command("backup", "create", file))
                    .startsWith("backup " + file + ": ")
                    .contains(" logs, ");
            assertThat(broker.command("backup", "verify", file)).contains(file);
            assertThatThrownBy(
                            () ->
                                    broker.command(
                                            "backup",
                                            "restore",
                                            file,
                                            "--data",
                                            broker.data().toString()))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(broker.data().toString());
            var second = new BrokerProcess(restored);
            broker.command("backup", "restore", file, "--data", second.data().toString());
            try (second) {
                second.start();
                assertThat(second.command("topic", "list")).contains("kept");
                assertThat(KafkaRead.all(second.bootstrap(), "kept")).hasSize(RECORDS);
            }
        }
    }

    @Test
    void whatIsNoBackupIsRefused() throws Exception {
        var broker = new BrokerProcess(folder);
        Path file = Files.writeString(folder.resolve("no.backup"), "not one");
        assertThatThrownBy(() -> broker.command("backup", "verify", file.toString()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("no.backup");
        assertThatThrownBy(() -> broker.command("backup", "restore", file.toString()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("no.backup");
        assertThat(broker.data().resolve("metadata")).doesNotExist();
    }

    private static void produce(BrokerProcess broker, String topic) throws Exception {
        Map<String, Object> config = Map.of("bootstrap.servers", broker.bootstrap(), "acks", "all");
        try (var producer =
                new KafkaProducer<>(config, new StringSerializer(), new StringSerializer())) {
            for (int i = 0; i < RECORDS; i++) {
                producer.send(new ProducerRecord<>(topic, "k" + i, "v" + i)).get();
            }
        }
    }
}
