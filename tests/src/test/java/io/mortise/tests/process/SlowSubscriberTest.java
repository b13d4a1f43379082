// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.tests.process;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a subscriber that stops reading costs the packaged broker: its live objects and all that it
 * allocated beside it, as the JVM tells both.
 */
@Timeout(value = 300, unit = TimeUnit.SECONDS)
class SlowSubscriberTest {
    private static final int PAYLOAD_BYTES = 20_000;
    private static final int MESSAGES = 10_000; // 200 MB
    private static final int WARM_UP = 5_000; // more than the ring holds
    private static final int IN_FLIGHT = 50;
    private static final long SILENT_SECONDS = Boolean.getBoolean("mortise.deep") ? 60 : 0;
    private static final long MOST_MORE_KILOBYTES = 8 * 1024;
    private static final Pattern HEAP = Pattern.compile("Total +\\d+ +(\\d+)");
    private static final Pattern BESIDE = Pattern.compile("Other \\(reserved=(\\d+)KB");

    @Test
    void itsBacklogLiesInTheLogAndNotInMemory(@TempDir Path directory) throws Exception {
        try (BrokerProcess broker = start(directory);
                Silent subscriber = new Silent(broker.mqttPort())) {
            broker.command("topic", "create", "slow", "--config", "durability=OS");
            broker.command("topic", "create", "warm", "--config", "durability=OS");
            publish(broker, "warm/same", WARM_UP);
            subscriber.subscribe();
            long before = usedKilobytes(broker);
            long began = System.nanoTime();
            publish(broker, "slow/same", MESSAGES);
            while (System.nanoTime() - began < TimeUnit.SECONDS.toNanos(SILENT_SECONDS)) {
                TimeUnit.MILLISECONDS.sleep(100);
            }
            long after = usedKilobytes(broker);
            assertThat(after - before)
                    .as("%d KB, then %d KB", before, after)
                    .isLessThan(MOST_MORE_KILOBYTES);
            for (int i = 0; i < MESSAGES; i++) {
                assertThat(subscriber.number()).isEqualTo(i);
            }
        }
    }

    private static BrokerProcess start(Path directory) throws IOException, InterruptedException {
        return new BrokerProcess(directory)
                .under("env", "MORTISE_JAVA_OPTS=-XX:NativeMemoryTracking=summary")
                .start();
    }

    private static void publish(BrokerProcess broker, String topic, int count) {
        Mqtt5AsyncClient client =
                Mqtt5Client.builder()
                        .identifier("sender")
                        .serverHost("127.0.0.1")
                        .serverPort(broker.mqttPort())
                        .buildAsync();
        client.toBlocking().connect();
        Queue<CompletableFuture<?>> unanswered = new ArrayDeque<>();
        for (int i = 0; i < count; i++) {
            if (unanswered.size() == IN_FLIGHT) {
                unanswered.remove().join();
            }
            unanswered.add(
                    client.publishWith()
                            .topic(topic)
                            .qos(MqttQos.AT_LEAST_ONCE)
                            .payload(ByteBuffer.allocate(PAYLOAD_BYTES).putInt(i).array())
                            .send());
        }
        unanswered.forEach(CompletableFuture::join);
        client.toBlocking().disconnect();
    }

    /** The live heap and what was allocated outside of it: buffers, rings, files' blocks. */
    private static long usedKilobytes(BrokerProcess broker) throws Exception {
        return number(HEAP, jcmd(broker, "GC.class_histogram")) / 1_024 // collects before
                + number(BESIDE, jcmd(broker, "VM.native_memory summary"));
    }

    private static String jcmd(BrokerProcess broker, String command) throws Exception {
        String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
        return String.join("\n", Tool.run(broker, jcmd + " " + broker.pid() + " " + command));
    }

    private static long number(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        assertThat(matcher.find()).as("%s in %s", pattern, text).isTrue();
        return Long.parseLong(matcher.group(1));
    }

    /** An MQTT 3.1.1 client with small buffers that reads only when it is told to. */
    private static final class Silent implements AutoCloseable {
        private final Socket socket = new Socket();
        private final DataInputStream in;

        Silent(int port) throws IOException {
            socket.setReceiveBufferSize(16_384);
            socket.setSoTimeout(30_000);
            socket.connect(new InetSocketAddress("127.0.0.1", port));
            in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), 4_096));
            send(0x10, "\0\4MQTT\4\2\0\0\0\6silent");
            assertThat(in.readNBytes(4)).containsExactly(0x20, 2, 0, 0);
        }

        void subscribe() throws IOException {
            send(0x82, "\0\1\0\6slow/#\1");
            assertThat(in.readNBytes(5)).containsExactly(0x90, 3, 0, 1, 1);
        }

        /** Of the next message, which is acknowledged. */
        int number() throws IOException {
            assertThat(in.readUnsignedByte() & 0xF6).as("PUBLISH of QoS 1").isEqualTo(0x32);
            int length = remainingLength();
            int topic = in.readUnsignedShort();
            in.skipNBytes(topic);
            int packetId = in.readUnsignedShort();
            int number = in.readInt();
            in.skipNBytes(length - 2 - topic - 2 - 4);
            socket.getOutputStream()
                    .write(new byte[] {0x40, 2, (byte) (packetId >> 8), (byte) packetId});
            return number;
        }

        private int remainingLength() throws IOException {
            int length = 0;
            for (int shift = 0; ; shift += 7) {
                int digit = in.readUnsignedByte();
                length |= (digit & 0x7F) << shift;
                if (digit < 0x80) {
                    return length;
                }
            }
        }

        private void send(int firstByte, String body) throws IOException {
            byte[] bytes = body.getBytes(US_ASCII);
            byte[] packet = new byte[bytes.length + 2];
            packet[0] = (byte) firstByte;
            packet[1] = (byte) bytes.length;
            System.arraycopy(bytes, 0, packet, 2, bytes.length);
            socket.getOutputStream().write(packet);
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
