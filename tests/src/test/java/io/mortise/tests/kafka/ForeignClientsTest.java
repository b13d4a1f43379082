// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.tests.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Kafka's Java client 3.9 and librdkafka (kcat) beside the client of the broker's own version. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class ForeignClientsTest {
    @TempDir Path data;

    private KafkaBroker broker;

    @BeforeEach
    void start() throws Exception {
        broker = new KafkaBroker(data);
    }

    @AfterEach
    void stop() {
        broker.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "gzip", "snappy", "lz4", "zstd"})
    void theOldJavaClientIsReadByTheNewOneAndByItself(String codec) throws Exception {
        try (var old = new OldKafkaClient(broker.bootstrap());
                var consumer = broker.consumer("group.id", "new-" + codec)) {
            old.produce("t", codec, 200);
            consumer.subscribe(List.of("t"));
            List<ConsumerRecord<String, String>> records = KafkaBroker.poll(consumer, 200);
            assertThat(records).hasSize(200);
            assertThat(records).extracting(ConsumerRecord::value).contains("value 0", "value 199");
            assertThat(old.consume("t", "old-" + codec, 200)).contains("value 0", "value 199");
        }
    }

    @Test
    void anOldAndANewMemberShareAClassicGroup() throws Exception {
        try (var producer = broker.producer();
                var old = new OldKafkaClient(broker.bootstrap())) {
            for (int i = 0; i < 100; i++) {
                producer.send(new ProducerRecord<>("t", "k" + i, "value " + i));
            }
            producer.flush();
            assertThat(old.consume("t", "shared", 100)).hasSize(100);
            producer.send(new ProducerRecord<>("t", "k", "after")).get();
            try (var consumer = broker.consumer("group.id", "shared")) {
                consumer.subscribe(List.of("t"));
                assertThat(KafkaBroker.poll(consumer, 1))
                        .extracting(ConsumerRecord::value)
                        .containsExactly("after");
            }
        }
    }

    @Test
    void kcatProducesConsumesAndJoinsGroups() throws Exception {
        kcat("a:1\nb:2\n", "-P", "-t", "t", "-K:", "-X", "enable.idempotence=true");
        assertThat(lines("-C", "-t", "t", "-o", "beginning", "-e", "-q", "-f", "%k=%s\\n"))
                .containsExactly("a=1", "b=2");
        assertThat(lines("-G", "g", "-X", "auto.offset.reset=earliest", "-c", "2", "-q", "t"))
                .containsExactly("1", "2");
        kcat("c:3\n", "-P", "-t", "t", "-K:");
        assertThat(lines("-G", "g", "-X", "auto.offset.reset=earliest", "-c", "1", "-q", "t"))
                .containsExactly("3");
    }

    private List<String> lines(String... arguments) throws IOException, InterruptedException {
        return kcat("", arguments).lines().sorted().toList();
    }

    private String kcat(String input, String... arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("kcat", "-b", broker.bootstrap()));
        command.addAll(List.of(arguments));
        Process process =
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
        Thread patience = Thread.ofVirtual().start(() -> endAfterPatience(process));
        try (OutputStream in = process.getOutputStream()) {
            in.write(input.getBytes(StandardCharsets.UTF_8));
        }
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        patience.join();
        return output;
    }

    private static void endAfterPatience(Process process) {
        try {
            if (!process.waitFor(40, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
        }
    }
}
