// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.tests.outside;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.kernel.broker.EmbeddedBroker;
import io.mortise.kernel.plugin.BundleFile;
import io.mortise.kernel.plugin.PluginState;
import io.mortise.spi.TenantId;
import io.mortise.spi.broker.Topics.TopicSpec;
import io.mortise.tests.distribution.Shipped;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Each kind of plugin as the archetype makes it, built outside of this tree against deployed
 * artifacts, and installed into a running broker of shipped bundles.
 */
class StrangersPluginsTest {
    private static final int RECORDS = 100;

    @TempDir private Path folder;

    @Test
    void areMadeFromTheArchetypeAndInstalledHot() throws Exception {
        var stranger = new Stranger(Files.createDirectory(folder.resolve("outside")));
        try (EmbeddedBroker broker =
                EmbeddedBroker.builder(folder.resolve("data"))
                        .bundles(Shipped.home().resolve("plugins"))
                        .start()) {
            install(broker, stranger.plugin("auth", "my-keys"));
            install(broker, stranger.plugin("connector", "my-files"));
            install(broker, stranger.plugin("protocol", "my-lines"));
            assertThat(broker.port("my-lines")).isPositive();
            install(broker, stranger.plugin("storage", "my-storage"));
            keepsATopic(broker, "my-storage");
        }
    }

    private static void install(EmbeddedBroker broker, Path jar) throws Exception {
        try (InputStream bytes = Files.newInputStream(jar)) {
            BundleFile bundle = broker.plugins().receive(bytes);
            assertThat(broker.plugins().verify(bundle)).isEmpty();
            assertThat(broker.plugins().install(bundle).state()).isEqualTo(PluginState.ACTIVE);
        }
    }

    private static void keepsATopic(EmbeddedBroker broker, String engine) throws Exception {
        var configs = Map.of("storage.engine", engine);
        broker.broker()
                .topics()
                .create(new TopicSpec(TenantId.DEFAULT, "kept", 1, configs, false))
                .toCompletableFuture()
                .get();
        String bootstrap = "127.0.0.1:" + broker.port("kafka");
        List<String> sent = new ArrayList<>();
        try (var producer =
                new KafkaProducer<>(
                        Map.of("bootstrap.servers", bootstrap),
                        new StringSerializer(),
                        new StringSerializer())) {
            for (int i = 0; i < RECORDS; i++) {
                sent.add("record " + i);
                producer.send(new ProducerRecord<>("kept", "record " + i)).get();
            }
        }
        assertThat(read(bootstrap)).isEqualTo(sent);
    }

    private static List<String> read(String bootstrap) {
        var partition = new TopicPartition("kept", 0);
        try (var consumer =
                new KafkaConsumer<>(
                        Map.of("bootstrap.servers", bootstrap),
                        new StringDeserializer(),
                        new StringDeserializer())) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            List<String> values = new ArrayList<>();
            while (values.size() < RECORDS) {
                for (ConsumerRecord<String, String> record :
                        consumer.poll(Duration.ofSeconds(10))) {
                    values.add(record.value());
                }
            }
            return values;
        }
    }
}
