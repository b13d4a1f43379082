// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.mqtt.handler;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.protocol.mqtt.codec.ConnAck;
import io.mortise.protocol.mqtt.codec.Connect;
import io.mortise.protocol.mqtt.codec.Decoded;
import io.mortise.protocol.mqtt.codec.FixedHeader;
import io.mortise.protocol.mqtt.codec.Packet;
import io.mortise.protocol.mqtt.codec.PacketDecoder;
import io.mortise.protocol.mqtt.codec.PacketEncoder;
import io.mortise.protocol.mqtt.codec.Properties;
import io.mortise.protocol.mqtt.codec.ProtocolVersion;
import io.mortise.protocol.mqtt.codec.Publish;
import io.mortise.protocol.mqtt.session.ConnectionLoop;
import io.mortise.protocol.mqtt.session.Counters;
import io.mortise.protocol.mqtt.session.MqttSettings;
import io.mortise.spi.protocol.Connection;
import io.mortise.spi.testing.TestMetrics;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.embedded.EmbeddedChannel;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/** A client in front of the real handler, over an embedded channel and a {@link FakeBroker}. */
final class TestClient implements AutoCloseable {
    static final MqttSettings SETTINGS = new MqttSettings(65_536, 3, 1_000, 0xFFFFFFFFL, 0, 10);

    final FakeBroker broker = new FakeBroker();
    final TestMetrics metrics = new TestMetrics();
    final EmbeddedChannel channel = new EmbeddedChannel();
    final ConnectionLoop loop;
    final ProtocolVersion version;
    boolean established;

    TestClient(ProtocolVersion version) {
        this(version, SETTINGS);
    }

    TestClient(ProtocolVersion version, MqttSettings settings) {
        this.version = version;
        loop = new ConnectionLoop(channel.eventLoop(), Counters.in(metrics));
        LoopHandlers handlers = new LoopHandlers(loop, settings, broker, new Random(1));
        channel.pipeline().addLast(new MqttChannelHandler(handlers, new Accepted()));
    }

    /** A client whose CONNECT was accepted. */
    static TestClient connected(ProtocolVersion version) {
        TestClient client = new TestClient(version);
        client.send(connect(version));
        assertThat(client.receive()).singleElement().isInstanceOf(ConnAck.class);
        return client;
    }

    static Connect connect(ProtocolVersion version) {
        return connect(version, Properties.EMPTY);
    }

    static Connect connect(ProtocolVersion version, Properties properties) {
        return new Connect(version, true, 60, "device1", properties, null, null, null);
    }

    static Publish publish(String topic, int qos, int packetId, Properties properties) {
        byte[] payload = "21.5".getBytes(StandardCharsets.UTF_8);
        return Publish.of(topic, qos, false, false, packetId, properties, payload);
    }

    void send(Packet... packets) {
        ByteBuf out = channel.alloc().buffer();
        for (Packet packet : packets) {
            PacketEncoder.encode(out, version, packet);
        }
        channel.writeInbound(out);
    }

    void send(byte[] bytes) {
        channel.writeInbound(channel.alloc().buffer().writeBytes(bytes));
    }

    /** What was written since the last call, in order. */
    List<Packet> receive() {
        channel.runPendingTasks();
        ByteBuf all = Unpooled.wrappedBuffer(receiveBytes());
        List<Packet> packets = new ArrayList<>();
        while (all.isReadable()) {
            int length = FixedHeader.frameLength(all, Integer.MAX_VALUE);
            Decoded decoded = new PacketDecoder().decode(all, length, version);
            assertThat(decoded).isInstanceOf(Packet.class);
            packets.add((Packet) decoded);
        }
        return packets;
    }

    <T extends Packet> T receive(Class<T> type) {
        List<Packet> packets = receive();
        assertThat(packets).singleElement().isInstanceOf(type);
        return type.cast(packets.getFirst());
    }

    byte[] receiveBytes() {
        channel.runPendingTasks();
        ByteBuf all = Unpooled.buffer();
        for (ByteBuf part = channel.readOutbound(); part != null; part = channel.readOutbound()) {
            all.writeBytes(part);
            part.release();
        }
        return ByteBufUtil.getBytes(all);
    }

    boolean isClosed() {
        channel.runPendingTasks();
        return !channel.isOpen();
    }

    FakeSession session() {
        return broker.session();
    }

    /** A counter's value, after the tick that counts a turn without output. */
    long count(String counter) {
        channel.advanceTimeBy(500, TimeUnit.MILLISECONDS);
        channel.runScheduledPendingTasks();
        return metrics.count("mortise_mqtt_" + counter + "_total");
    }

    @Override
    public void close() {
        channel.finishAndReleaseAll();
        assertThat(count("failures")).isZero();
        assertThat(loop.connections()).isZero();
    }

    private final class Accepted implements Connection {
        @Override
        public Channel channel() {
            return channel;
        }

        @Override
        public InetSocketAddress remote() {
            return new InetSocketAddress(InetAddress.getLoopbackAddress(), 40_000);
        }

        @Override
        public String listener() {
            return "mqtt";
        }

        @Override
        public boolean encrypted() {
            return false;
        }

        @Override
        public void established() {
            established = true;
        }
    }
}
