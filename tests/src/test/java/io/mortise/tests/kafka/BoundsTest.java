// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.tests.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.PooledByteBufAllocator;

import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** What a client may take of the broker, whatever it asks. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class BoundsTest {
    private static final int CONNECTIONS = 2_000;
    private static final long MOST_BYTES_EACH = 1_024;

    @TempDir Path data;

    @Test
    void halfOpenConnectionsHoldLittleAndTimeOut() throws Exception {
        List<Socket> clients = new ArrayList<>();
        try (var broker = new KafkaBroker(data)) {
            int port = broker.broker().port("kafka");
            long before = heldBytes();
            for (int i = 0; i < CONNECTIONS; i++) {
                Socket client = new Socket("127.0.0.1", port);
                clients.add(client);
                if (i % 2 == 0) {
                    // 64 MiB declared, a header begun.
                    ByteBuffer start =
                            ByteBuffer.allocate(10).putInt(64 << 20).putShort((short) 18);
                    client.getOutputStream().write(start.array());
                }
            }
            TimeUnit.MILLISECONDS.sleep(300); // lets the last bytes arrive
            assertThat(heldBytes() - before).isLessThan(CONNECTIONS * MOST_BYTES_EACH);
            for (Socket client : clients) {
                client.setSoTimeout(30_000);
                assertThat(ended(client)).isTrue();
            }
        } finally {
            for (Socket client : clients) {
                client.close();
            }
        }
    }

    @Test
    void aLengthOf256MegabytesEndsTheConnectionAtOnce() throws Exception {
        try (var broker = new KafkaBroker(data);
                Socket client = new Socket("127.0.0.1", broker.broker().port("kafka"))) {
            client.setSoTimeout(5_000);
            client.getOutputStream()
                    .write(ByteBuffer.allocate(8).putInt(256 << 20).putInt(18 << 16).array());
            assertThat(ended(client)).isTrue();
        }
    }

    private static boolean ended(Socket client) throws IOException {
        try {
            return client.getInputStream().read() < 0;
        } catch (SocketException reset) {
            return true;
        }
    }

    private static long heldBytes() {
        PooledByteBufAllocator pooled = PooledByteBufAllocator.DEFAULT;
        return pooled.pinnedDirectMemory() + pooled.pinnedHeapMemory();
    }

    @Test
    void aFetchOfAGigabyteGetsTheBound() throws Exception {
        int recordBytes = 500_000;
        int count = 100;
        try (var broker = new KafkaBroker(data);
                var producer = broker.producer("linger.ms", 0);
                var consumer =
                        broker.consumer(
                                "fetch.max.bytes",
                                1 << 30,
                                "max.partition.fetch.bytes",
                                1 << 30,
                                "max.poll.records",
                                count)) {
            String value = "x".repeat(recordBytes);
            for (int i = 0; i < count; i++) {
                producer.send(new ProducerRecord<>("t", 0, "k", value));
            }
            producer.flush();
            consumer.assign(List.of(new TopicPartition("t", 0)));
            int read = 0;
            while (read < count) {
                ConsumerRecords<String, String> records = consumer.poll(Duration.ofSeconds(5));
                assertThat(records.count() * (long) recordBytes).isLessThanOrEqualTo(32L << 20);
                read += records.count();
            }
            assertThat(read).isEqualTo(count);
        }
    }
}
