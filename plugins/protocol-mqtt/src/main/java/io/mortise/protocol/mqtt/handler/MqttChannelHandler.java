// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.mqtt.handler;

import io.mortise.protocol.mqtt.codec.Acknowledgement;
import io.mortise.protocol.mqtt.codec.Auth;
import io.mortise.protocol.mqtt.codec.ConnAck;
import io.mortise.protocol.mqtt.codec.Connect;
import io.mortise.protocol.mqtt.codec.Decoded;
import io.mortise.protocol.mqtt.codec.Disconnect;
import io.mortise.protocol.mqtt.codec.FixedHeader;
import io.mortise.protocol.mqtt.codec.Malformed;
import io.mortise.protocol.mqtt.codec.PacketEncoder;
import io.mortise.protocol.mqtt.codec.PacketType;
import io.mortise.protocol.mqtt.codec.Ping;
import io.mortise.protocol.mqtt.codec.Publish;
import io.mortise.protocol.mqtt.codec.ReasonCode;
import io.mortise.protocol.mqtt.codec.SubAck;
import io.mortise.protocol.mqtt.codec.Subscribe;
import io.mortise.protocol.mqtt.codec.UnsubAck;
import io.mortise.protocol.mqtt.codec.Unsubscribe;
import io.mortise.protocol.mqtt.mapping.ReasonMapping;
import io.mortise.protocol.mqtt.session.ClientConnection;
import io.mortise.protocol.mqtt.session.ClientConnection.State;
import io.mortise.protocol.mqtt.session.FrameAssembler;
import io.mortise.spi.Refusal;
import io.mortise.spi.broker.Delivery;
import io.mortise.spi.broker.Receiver;
import io.mortise.spi.protocol.Connection;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;

/**
 * The one handler of a client's channel: cuts frames, hands packets to the request handlers, and is
 * the receiving end of the client's session.
 */
public final class MqttChannelHandler extends ChannelInboundHandlerAdapter
        implements Receiver, FrameAssembler.Sink {
    private static final Logger LOG = LoggerFactory.getLogger(MqttChannelHandler.class);

    private final LoopHandlers handlers;
    private final ClientConnection connection;
    private final FrameAssembler frames;
    private boolean deliveryRefused;

    public MqttChannelHandler(LoopHandlers handlers, Connection accepted) {
        this.handlers = handlers;
        this.connection = new ClientConnection(accepted, handlers.loop);
        this.frames = new FrameAssembler(handlers.settings.maxPacketBytes());
    }

    // The channel

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf in = (ByteBuf) message;
        try {
            if (connection.state() != State.CLOSED) {
                connection.touch();
                frames.read(in, context.alloc(), this);
            }
        } finally {
            in.release();
            if (connection.state() == State.CLOSED) {
                frames.release(); // nothing kept will be read
            }
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        connection.checkPressure();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (!context.channel().isWritable()) {
            return;
        }
        connection.unpause(ClientConnection.WRITING);
        if (deliveryRefused && connection.isConnected()) {
            deliveryRefused = false;
            connection.session().resume();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        LOG.debug("{} disconnected", connection);
        frames.release();
        connection.closed();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (cause instanceof IOException) {
            LOG.debug("{}: {}", connection, cause.toString());
        } else {
            handlers.loop.counters().failures().add(1);
            LOG.error("{} is closed after a failure", connection, cause);
        }
        context.close();
    }

    // Frames

    @Override
    public boolean accepts() {
        State state = connection.state();
        return state == State.CONNECTED || state == State.NEW;
    }

    @Override
    public void frame(ByteBuf in, int length) {
        boolean isConnect = in.getByte(in.readerIndex()) == PacketType.CONNECT.firstByte();
        if (connection.state() == State.NEW && !isConnect) {
            connection.fault(ReasonCode.PROTOCOL_ERROR, "no CONNECT"); // [MQTT-3.1.0-1]
            return;
        }
        Decoded decoded = handlers.loop.decoder().decode(in, length, connection.version());
        if (decoded instanceof Publish publish) { // the busiest first: a switch looks types up
            handlers.publish.onPublish(connection, publish);
        } else if (decoded instanceof Acknowledgement ack) {
            acknowledgement(ack);
        } else {
            any(decoded);
        }
    }

    @Override
    public void fault(int fault) {
        if (fault == FixedHeader.TOO_LARGE) {
            String text = "packet exceeds " + handlers.settings.maxPacketBytes() + " bytes";
            connection.fault(ReasonCode.PACKET_TOO_LARGE, text);
        } else {
            connection.fault(ReasonCode.MALFORMED_PACKET, "remaining length has five bytes");
        }
    }

    private void any(Decoded decoded) {
        switch (decoded) {
            case Malformed malformed -> malformed(malformed);
            case Publish publish -> handlers.publish.onPublish(connection, publish);
            case Acknowledgement ack -> acknowledgement(ack);
            case Ping ping -> ping(ping);
            case Connect connect -> handlers.connect.onConnect(connection, connect, this);
            case Subscribe subscribe -> handlers.subscribe.onSubscribe(connection, subscribe);
            case Unsubscribe unsubscribe ->
                    handlers.unsubscribe.onUnsubscribe(connection, unsubscribe);
            case Disconnect disconnect -> handlers.disconnect.onDisconnect(connection, disconnect);
            case Auth auth -> unexpected("AUTH without an authentication method"); // 4.12
            case ConnAck ack -> unexpected("CONNACK from a client");
            case SubAck ack -> unexpected("SUBACK from a client");
            case UnsubAck ack -> unexpected("UNSUBACK from a client");
        }
    }

    private void acknowledgement(Acknowledgement packet) {
        if (packet.type() == PacketType.PUBREL) {
            handlers.publish.onRelease(connection, packet.packetId());
        } else {
            handlers.delivery.onAcknowledgement(connection, packet);
        }
    }

    private void ping(Ping ping) {
        if (ping == Ping.REQUEST) {
            PacketEncoder.ping(connection.outbox().reserve(2), Ping.RESPONSE);
        } else {
            unexpected("PINGRESP from a client");
        }
    }

    private void unexpected(String text) {
        connection.fault(ReasonCode.PROTOCOL_ERROR, text);
    }

    private void malformed(Malformed malformed) {
        LOG.debug("{}: {}", connection, malformed.text());
        boolean answered =
                malformed.version().isV5()
                        || malformed.reason() == ReasonCode.UNSUPPORTED_PROTOCOL_VERSION;
        if (connection.state() == State.NEW && answered) {
            handlers.loop.counters().malformed().add(1);
            connection.refuse(malformed.version(), malformed.reason(), malformed.text());
        } else {
            connection.fault(malformed.reason(), malformed.text());
        }
    }

    // The session

    /** CONNECT was answered: goes on with what came behind it. */
    void connected() {
        connection.unpause(ClientConnection.CONNECTING);
        Channel channel = connection.connection().channel();
        frames.read(Unpooled.EMPTY_BUFFER, channel.alloc(), this);
        connection.checkPressure();
    }

    @Override
    public boolean deliver(Delivery delivery) {
        boolean taken = handlers.delivery.deliver(connection, delivery);
        deliveryRefused |= !taken;
        return taken;
    }

    @Override
    public void flush() {
        // The outbox is flushed once at the end of the loop's turn.
    }

    @Override
    public void release(int deliveryId) {
        handlers.delivery.release(connection, deliveryId);
    }

    @Override
    public void publishable() {
        connection.unpause(ClientConnection.PUBLISHING);
    }

    @Override
    public void closed(Refusal reason) {
        connection.lost(ReasonMapping.disconnect(reason), reason.message());
    }
}
