// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.protocol.kafka;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

import org.apache.kafka.common.message.RequestHeaderData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.MessageUtil;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;

/** Speaks to the plugin byte by byte. */
final class WireClient implements AutoCloseable {
    private static final int CORRELATION_ID = 77;

    private final Socket socket;
    private final DataInputStream in;
    private final OutputStream out;

    WireClient(int port) throws IOException {
        socket = new Socket("127.0.0.1", port);
        socket.setSoTimeout(10_000);
        socket.setTcpNoDelay(true);
        in = new DataInputStream(socket.getInputStream());
        out = socket.getOutputStream();
    }

    /** Header and body, without the length. */
    static byte[] request(ApiMessage message, short version) {
        ApiKeys api = ApiKeys.forId(message.apiKey());
        RequestHeaderData header =
                new RequestHeaderData()
                        .setRequestApiKey(api.id)
                        .setRequestApiVersion(version)
                        .setCorrelationId(CORRELATION_ID)
                        .setClientId("wire");
        ByteBuffer head =
                MessageUtil.toByteBufferAccessor(header, api.requestHeaderVersion(version))
                        .buffer();
        ByteBuffer body = MessageUtil.toByteBufferAccessor(message, version).buffer();
        byte[] bytes = new byte[head.remaining() + body.remaining()];
        head.get(bytes, 0, head.remaining());
        body.get(bytes, bytes.length - body.remaining(), body.remaining());
        return bytes;
    }

    /** Sends one frame. */
    void send(byte[] frame) throws IOException {
        ByteBuf bytes = Unpooled.buffer(4 + frame.length).writeInt(frame.length).writeBytes(frame);
        raw(bytes.array());
    }

    /** Sends bytes as they are. */
    void raw(byte[] bytes) throws IOException {
        out.write(bytes);
        out.flush();
    }

    /** The next frame, header included. */
    ByteBuffer receive() throws IOException {
        byte[] frame = new byte[in.readInt()];
        in.readFully(frame);
        return ByteBuffer.wrap(frame);
    }

    /** Sends a request and reads its answer into the message. */
    <R extends ApiMessage> R call(ApiMessage message, short version, R response)
            throws IOException {
        send(request(message, version));
        ByteBuffer answer = receive();
        int correlation = answer.getInt();
        if (correlation != CORRELATION_ID) {
            throw new IOException("an answer to " + correlation);
        }
        if (ApiKeys.forId(message.apiKey()).responseHeaderVersion(version) > 0) {
            answer.get();
        }
        response.read(new ByteBufferAccessor(answer), version);
        return response;
    }

    /** Whether the broker has ended the connection; waits for it. */
    boolean ended() throws IOException {
        try {
            while (true) {
                in.readByte();
            }
        } catch (EOFException | SocketException e) {
            return true;
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
