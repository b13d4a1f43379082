// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.mqtt.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

import org.junit.jupiter.api.Test;

import java.util.Arrays;

class PacketRoundTripTest {
    private static final int PACKETS = Boolean.getBoolean("mortise.deep") ? 200_000 : 10_000;

    @Test
    void generatedPacketsComeBack() {
        for (long seed = 0; seed < PACKETS; seed++) {
            PacketGenerator generator = new PacketGenerator(seed);
            ProtocolVersion version = generator.version();
            Packet packet = generator.packet(version);
            byte[] frame = Frames.encode(version, packet);

            Decoded decoded = Frames.decode(version, frame);

            assertThat(decoded).as("seed %d", seed).isInstanceOf(packet.getClass());
            assertThat(Frames.encode(version, (Packet) decoded))
                    .as("seed %d", seed)
                    .isEqualTo(frame);
            assertSameParts(seed, packet, (Packet) decoded);
        }
    }

    @Test
    void decoderAndFramesShareABuffer() {
        PacketGenerator generator = new PacketGenerator(7);
        ByteBuf stream = Unpooled.buffer();
        PacketDecoder decoder = new PacketDecoder();
        for (int i = 0; i < 100; i++) {
            PacketEncoder.encode(stream, ProtocolVersion.V5, generator.packet(ProtocolVersion.V5));
        }
        int count = 0;
        while (stream.isReadable()) {
            int length = FixedHeader.frameLength(stream, Frames.MAX_BYTES);
            Decoded decoded = decoder.decode(stream, length, ProtocolVersion.V5);
            assertThat(decoded).isInstanceOf(Packet.class);
            count++;
        }
        assertThat(count).isEqualTo(100);
    }

    @Test
    void publishLengthIsWhatIsWritten() {
        for (long seed = 0; seed < 500; seed++) {
            PacketGenerator generator = new PacketGenerator(seed);
            ProtocolVersion version = generator.version();
            Publish publish = generator.publish(version);
            int expected =
                    PacketEncoder.publishLength(
                            version,
                            publish.qos(),
                            publish.topicLength(),
                            publish.properties().length(),
                            publish.payloadLength());
            assertThat(Frames.encode(version, publish)).as("seed %d", seed).hasSize(expected);
        }
    }

    private static void assertSameParts(long seed, Packet sent, Packet received) {
        switch (sent) {
            case Connect connect -> assertSameConnect(seed, connect, (Connect) received);
            case Publish publish -> assertSamePublish(seed, publish, (Publish) received);
            case Acknowledgement ack -> assertSameAcknowledgement(seed, ack, received);
            default -> assertThat(received).as("seed %d", seed).isEqualTo(sent);
        }
    }

    private static void assertSameConnect(long seed, Connect sent, Connect received) {
        assertThat(received)
                .as("seed %d", seed)
                .usingRecursiveComparison()
                .ignoringFields("properties", "will.properties")
                .isEqualTo(sent);
        assertThat(received.properties()).as("seed %d", seed).isEqualTo(sent.properties());
        if (sent.will() != null && received.will() != null) {
            assertThat(received.will().properties()).isEqualTo(sent.will().properties());
        }
    }

    private static void assertSamePublish(long seed, Publish sent, Publish received) {
        assertThat(received.topic()).as("seed %d", seed).isEqualTo(sent.topic());
        assertThat(received.topicHash()).as("seed %d", seed).isEqualTo(sent.topicHash());
        assertThat(received.qos()).as("seed %d", seed).isEqualTo(sent.qos());
        assertThat(received.isRetain()).as("seed %d", seed).isEqualTo(sent.isRetain());
        assertThat(received.isDuplicate()).as("seed %d", seed).isEqualTo(sent.isDuplicate());
        assertThat(received.packetId()).as("seed %d", seed).isEqualTo(sent.packetId());
        assertThat(received.properties()).as("seed %d", seed).isEqualTo(sent.properties());
        assertThat(Arrays.equals(payload(received), payload(sent))).as("seed %d", seed).isTrue();
    }

    private static void assertSameAcknowledgement(
            long seed, Acknowledgement sent, Packet received) {
        Acknowledgement ack = (Acknowledgement) received;
        assertThat(ack.type()).as("seed %d", seed).isEqualTo(sent.type());
        assertThat(ack.packetId()).as("seed %d", seed).isEqualTo(sent.packetId());
        assertThat(ack.reason()).as("seed %d", seed).isEqualTo(sent.reason());
        assertThat(ack.properties()).as("seed %d", seed).isEqualTo(sent.properties());
    }

    private static byte[] payload(Publish publish) {
        byte[] payload = new byte[publish.payloadLength()];
        publish.frame().getBytes(publish.payloadIndex(), payload);
        return payload;
    }
}
