// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.tests.mqtt;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A socket that sends what no client library would. */
final class RawClient implements AutoCloseable {
    private final Socket socket;

    private RawClient(Socket socket) {
        this.socket = socket;
    }

    static RawClient connect(int port) throws IOException {
        Socket socket = new Socket(InetAddress.getByName("127.0.0.1"), port);
        socket.setSoTimeout(20_000);
        socket.setTcpNoDelay(true);
        return new RawClient(socket);
    }

    void send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
    }

    /** The next bytes, fewer if the broker closes before. */
    byte[] read(int count) throws IOException {
        return socket.getInputStream().readNBytes(count);
    }

    /** Whether the broker closes the connection, whatever it says before. */
    boolean isClosedByPeer() throws IOException {
        try {
            byte[] last = new byte[256];
            while (socket.getInputStream().read(last) >= 0) {
                Arrays.fill(last, (byte) 0);
            }
            return true;
        } catch (java.net.SocketTimeoutException e) {
            return false;
        } catch (IOException reset) {
            return true;
        }
    }

    /** A 3.1.1 CONNECT with Clean Session. */
    static byte[] connect(String clientId) {
        return connect(clientId, 0x02, new byte[0]);
    }

    /** A 3.1.1 CONNECT with Clean Session and a will of QoS 1. */
    static byte[] connectWithWill(String clientId, String topic, String text) {
        ByteArrayOutputStream will = new ByteArrayOutputStream();
        prefixed(will, topic);
        prefixed(will, text);
        return connect(clientId, 0x02 | 0x04 | 0x08, will.toByteArray());
    }

    /** A QoS 0 PUBLISH of 3.1.1, below 128 bytes. */
    static byte[] publish(String topic, String text) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        prefixed(body, topic);
        body.writeBytes(text.getBytes(StandardCharsets.UTF_8));
        return packet(0x30, body.toByteArray());
    }

    /** A packet with a remaining length below 128. */
    static byte[] packet(int firstByte, byte[] body) {
        ByteArrayOutputStream packet = new ByteArrayOutputStream();
        packet.write(firstByte);
        packet.write(body.length);
        packet.writeBytes(body);
        return packet.toByteArray();
    }

    private static byte[] connect(String clientId, int flags, byte[] will) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        prefixed(body, "MQTT");
        body.write(4);
        body.write(flags);
        body.write(0);
        body.write(60);
        prefixed(body, clientId);
        body.writeBytes(will);
        return packet(0x10, body.toByteArray());
    }

    private static void prefixed(ByteArrayOutputStream out, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.write(bytes.length >> 8);
        out.write(bytes.length);
        out.writeBytes(bytes);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
