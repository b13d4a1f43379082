// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.tests.mqtt;

import io.mortise.protocol.mqtt.codec.Acknowledgement;
import io.mortise.protocol.mqtt.codec.ConnAck;
import io.mortise.protocol.mqtt.codec.Connect;
import io.mortise.protocol.mqtt.codec.Decoded;
import io.mortise.protocol.mqtt.codec.FixedHeader;
import io.mortise.protocol.mqtt.codec.Packet;
import io.mortise.protocol.mqtt.codec.PacketDecoder;
import io.mortise.protocol.mqtt.codec.PacketEncoder;
import io.mortise.protocol.mqtt.codec.PacketType;
import io.mortise.protocol.mqtt.codec.Properties;
import io.mortise.protocol.mqtt.codec.Property;
import io.mortise.protocol.mqtt.codec.ProtocolVersion;
import io.mortise.protocol.mqtt.codec.Publish;
import io.mortise.protocol.mqtt.codec.ReasonCode;
import io.mortise.protocol.mqtt.codec.SubAck;
import io.mortise.protocol.mqtt.codec.Subscribe;
import io.mortise.protocol.mqtt.codec.Subscription;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;

import org.jspecify.annotations.Nullable;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A blocking client that does nothing on its own: no reconnect, no resend, no acknowledgement but
 * those a test sends. For one thread.
 */
final class CodecClient implements AutoCloseable {
    private final Socket socket = new Socket();
    private final ByteBuf in = Unpooled.buffer();
    private final byte[] chunk;
    private final ProtocolVersion version;

    private CodecClient(ProtocolVersion version, int chunkBytes) {
        this.version = version;
        chunk = new byte[chunkBytes];
    }

    /** Of 3.1.1. */
    static CodecClient connect(int port) throws IOException {
        return connect(ProtocolVersion.V3_1_1, port, 8_192, 0);
    }

    /** Of 5.0. */
    static CodecClient connectV5(int port) throws IOException {
        return connect(ProtocolVersion.V5, port, 8_192, 0);
    }

    /**
     * As above.
     *
     * @param receiveBufferBytes of the socket; 0 leaves it to the system
     */
    static CodecClient connect(
            ProtocolVersion version, int port, int chunkBytes, int receiveBufferBytes)
            throws IOException {
        CodecClient client = new CodecClient(version, chunkBytes);
        if (receiveBufferBytes > 0) {
            client.socket.setReceiveBufferSize(receiveBufferBytes);
        }
        client.socket.setTcpNoDelay(true);
        client.socket.connect(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), port));
        client.socket.setSoTimeout(30_000);
        return client;
    }

    /** Connects; whether a session was there. */
    boolean open(String clientId, boolean cleanSession) throws IOException {
        return open(clientId, cleanSession, 0, Properties.EMPTY).sessionPresent();
    }

    /** Connects as told and answers the good CONNACK. */
    ConnAck open(String clientId, boolean cleanStart, int keepAlive, Properties properties)
            throws IOException {
        send(new Connect(version, cleanStart, keepAlive, clientId, properties, null, null, null));
        ConnAck answer = (ConnAck) receive();
        if (answer.reason() != ReasonCode.SUCCESS) {
            throw new IOException("refused: " + answer.reason());
        }
        return answer;
    }

    SubAck subscribe(String filter, int qos) throws IOException {
        Subscription subscription = new Subscription(filter, qos);
        send(new Subscribe(1, Properties.EMPTY, List.of(subscription)));
        return (SubAck) receive();
    }

    SubAck subscribe(String filter, int qos, int identifier) throws IOException {
        Properties properties =
                Properties.builder().number(Property.SUBSCRIPTION_IDENTIFIER, identifier).build();
        send(new Subscribe(1, properties, List.of(new Subscription(filter, qos))));
        return (SubAck) receive();
    }

    void publish(String topic, int qos, int packetId, byte[] payload) throws IOException {
        send(Publish.of(topic, qos, false, false, packetId, Properties.EMPTY, payload));
    }

    void acknowledge(PacketType type, int packetId) throws IOException {
        send(new Acknowledgement(type, packetId, ReasonCode.SUCCESS, Properties.EMPTY));
    }

    void send(Packet packet) throws IOException {
        ByteBuf out = Unpooled.buffer();
        PacketEncoder.encode(out, version, packet);
        socket.getOutputStream().write(ByteBufUtil.getBytes(out));
    }

    /** The next packet; waits for it. */
    Packet receive() throws IOException {
        Packet packet = receive(30_000);
        if (packet == null) {
            throw new SocketTimeoutException("no packet within 30 s");
        }
        return packet;
    }

    /** The next packet, or null if none comes in time. */
    @Nullable Packet receive(int timeoutMillis) throws IOException {
        socket.setSoTimeout(timeoutMillis);
        while (true) {
            int length = FixedHeader.frameLength(in, Integer.MAX_VALUE);
            if (length > 0 && length <= in.readableBytes()) {
                Decoded decoded = new PacketDecoder().decode(in, length, version);
                return (Packet) decoded;
            }
            try {
                fill();
            } catch (SocketTimeoutException e) {
                return null;
            }
        }
    }

    private void fill() throws IOException {
        int read = socket.getInputStream().read(chunk);
        if (read < 0) {
            throw new EOFException("closed by the broker");
        }
        if (!in.isReadable()) {
            in.clear();
        }
        in.discardReadBytes();
        in.writeBytes(chunk, 0, read);
    }

    static String text(Publish publish) {
        return publish.frame()
                .toString(publish.payloadIndex(), publish.payloadLength(), StandardCharsets.UTF_8);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
