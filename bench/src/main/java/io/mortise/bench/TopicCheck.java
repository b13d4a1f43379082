// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.bench;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Reads a topic from beginning to end with Kafka's own consumer and says whether it holds exactly
 * what a generator published: the number of records and the sum of their hashes. A benchmark whose
 * topic disagrees does not count.
 *
 * <ul>
 *   <li>--kind=mqtt --published=N --hash=H: what {@link MqttFlow} printed
 *   <li>--kind=perf --published=N --hash=H: one run of Kafka's ProducerPerformance
 *   <li>--kind=perf-hash --published=N --size=S: prints the hash that such a run leaves, whose
 *       payloads are letters of SplittableRandom(0); no topic is read
 * </ul>
 *
 * {@code --topic} may name several topics, separated by commas, with as many counts and hashes.
 */
public final class TopicCheck {
    private TopicCheck() {}

    /** Exits with 0 if they agree, 1 if not. */
    public static void main(String[] arguments) {
        Options options = new Options(arguments);
        String kind = options.text("kind");
        if (kind.equals("perf-hash")) {
            long hash = perfHash(options.number("published"), options.number("size"));
            System.out.printf("%016x%n", hash);
            return;
        }
        String[] topics = options.text("topic").split(",", -1);
        String[] counts = options.text("published").split(",", -1);
        String[] hashes = options.text("hash").split(",", -1);
        boolean all = true;
        for (int i = 0; i < topics.length; i++) {
            long[] found = read(options.text("bootstrap"), topics[i], kind.equals("mqtt"));
            long count = Long.parseLong(counts[i]);
            all &= agrees(topics[i], found, count, Long.parseUnsignedLong(hashes[i], 16));
        }
        System.exit(all ? 0 : 1);
    }

    private static boolean agrees(String topic, long[] found, long count, long hash) {
        boolean same = found[0] == count && found[1] == hash;
        System.out.printf(
                "CHECK %s: topic %s holds %d records, hash %016x; published %d, hash %016x%n",
                same ? "ok" : "FAILED", topic, found[0], found[1], count, hash);
        return same;
    }

    private static long perfHash(long count, int size) {
        SplittableRandom random = new SplittableRandom(0);
        byte[] payload = new byte[size];
        long hash = 0;
        for (long i = 0; i < count; i++) {
            for (int j = 0; j < size; j++) {
                payload[j] = (byte) (random.nextInt(26) + 65);
            }
            hash += PayloadHash.of(payload);
        }
        return hash;
    }

    private static long[] read(String bootstrap, String topic, boolean mqtt) {
        Map<String, Object> config =
                Map.of("bootstrap.servers", bootstrap, "fetch.max.bytes", 8 << 20);
        long[] sums = new long[2];
        try (var consumer =
                new KafkaConsumer<>(
                        config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions =
                    consumer.partitionsFor(topic).stream()
                            .map(info -> new TopicPartition(topic, info.partition()))
                            .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (partitions.stream()
                    .anyMatch(partition -> consumer.position(partition) < ends.get(partition))) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofSeconds(1))) {
                    sums[0]++;
                    sums[1] += mqtt ? mqttHash(record.value()) : PayloadHash.of(record.value());
                }
            }
        }
        return sums;
    }

    private static long mqttHash(byte[] payload) {
        ByteBuffer bytes = ByteBuffer.wrap(payload);
        return PayloadHash.of(bytes.getLong(), bytes.getInt(), bytes.getInt());
    }
}
