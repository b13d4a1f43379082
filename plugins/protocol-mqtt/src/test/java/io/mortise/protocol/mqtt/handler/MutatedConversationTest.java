// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.mqtt.handler;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.protocol.mqtt.LeakWatch;
import io.mortise.protocol.mqtt.codec.Acknowledgement;
import io.mortise.protocol.mqtt.codec.Packet;
import io.mortise.protocol.mqtt.codec.PacketEncoder;
import io.mortise.protocol.mqtt.codec.PacketType;
import io.mortise.protocol.mqtt.codec.Ping;
import io.mortise.protocol.mqtt.codec.Properties;
import io.mortise.protocol.mqtt.codec.Property;
import io.mortise.protocol.mqtt.codec.ProtocolVersion;
import io.mortise.protocol.mqtt.codec.ReasonCode;
import io.mortise.protocol.mqtt.codec.Subscribe;
import io.mortise.protocol.mqtt.codec.Subscription;
import io.mortise.protocol.mqtt.codec.Unsubscribe;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Random;

/** Whole conversations with bytes changed at random: refused or answered, never a failure. */
class MutatedConversationTest {
    private static final int CONVERSATIONS = Boolean.getBoolean("mortise.deep") ? 100_000 : 5_000;

    @Test
    void neverFailNorLeak() {
        try (LeakWatch watch = new LeakWatch()) {
            runConversations();
        }
    }

    private static void runConversations() {
        int faulty = 0;
        for (long seed = 0; seed < CONVERSATIONS; seed++) {
            Random random = new Random(seed);
            ProtocolVersion version = ProtocolVersion.values()[random.nextInt(2)];
            // close() sees to it that no exception reached the connection.
            try (TestClient client = new TestClient(version)) {
                client.send(mutated(random, version));
                client.receiveBytes();
                faulty += (int) client.count("connections_faulty");
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
        assertThat(faulty).isBetween(CONVERSATIONS / 10, CONVERSATIONS);
    }

    private static byte[] mutated(Random random, ProtocolVersion version) {
        ByteBuf all = Unpooled.buffer();
        PacketEncoder.encode(all, version, TestClient.connect(version));
        int connectLength = all.writerIndex();
        for (Packet packet : packets(version)) {
            PacketEncoder.encode(all, version, packet);
        }
        byte[] bytes = ByteBufUtil.getBytes(all);
        int first = random.nextInt(4) == 0 ? 0 : connectLength;
        for (int i = 1 + random.nextInt(3); i > 0; i--) {
            bytes[first + random.nextInt(bytes.length - first)] = (byte) random.nextInt(256);
        }
        return bytes;
    }

    private static List<Packet> packets(ProtocolVersion version) {
        Properties properties =
                version.isV5()
                        ? Properties.builder()
                                .text(Property.CONTENT_TYPE, "text/plain")
                                .user("name", "value")
                                .build()
                        : Properties.EMPTY;
        Subscription filter = new Subscription("a/+/b", 1);
        return List.of(
                new Subscribe(1, Properties.EMPTY, List.of(filter)),
                TestClient.publish("a/b", 0, 0, properties),
                TestClient.publish("a/b", 1, 2, properties),
                TestClient.publish("a/b", 2, 3, properties),
                new Acknowledgement(PacketType.PUBREL, 3, ReasonCode.SUCCESS, Properties.EMPTY),
                new Acknowledgement(PacketType.PUBACK, 9, ReasonCode.SUCCESS, Properties.EMPTY),
                Ping.REQUEST,
                new Unsubscribe(4, Properties.EMPTY, List.of("a/+/b")));
    }
}
