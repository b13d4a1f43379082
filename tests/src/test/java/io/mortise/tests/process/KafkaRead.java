// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.tests.process;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Reads whole topics with Kafka's own consumer. */
public final class KafkaRead {
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    private KafkaRead() {}

    /** Every record of a topic from its beginning to its end as of now, in order per partition. */
    public static List<ConsumerRecord<String, String>> all(String bootstrap, String topic) {
        List<ConsumerRecord<String, String>> records = new ArrayList<>();
        each(bootstrap, topic, records::add);
        return records;
    }

    /** As {@link #all}, for topics that are too large to be held. */
    public static void each(
            String bootstrap, String topic, Consumer<ConsumerRecord<String, String>> reader) {
        Map<String, Object> config =
                Map.of("bootstrap.servers", bootstrap, "auto.offset.reset", "earliest");
        try (var consumer =
                new KafkaConsumer<>(config, new StringDeserializer(), new StringDeserializer())) {
            List<TopicPartition> partitions =
                    consumer.partitionsFor(topic).stream()
                            .map(info -> new TopicPartition(topic, info.partition()))
                            .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            long deadline = System.nanoTime() + TIMEOUT.toNanos();
            while (partitions.stream()
                    .anyMatch(partition -> consumer.position(partition) < ends.get(partition))) {
                if (System.nanoTime() > deadline) {
                    throw new IllegalStateException(
                            topic + " could not be read to its ends " + ends);
                }
                consumer.poll(Duration.ofMillis(200)).forEach(reader);
            }
        }
    }
}
