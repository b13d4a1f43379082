// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.bench;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;

/**
 * One MQTT 3.1.1 connection of the load generator: frames and acknowledgements, without an object
 * per message. Everything runs on the generator's one event loop.
 */
abstract class MqttClient extends ChannelInboundHandlerAdapter {
    private static final int CONNACK = 2;
    private static final int PUBLISH = 3;
    private static final int PUBACK = 4;
    private static final int SUBACK = 9;

    private final String clientId;
    private @Nullable ByteBuf rest;
    private @Nullable ByteBuf answer;
    private @Nullable ChannelHandlerContext context;

    MqttClient(String clientId) {
        this.clientId = clientId;
    }

    /** The broker accepted the connection. */
    abstract void connected();

    /** The broker accepted the subscription. */
    void subscribed() {}

    /** A PUBACK arrived. */
    void acknowledged() {}

    /** A message arrived: its payload lies at {@code index}. */
    void message(ByteBuf buffer, int index, int length) {}

    /** Everything that one read brought was handled. */
    void turnEnded() {}

    ChannelHandlerContext context() {
        ChannelHandlerContext known = context;
        if (known == null) {
            throw new IllegalStateException(clientId + " is not connected");
        }
        return known;
    }

    @Override
    public void channelActive(ChannelHandlerContext active) {
        context = active;
        byte[] id = clientId.getBytes(StandardCharsets.US_ASCII);
        ByteBuf out = active.alloc().directBuffer();
        out.writeByte(0x10).writeByte(12 + id.length);
        text(out, "MQTT").writeByte(4).writeByte(2).writeShort(0);
        out.writeShort(id.length).writeBytes(id);
        active.writeAndFlush(out);
    }

    final void subscribe(String filter, int qos) {
        ByteBuf out = context().alloc().directBuffer();
        out.writeByte(0x82).writeByte(5 + filter.length()).writeShort(1);
        text(out, filter).writeByte(qos);
        context().writeAndFlush(out);
    }

    static ByteBuf text(ByteBuf out, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        return out.writeShort(bytes.length).writeBytes(bytes);
    }

    @Override
    public void channelRead(ChannelHandlerContext active, Object read) {
        ByteBuf in = (ByteBuf) read;
        ByteBuf before = rest;
        if (before != null) {
            before.writeBytes(in);
            in.release();
            in = before;
            rest = null;
        }
        frames(in);
        if (in.isReadable()) {
            rest = active.alloc().directBuffer(Math.max(4096, 2 * in.readableBytes()));
            rest.writeBytes(in);
        }
        in.release();
    }

    private void frames(ByteBuf in) {
        while (in.readableBytes() >= 2) {
            int start = in.readerIndex();
            int at = start + 1;
            int length = 0;
            int shift = 0;
            int digit;
            do {
                if (at >= in.writerIndex()) {
                    return;
                }
                digit = in.getByte(at++);
                length |= (digit & 0x7F) << shift;
                shift += 7;
            } while (digit < 0);
            if (in.writerIndex() - at < length) {
                return;
            }
            packet(in, in.getByte(start) & 0xFF, at, length);
            in.readerIndex(at + length);
        }
    }

    private void packet(ByteBuf in, int first, int at, int length) {
        switch (first >> 4) {
            case CONNACK -> {
                if (in.getByte(at + 1) != 0) {
                    throw new IllegalStateException(clientId + " refused: " + in.getByte(at + 1));
                }
                connected();
            }
            case SUBACK -> {
                if ((in.getByte(at + length - 1) & 0x80) != 0) {
                    throw new IllegalStateException(clientId + ": subscription refused");
                }
                subscribed();
            }
            case PUBACK -> acknowledged();
            case PUBLISH -> publish(in, first, at, length);
            default -> throw new IllegalStateException(clientId + ": packet type " + (first >> 4));
        }
    }

    private void publish(ByteBuf in, int first, int at, int length) {
        int payload = at + 2 + in.getUnsignedShort(at);
        if ((first & 0x06) != 0) {
            ByteBuf out = answer == null ? context().alloc().directBuffer(4096) : answer;
            answer = out;
            out.writeByte(0x40).writeByte(2).writeShort(in.getUnsignedShort(payload));
            payload += 2;
        }
        message(in, payload, at + length - payload);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext active) {
        ByteBuf out = answer;
        if (out != null) {
            answer = null;
            active.writeAndFlush(out);
        }
        turnEnded();
    }

    @Override
    public void channelInactive(ChannelHandlerContext active) {
        ByteBuf left = rest;
        rest = null;
        if (left != null) {
            left.release();
        }
        MqttFlow.connectionLost(clientId);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext active, Throwable cause) {
        System.err.println(clientId + ": " + cause);
        active.close();
    }
}
