// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.protocol.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.protocol.kafka.testing.FakeBroker;

import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.ListOffsetsRequestData;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/**
 * Frames with changed, cut and doubled bytes, from a seed. Whatever comes of them, other
 * connections are served, nothing is logged with a stack trace and no buffer is lost (the build
 * runs with leak detection at paranoid).
 */
@Timeout(value = 30, unit = TimeUnit.MINUTES)
class MutatedFramesTest {
    private static final long SEED = 20261120;
    private static final int FRAMES = Boolean.getBoolean("mortise.deep") ? 100_000 : 5_000;

    private final ConcurrentLinkedQueue<String> stacks = new ConcurrentLinkedQueue<>();

    private final Handler watcher =
            new Handler() {
                @Override
                public void publish(LogRecord record) {
                    boolean ours =
                            String.valueOf(record.getLoggerName()).startsWith("io.mortise")
                                    || String.valueOf(record.getMessage()).contains("LEAK");
                    if (ours && record.getLevel().intValue() >= 800 && record.getThrown() != null) {
                        stacks.add(record.getMessage() + " " + record.getThrown());
                    } else if (String.valueOf(record.getMessage()).contains("LEAK")) {
                        stacks.add(record.getMessage());
                    }
                }

                @Override
                public void flush() {}

                @Override
                public void close() {}
            };

    @Test
    void mutatedFramesHarmNobodyElse() throws Exception {
        Logger root = Logger.getLogger("");
        root.addHandler(watcher);
        try (FakeBroker broker = new FakeBroker("request.max.bytes", "1000000");
                var producer =
                        new KafkaProducer<>(
                                Map.of("bootstrap.servers", broker.bootstrap()),
                                new ByteArraySerializer(),
                                new ByteArraySerializer())) {
            producer.send(new ProducerRecord<>("other", 0, null, new byte[1])).get();
            List<byte[]> frames = frames();
            Random random = new Random(SEED);
            for (int i = 0; i < FRAMES; i++) {
                send(broker.port(), mutate(frames.get(random.nextInt(frames.size())), random));
                if (i % 100 == 0) {
                    producer.send(new ProducerRecord<>("other", 0, null, new byte[1])).get();
                }
            }
            System.gc();
            producer.send(new ProducerRecord<>("other", 0, null, new byte[1])).get();
            int acknowledged = 2 + (FRAMES + 99) / 100;
            assertThat(broker.topics().partition("other", 0).records()).hasSize(acknowledged);
        } finally {
            root.removeHandler(watcher);
        }
        assertThat(stacks).isEmpty();
    }

    private static void send(int port, byte[] frame) {
        try (WireClient client = new WireClient(port)) {
            client.send(frame);
        } catch (IOException e) {
            // The broker may have ended the connection while this was writing.
            assertThat(e).hasMessageNotContaining("refused");
        }
    }

    private static byte[] mutate(byte[] good, Random random) {
        byte[] bad = good.clone();
        int keep = 4 + random.nextInt(4); // key, and mostly version, stay
        for (int flips = random.nextInt(6); flips >= 0; flips--) {
            int at =
                    random.nextInt(16) == 0
                            ? random.nextInt(bad.length)
                            : keep + random.nextInt(bad.length - keep);
            bad[at] =
                    (byte)
                            (random.nextInt(3) == 0
                                    ? random.nextInt()
                                    : bad[at] + (1 << random.nextInt(8)));
        }
        if (random.nextInt(4) == 0) {
            return java.util.Arrays.copyOf(bad, random.nextInt(bad.length + 20));
        }
        return bad;
    }

    private static List<byte[]> frames() {
        List<byte[]> frames = new ArrayList<>();
        for (short version = 3; version <= 12; version++) {
            frames.add(WireClient.request(produce(), version));
        }
        for (short version = 4; version <= 12; version++) {
            frames.add(WireClient.request(fetch(), version));
        }
        frames.add(WireClient.request(commit(), (short) 8));
        frames.add(WireClient.request(join(), (short) 5));
        for (ApiKeys api : ApiKeys.clientApis()) {
            if (api != ApiKeys.PRODUCE && api != ApiKeys.FETCH) {
                frames.add(WireClient.request(api.messageType.newRequest(), api.oldestVersion()));
                frames.add(WireClient.request(api.messageType.newRequest(), api.latestVersion()));
            }
        }
        frames.add(WireClient.request(topics(), (short) 5));
        frames.add(WireClient.request(offsets(), (short) 6));
        frames.add(WireClient.request(metadata(), (short) 9));
        return frames;
    }

    private static ApiMessage produce() {
        ByteBuffer batch =
                MemoryRecords.withRecords(
                                Compression.NONE,
                                new SimpleRecord(new byte[20]),
                                new SimpleRecord(new byte[10], new byte[20]))
                        .buffer();
        var partition =
                new ProduceRequestData.PartitionProduceData()
                        .setRecords(MemoryRecords.readableRecords(batch));
        return new ProduceRequestData()
                .setAcks((short) -1)
                .setTimeoutMs(1000)
                .setTopicData(
                        new ProduceRequestData.TopicProduceDataCollection(
                                List.of(
                                                new ProduceRequestData.TopicProduceData()
                                                        .setName("target")
                                                        .setPartitionData(List.of(partition)))
                                        .iterator()));
    }

    private static ApiMessage fetch() {
        var partition =
                new FetchRequestData.FetchPartition().setPartition(0).setPartitionMaxBytes(1000);
        return new FetchRequestData()
                .setMaxWaitMs(1)
                .setMinBytes(1)
                .setTopics(
                        List.of(
                                new FetchRequestData.FetchTopic()
                                        .setTopic("other")
                                        .setPartitions(List.of(partition))));
    }

    private static ApiMessage commit() {
        var topic =
                new OffsetCommitRequestData.OffsetCommitRequestTopic()
                        .setName("other")
                        .setPartitions(
                                List.of(
                                        new OffsetCommitRequestData.OffsetCommitRequestPartition()
                                                .setCommittedOffset(3)));
        return new OffsetCommitRequestData().setGroupId("g").setTopics(List.of(topic));
    }

    private static ApiMessage join() {
        var protocols = new JoinGroupRequestData.JoinGroupRequestProtocolCollection();
        protocols.add(
                new JoinGroupRequestData.JoinGroupRequestProtocol()
                        .setName("range")
                        .setMetadata(new byte[10]));
        return new JoinGroupRequestData()
                .setGroupId("g")
                .setProtocolType("consumer")
                .setSessionTimeoutMs(10_000)
                .setRebalanceTimeoutMs(10_000)
                .setProtocols(protocols);
    }

    private static ApiMessage topics() {
        var topics = new CreateTopicsRequestData.CreatableTopicCollection();
        topics.add(
                new CreateTopicsRequestData.CreatableTopic()
                        .setName("made")
                        .setNumPartitions(1)
                        .setReplicationFactor((short) 1));
        return new CreateTopicsRequestData().setTopics(topics).setValidateOnly(true);
    }

    private static ApiMessage offsets() {
        var partition = new ListOffsetsRequestData.ListOffsetsPartition().setTimestamp(-1);
        return new ListOffsetsRequestData()
                .setTopics(
                        List.of(
                                new ListOffsetsRequestData.ListOffsetsTopic()
                                        .setName("other")
                                        .setPartitions(List.of(partition))));
    }

    private static ApiMessage metadata() {
        return new MetadataRequestData()
                .setTopics(
                        List.of(new MetadataRequestData.MetadataRequestTopic().setName("other")));
    }
}
