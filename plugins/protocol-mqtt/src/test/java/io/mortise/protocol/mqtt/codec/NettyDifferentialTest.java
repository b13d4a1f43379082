// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.mqtt.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.mqtt.MqttDecoder;
import io.netty.handler.codec.mqtt.MqttEncoder;
import io.netty.handler.codec.mqtt.MqttMessage;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** Netty's codec as an oracle: what we write it must read, and what it writes then we must read. */
class NettyDifferentialTest {
    private static final int PACKETS = Boolean.getBoolean("mortise.deep") ? 50_000 : 4_000;

    @Test
    void packetsSurviveNettysCodec() {
        for (long seed = 0; seed < PACKETS; seed++) {
            PacketGenerator generator = new PacketGenerator(seed);
            ProtocolVersion version = generator.version();
            Packet packet = generator.packet(version);
            byte[] frame = Frames.encode(version, packet);

            byte[] throughNetty = throughNetty(seed, version, frame);

            Decoded back = Frames.decode(version, throughNetty);
            assertThat(describe(back)).as("seed %d", seed).isEqualTo(describe(packet));
        }
    }

    private static byte[] throughNetty(long seed, ProtocolVersion version, byte[] frame) {
        EmbeddedChannel channel = new EmbeddedChannel(new MqttDecoder(1 << 20, 1000));
        EmbeddedChannel encoder = new EmbeddedChannel(MqttEncoder.INSTANCE);
        try {
            // Both learn the version from the CONNECT that passes.
            Connect connect =
                    new Connect(version, true, 0, "c", Properties.EMPTY, null, null, null);
            channel.writeInbound(Unpooled.wrappedBuffer(Frames.encode(version, connect)));
            assertThat(encoder.writeOutbound(channel.<MqttMessage>readInbound())).isTrue();
            encoder.<ByteBuf>readOutbound().release();

            channel.writeInbound(Unpooled.wrappedBuffer(frame));
            MqttMessage message = channel.readInbound();
            assertThat(message.decoderResult().cause()).as("seed %d", seed).isNull();
            encoder.writeOutbound(message);
            return outbound(encoder);
        } finally {
            channel.finishAndReleaseAll();
            encoder.finishAndReleaseAll();
        }
    }

    private static byte[] outbound(EmbeddedChannel encoder) {
        ByteBuf all = Unpooled.buffer();
        for (ByteBuf part = encoder.readOutbound(); part != null; part = encoder.readOutbound()) {
            all.writeBytes(part);
            part.release();
        }
        return ByteBufUtil.getBytes(all);
    }

    /** The packet as text; Netty keeps no order among different properties. */
    private static String describe(Decoded decoded) {
        return switch (decoded) {
            case Malformed malformed -> malformed.toString();
            case Publish p ->
                    p.topic()
                            + (p.qos() + " " + p.isRetain() + p.isDuplicate() + p.packetId())
                            + ByteBufUtil.hexDump(p.frame(), p.payloadIndex(), p.payloadLength())
                            + describe(p.properties());
            case Acknowledgement a ->
                    a.type() + " " + a.packetId() + a.reason() + describe(a.properties());
            case Connect c ->
                    c.version()
                            + (c.clientId() + c.cleanStart() + c.keepAliveSeconds())
                            + (c.userName() + hex(c.password()))
                            + describe(c.properties())
                            + describe(c.will());
            case ConnAck c ->
                    "CONNACK " + c.sessionPresent() + c.reason() + describe(c.properties());
            case Subscribe s ->
                    "SUBSCRIBE " + s.packetId() + s.filters() + describe(s.properties());
            case SubAck s -> "SUBACK " + s.packetId() + s.reasons() + describe(s.properties());
            case Unsubscribe u ->
                    "UNSUBSCRIBE " + u.packetId() + u.filters() + describe(u.properties());
            case UnsubAck u -> "UNSUBACK " + u.packetId() + u.reasons() + describe(u.properties());
            case Disconnect d -> "DISCONNECT " + d.reason() + describe(d.properties());
            case Auth a -> "AUTH " + a.reason() + describe(a.properties());
            case Ping ping -> ping.name();
        };
    }

    private static String describe(@Nullable Will will) {
        return will == null
                ? ""
                : will.topic()
                        + (will.qos() + " " + will.retain())
                        + hex(will.payload())
                        + describe(will.properties());
    }

    private static String hex(byte @Nullable [] bytes) {
        return bytes == null ? "" : HexFormat.of().formatHex(bytes);
    }

    private static String describe(Properties properties) {
        List<String> all = new ArrayList<>();
        PropertyCursor cursor = properties.cursor();
        while (cursor.next()) {
            String value = ByteBufUtil.hexDump(cursor.binary());
            String name = cursor.property() == Property.USER_PROPERTY ? cursor.name() : "";
            all.add(cursor.property() + name + "=" + value);
        }
        all.sort(null);
        return all.toString();
    }
}
