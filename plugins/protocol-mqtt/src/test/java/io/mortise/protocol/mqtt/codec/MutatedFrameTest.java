// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.mqtt.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;

import org.junit.jupiter.api.Test;

import java.util.Random;

class MutatedFrameTest {
    private static final int FRAMES = Boolean.getBoolean("mortise.deep") ? 100_000 : 5_000;

    @Test
    void neverEscapeTheCodec() {
        int malformed = 0;
        for (long seed = 0; seed < FRAMES; seed++) {
            Random random = new Random(seed);
            ByteBuf stream = mutated(seed, random);
            try {
                malformed += drain(stream, ProtocolVersion.values()[random.nextInt(2)]);
            } catch (RuntimeException e) {
                throw new AssertionError("seed " + seed, e);
            } finally {
                assertThat(stream.release()).as("seed %d holds a reference", seed).isTrue();
            }
        }
        assertThat(malformed).isBetween(FRAMES / 20, FRAMES);
    }

    /** Reads what is complete, as a connection does; 1 if it ended by a refusal. */
    private static int drain(ByteBuf stream, ProtocolVersion version) {
        PacketDecoder decoder = new PacketDecoder();
        while (true) {
            int length = FixedHeader.frameLength(stream, Frames.MAX_BYTES);
            if (length < 0) {
                return 1;
            }
            if (length == FixedHeader.INCOMPLETE || length > stream.readableBytes()) {
                return 0;
            }
            Decoded decoded = decoder.decode(stream, length, version);
            if (decoded instanceof Malformed) {
                return 1;
            }
            readAll((Packet) decoded);
        }
    }

    /** What passed the decoder must be readable to its last property, and encode again. */
    private static void readAll(Packet packet) {
        if (packet instanceof Publish publish) {
            assertThat(publish.topic()).isNotNull();
            PropertyCursor cursor = publish.properties().cursor();
            while (cursor.next()) {
                switch (cursor.property().form()) {
                    case TEXT, TOPIC, PAIR -> cursor.text();
                    case BINARY -> cursor.binary();
                    default -> cursor.number();
                }
            }
        }
        Frames.encode(ProtocolVersion.V5, packet);
    }

    private static ByteBuf mutated(long seed, Random random) {
        PacketGenerator generator = new PacketGenerator(seed);
        ProtocolVersion version = generator.version();
        ByteBuf stream = PooledByteBufAllocator.DEFAULT.buffer();
        for (int i = 0; i < 2; i++) {
            PacketEncoder.encode(stream, version, generator.packet(version));
        }
        for (int i = 1 + random.nextInt(4); i > 0; i--) {
            int at = random.nextInt(Math.min(stream.writerIndex(), 60));
            stream.setByte(at, random.nextInt(256));
        }
        if (random.nextInt(4) == 0) {
            stream.writerIndex(random.nextInt(stream.writerIndex()));
        }
        return stream;
    }
}
