// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.mqtt;

import io.mortise.protocol.mqtt.codec.ReasonCode;
import io.mortise.protocol.mqtt.handler.LoopHandlers;
import io.mortise.protocol.mqtt.handler.MqttChannelHandler;
import io.mortise.protocol.mqtt.session.ConnectionLoop;
import io.mortise.protocol.mqtt.session.Counters;
import io.mortise.protocol.mqtt.session.MqttSettings;
import io.mortise.spi.Registration;
import io.mortise.spi.protocol.Connection;
import io.mortise.spi.protocol.Protocol;
import io.mortise.spi.protocol.ProtocolContext;
import io.mortise.spi.security.Principal;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.ChannelConfig;
import io.netty.channel.EventLoop;
import io.netty.channel.WriteBufferWaterMark;

import org.jspecify.annotations.Nullable;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** The started plugin: takes connections, one set of handlers for each event loop. */
final class MqttServer implements Protocol {
    private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    /** Bytes written and not yet sent, at which deliveries to a client stop and go on. */
    private static final WriteBufferWaterMark WRITE_BUFFER =
            new WriteBufferWaterMark(64 * 1024, 256 * 1024);

    private final ProtocolContext context;
    private final MqttSettings settings;
    private final Counters counters;
    private final Registration gauge;
    private final Registration revocations;
    private final Map<EventLoop, LoopHandlers> loops = new ConcurrentHashMap<>();
    private volatile @Nullable Registration listener;

    MqttServer(ProtocolContext context, MqttSettings settings) {
        this.context = context;
        this.settings = settings;
        this.counters = Counters.in(context.metrics());
        this.gauge =
                context.metrics()
                        .gauge("mortise_mqtt_connections", "Open connections", this::connections);
        this.revocations = context.broker().security().onRevoked(this::revoke);
    }

    void listening(Registration registration) {
        listener = registration;
    }

    /** Takes an accepted connection, on its event loop. */
    void accept(Connection connection) {
        ChannelConfig config = connection.channel().config();
        // Its buffers are copied by address; the adaptive ones make an object for each copy, which
        // costs a small delivery four times as much.
        config.setAllocator(PooledByteBufAllocator.DEFAULT);
        config.setWriteBufferWaterMark(WRITE_BUFFER);
        LoopHandlers handlers =
                loops.computeIfAbsent(connection.channel().eventLoop(), this::handlers);
        connection.channel().pipeline().addLast(new MqttChannelHandler(handlers, connection));
    }

    @Override
    public boolean ready() {
        return listener != null;
    }

    @Override
    public void drain(long timeoutNanos) {
        for (LoopHandlers handlers : loops.values()) {
            ConnectionLoop loop = handlers.loop();
            loop.executor()
                    .execute(
                            () ->
                                    loop.disconnectAll(
                                            ReasonCode.SERVER_SHUTTING_DOWN,
                                            "the broker's MQTT plugin stops"));
        }
        awaitNoConnections(timeoutNanos);
    }

    @Override
    public void close() {
        Registration open = listener;
        listener = null;
        if (open != null) {
            open.close();
        }
        revocations.close();
        gauge.close();
        loops.clear();
    }

    int connections() {
        int sum = 0;
        for (LoopHandlers handlers : loops.values()) {
            sum += handlers.loop().connections();
        }
        return sum;
    }

    private void revoke(Set<Principal> principals) {
        for (LoopHandlers handlers : loops.values()) {
            ConnectionLoop loop = handlers.loop();
            loop.executor().execute(() -> loop.revoke(principals));
        }
    }

    private LoopHandlers handlers(EventLoop executor) {
        ConnectionLoop loop = new ConnectionLoop(executor, counters);
        return new LoopHandlers(loop, settings, context.broker(), context.random());
    }

    private void awaitNoConnections(long timeoutNanos) {
        long deadlineNanos = context.clock().nanoTime() + timeoutNanos;
        while (connections() > 0
                && context.clock().nanoTime() - deadlineNanos < 0
                && !Thread.currentThread().isInterrupted()) {
            LockSupport.parkNanos(POLL_NANOS);
        }
    }
}
