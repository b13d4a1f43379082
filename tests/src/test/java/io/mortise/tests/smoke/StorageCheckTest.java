// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.tests.smoke;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.kernel.broker.EmbeddedBroker;

import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** {@code storage check} on sound and on damaged files. */
class StorageCheckTest {
    private static final int RECORDS = 20;
    private static final int RECORD_BYTES = 100_000;

    @TempDir private Path data;
    private final StringWriter out = new StringWriter();

    @Test
    void namesWhatIsDamagedAndEndsWithOne() throws Exception {
        try (var broker = start()) {
            assertThat(mortise("topic", "create", "orders")).isZero();
            write(broker);
            assertThat(mortise("storage", "check")).as(out.toString()).isZero();
            assertThat(out.toString())
                    .containsPattern("segment: [0-9]+ logs, [0-9]{7,} bytes checked, no damage")
                    .doesNotContain("memory:");
            assertThat(mortise("storage", "check", "memory")).isEqualTo(1);
            assertThat(mortise("storage", "check", "tape")).isEqualTo(1);
            assertThat(out.toString()).contains("Storage engine tape is not running");
        }
        damage(RECORDS / 2);
        try (var _ = start()) {
            assertThat(mortise("storage", "check", "segment")).as(out.toString()).isEqualTo(1);
            assertThat(out.toString())
                    .contains("topic 'orders' partition 0, file extents/")
                    .containsPattern("offsets [0-9]+ to [0-9]+: ")
                    .contains("1 damaged");
        }
    }

    private EmbeddedBroker start() throws Exception {
        return EmbeddedBroker.builder(data)
                .plugins("storage-segment", "storage-memory", "protocol-kafka")
                .start();
    }

    private static void write(EmbeddedBroker broker) throws Exception {
        Map<String, Object> config =
                Map.of("bootstrap.servers", "127.0.0.1:" + broker.port("kafka"), "acks", "all");
        try (var producer =
                new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer())) {
            for (int i = 0; i < RECORDS; i++) {
                producer.send(new ProducerRecord<>("orders", 0, null, payload(i))).get();
            }
        }
    }

    private static byte[] payload(int index) {
        byte[] payload = new byte[RECORD_BYTES];
        Arrays.fill(payload, (byte) (index + 1));
        return payload;
    }

    /** Flips a byte in the middle of a record. */
    private void damage(int index) throws IOException {
        byte[] wanted = Arrays.copyOf(payload(index), 1_000);
        for (Path file : files()) {
            byte[] bytes = Files.readAllBytes(file);
            for (int at = 0; at + wanted.length < bytes.length; at += 500) {
                if (Arrays.equals(bytes, at, at + wanted.length, wanted, 0, wanted.length)) {
                    try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                        channel.write(ByteBuffer.wrap(new byte[] {0}), at);
                    }
                    return;
                }
            }
        }
        throw new AssertionError("no file holds the record");
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> all = Files.walk(data.resolve("logs/segment/extents"))) {
            return all.filter(Files::isRegularFile).toList();
        }
    }

    private int mortise(String... words) {
        out.getBuffer().setLength(0);
        String[] arguments = Arrays.copyOf(words, words.length + 2);
        arguments[words.length] = "--data";
        arguments[words.length + 1] = data.toString();
        var writer = new PrintWriter(out, true);
        return io.mortise.cli.Main.run(writer, writer, arguments);
    }
}
